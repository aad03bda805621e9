#include <doctest/doctest.h>

#include "suite/select.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Labels stand behind the names: "net.a net slow".
Suite suite() {
  Suite suite = make_suite({"net.connect", "net.listen", "unit.parse", "unit.print", "unit.[odd]"});
  suite.suite_names = {"net", "unit"};
  for (Test& test : suite.tests) test.suite = test.name.substr(0, test.name.find('.'));
  suite.tests[0].labels = {"fast", "network"};
  suite.tests[1].labels = {"slow", "network"};
  suite.tests[2].labels = {"fast"};
  return suite;
}

std::string text_of(const Error& error) { return error.message + (error.hint.empty() ? "" : " | " + error.hint); }

std::string selected(const Suite& suite, const Selection& selection) {
  const Result<Selected> result = select(suite, selection);
  if (!result) return "error: " + text_of(result.error());
  Words names;
  for (const TestId id : result->tests) names.push_back(suite.tests[id].name);
  return show(names);
}

/// Why the selection is empty; "" when it is not.
std::string why_none(const Suite& suite, const Selection& selection) {
  const Result<Selected> result = select(suite, selection);
  REQUIRE_MESSAGE(result, message(result));
  REQUIRE(result->tests.empty() == !result->why_none.message.empty());
  return text_of(result->why_none);
}

}  // namespace

TEST_CASE("selection, option by option and together") {
  struct Row {
    Selection selection;
    std::string names;
  };
  for (const Row& row : {
           Row{{}, "[net.connect][net.listen][unit.parse][unit.print][unit.[odd]]"},
           // -R: anywhere in the name, any of several.
           Row{{.names = {"p"}}, "[unit.parse][unit.print]"},
           Row{{.names = {"^net", "print$"}}, "[net.connect][net.listen][unit.print]"},
           Row{{.names = {"zzz"}}, ""},
           // -E: none of several.
           Row{{.not_names = {"net", "parse"}}, "[unit.print][unit.[odd]]"},
           Row{{.names = {"unit"}, .not_names = {"p"}}, "[unit.[odd]]"},
           // -L: each must match a label; a test without labels has none that matches.
           Row{{.labels = {"net"}}, "[net.connect][net.listen]"},
           Row{{.labels = {"net", "fast"}}, "[net.connect]"},
           Row{{.labels = {"."}}, "[net.connect][net.listen][unit.parse]"},
           // -LE: out only when each matches a label.
           Row{{.not_labels = {"fast"}}, "[net.listen][unit.print][unit.[odd]]"},
           Row{{.not_labels = {"fast", "net"}}, "[net.listen][unit.parse][unit.print][unit.[odd]]"},
           Row{{.labels = {"fast"}, .not_labels = {"net"}}, "[unit.parse]"},
           // --suite: exact, any of several.
           Row{{.suites = {"net"}}, "[net.connect][net.listen]"},
           Row{{.suites = {"net", "unit"}}, "[net.connect][net.listen][unit.parse][unit.print][unit.[odd]]"},
           // Globs: whole names, any of several.
           Row{{.globs = {"unit.*"}}, "[unit.parse][unit.print][unit.[odd]]"},
           Row{{.globs = {"unit.[odd]"}}, "[unit.[odd]]"},
           Row{{.globs = {"*.parse", "net.connect"}}, "[net.connect][unit.parse]"},
           Row{{.names = {"print"}, .globs = {"unit.*"}}, "[unit.print]"},
           Row{{.names = {"net"}, .globs = {"unit.*"}}, ""},
       }) {
    CAPTURE(row.names);
    CHECK(selected(suite(), row.selection) == row.names);
  }
}

TEST_CASE("an unknown suite is an error with the nearest names") {
  CHECK(selected(suite(), {.suites = {"nett"}}) == R"(error: no suite is named "nett" | did you mean "net"?)");
}

TEST_CASE("an empty selection says which word matched nothing and what it may have meant") {
  struct Row {
    Selection selection;
    std::string why;
  };
  for (const Row& row : {
           Row{{.globs = {"unit.*"}}, ""},
           Row{{.globs = {"unit.pars"}}, R"(no test matches "unit.pars" | did you mean "unit.parse"?)"},
           Row{{.globs = {"unit.*", "something"}}, R"(no test matches "something" | see the tests there are with `ptests list`)"},
           Row{{.names = {"^conect"}}, R"(no test matches -R "^conect" | did you mean "net.connect"?)"},
           Row{{.names = {"zzz", "lissten$"}}, R"(no test matches -R "zzz" or "lissten$" | did you mean "net.listen"?)"},
           Row{{.names = {"z.*"}}, R"(no test matches -R "z.*" | see the tests there are with `ptests list`)"},
           Row{{.labels = {"netwrok"}}, R"(no label matches -L "netwrok" | did you mean "network"?)"},
           Row{{.labels = {"fast", "nightly"}}, R"(no label matches -L "nightly" | there is "fast", "network" or "slow")"},
           Row{{.labels = {"fast", "slow"}},
               "no tests matched | no test fits all of the options together; try `ptests list` with fewer of them"},
           Row{{.not_names = {"."}}, "no tests matched | no test fits all of the options together; try `ptests list` with fewer of them"},
       }) {
    CAPTURE(row.why);
    CHECK(why_none(suite(), row.selection) == row.why);
  }
}

TEST_CASE("an empty suite and one without labels say so") {
  CHECK(why_none(make_suite({}), {.names = {"x"}}) == "/b has no tests | is enable_testing() called in the top CMakeLists.txt?");
  CHECK(why_none(make_suite({"a"}), {.labels = {"x"}}) == R"(no label matches -L "x" | no test has a label)");
}

TEST_CASE("an invalid regular expression names its option") {
  CHECK(selected(suite(), {.names = {"("}}).starts_with(R"(error: -R: invalid regular expression "(": )"));
  CHECK(selected(suite(), {.not_names = {"("}}).starts_with("error: -E: "));
  CHECK(selected(suite(), {.labels = {"("}}).starts_with("error: -L: "));
  CHECK(selected(suite(), {.not_labels = {"("}}).starts_with("error: -LE: "));
}

TEST_CASE("the set-up and clean-up tests of required fixtures are added, theirs too, whatever excludes them") {
  Suite s = make_suite({"setup", "cleanup", "use", "base_setup", "base_cleanup", "other_setup", "other"});
  s.tests[0].requirements.fixtures_setup = {"db"};
  s.tests[0].requirements.fixtures_required = {"base"};
  s.tests[1].requirements.fixtures_cleanup = {"db"};
  s.tests[2].requirements.fixtures_required = {"db"};
  s.tests[3].requirements.fixtures_setup = {"base"};
  s.tests[4].requirements.fixtures_cleanup = {"base"};
  s.tests[5].requirements.fixtures_setup = {"unused"};
  CHECK(selected(s, {.names = {"^use$"}}) == "[setup][cleanup][use][base_setup][base_cleanup]");
  CHECK(selected(s, {.names = {"^use$"}, .not_names = {"setup"}}) == "[setup][cleanup][use][base_setup][base_cleanup]");
  CHECK(selected(s, {.names = {"^other$"}}) == "[other]");
  CHECK(selected(s, {.names = {"^setup$"}}) == "[setup][base_setup][base_cleanup]");
  CHECK(selected(s, {.names = {"^cleanup$"}}) == "[cleanup]");
}

TEST_CASE("fixtures that require each other are added once") {
  Suite s = make_suite({"a", "b", "use"});
  s.tests[0].requirements.fixtures_setup = {"A"};
  s.tests[0].requirements.fixtures_required = {"B"};
  s.tests[1].requirements.fixtures_setup = {"B"};
  s.tests[1].requirements.fixtures_required = {"A"};
  s.tests[2].requirements.fixtures_required = {"A", "unknown"};
  CHECK(selected(s, {.names = {"use"}}) == "[a][b][use]");
}

TEST_CASE("DEPENDS adds no test") {
  Suite s = make_suite({"first", "then"});
  s.tests[1].requirements.depends = {"first"};
  CHECK(selected(s, {.names = {"then"}}) == "[then]");
}
