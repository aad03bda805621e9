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

TEST_CASE("the short forms hold together with the rest") {
  Suite s = suite();
  s.tests[0].level = "unit";
  s.tests[1].level = "integration";
  s.tests[2].labels = {"fast", "system"};
  s.tests[3].requirements.priority = 0;
  s.tests[2].requirements.priority = 1;
  s.tests[4].disabled = true;
  s.tests[3].skip_reason = "planned";
  TestHistories known;
  for (const Test& test : s.tests) known[test.name].runs = 1;
  known["net.listen"].last = Status::crashed;
  known["net.connect"].last = Status::skipped;
  known["unit.parse"].duration = Seconds(20);
  known["net.connect"].duration = Seconds(0.1);
  struct Row {
    Selection selection;
    std::string names;
  };
  for (const Row& row : {
           Row{{.levels = {"unit"}}, "[net.connect]"},
           Row{{.levels = {"unit", "system"}}, "[net.connect][unit.parse]"},
           Row{{.tags = {"slow"}}, "[net.listen]"},
           Row{{.tags = {"slow", "fast"}}, "[net.connect][net.listen][unit.parse]"},
           Row{{.priorities = {"p0"}}, "[unit.print]"},
           Row{{.priorities = {"p0", "p1"}}, "[unit.parse][unit.print]"},
           Row{{.only_slow = true}, "[unit.parse]"},
           Row{{.only_skipped = true}, "[net.connect][unit.print][unit.[odd]]"},
           Row{{.only_failed = true}, "[net.listen]"},
           Row{{.changed = std::set<TestId>{1, 3}}, "[net.listen][unit.print]"},
           Row{{.expressions = {"suite(net)", "not label(slow)"}}, "[net.connect]"},
           Row{{.names = {"net"}, .tags = {"fast", "slow"}, .only_failed = true}, "[net.listen]"},
           Row{{.expressions = {"status(quarantined)"}, .quarantined = {"unit.print"}}, "[unit.print]"},
       }) {
    CAPTURE(row.names);
    const Result<Selected> result = select(s, row.selection, known);
    REQUIRE(result);
    Words names;
    for (const TestId id : result->tests) names.push_back(s.tests[id].name);
    CHECK(show(names) == row.names);
  }
}

TEST_CASE("a positional word that is no name is a source or a folder") {
  const TempDir directory;
  Suite s = suite();
  s.tree.source_directory = directory.path().string();
  const auto path = [&](std::string_view name) { return (directory / name).string(); };
  write(directory / "tests/net/listen.cpp", "");
  s.tests[0].sources = {path("tests/net/connect.cpp"), path("tests/help.cpp")};
  s.tests[1].sources = {path("tests/net/listen.cpp")};
  s.tests[2].location.file = path("tests/parse.cpp");
  s.tests[3].command = {"python3", path("tests/print.py")};
  s.tests[4].sources = {path("tests/network.cpp")};
  struct Row {
    std::string word;
    std::string names;
  };
  for (const Row& row : {
           Row{"tests/net/", "[net.connect][net.listen]"},
           Row{"tests/net", "[net.connect][net.listen]"},
           Row{"./tests/../tests/net", "[net.connect][net.listen]"},
           Row{path("tests/net"), "[net.connect][net.listen]"},
           Row{"tests/parse.cpp", "[unit.parse]"},
           Row{"tests/print.py", "[unit.print]"},
           Row{"tests/n*.cpp", "[net.connect][net.listen][unit.[odd]]"},
           Row{"tests", "[net.connect][net.listen][unit.parse][unit.print][unit.[odd]]"},
           Row{"net.*", "[net.connect][net.listen]"},
       }) {
    CAPTURE(row.word);
    CHECK(selected(s, {.globs = {row.word}}) == row.names);
  }
  CHECK(selected(s, {.globs = {"unit.print", "tests/net/listen.cpp"}}) == "[net.listen][unit.print]");
  CHECK(why_none(s, {.globs = {"tests/prse.cpp"}}) ==
        "no test is built from \"tests/prse.cpp\" | did you mean \"tests/parse.cpp\" or "
        "\"tests/help.cpp\"?");
  CHECK(why_none(s, {.globs = {"pars.cpp"}}).starts_with("no test is built from \"pars.cpp\""));
  CHECK(why_none(suite(), {.globs = {"tests/a.cpp"}}) ==
        "no test is known to be built from \"tests/a.cpp\" | CTest does not tell what its tests are built from; select by name");
}

TEST_CASE("what a short form or an expression leaves empty is told") {
  struct Row {
    Selection selection;
    std::string why;
  };
  for (const Row& row : {
           Row{{.tags = {"fats"}}, R"(no test has the tag "fats" | did you mean "fast"?)"},
           Row{{.tags = {"fast", "nightly"}}, R"(no test has the tag "nightly" | there is "fast", "network" or "slow")"},
           Row{{.levels = {"unit"}},
               "no test has the level \"unit\" | the keyword LEVEL of its suite, `@level` in its source or a label gives it one"},
           Row{{.priorities = {"p0"}},
               "no test has the priority P0 | the keyword PRIORITY of its suite or `@priority` in its source gives it one; "
               "else it is P2"},
           Row{{.only_slow = true}, "no test is slow: above 1 s and ten times the median | it is known from the second run on"},
           Row{{.only_failed = true}, "no test failed the last time | it is known from the second run on"},
           Row{{.changed_since = "main", .changed = std::set<TestId>{}}, "no test is concerned by what changed since main"},
           Row{{.expressions = {"name(zzz)"}}, "no test fits -e \"name(zzz)\" | see what a part of it selects with `ptests list -e`"},
           Row{{.expressions = {"all()", "not name(=unit.prse)"}},
               "-e, column 5: no test is named \"unit.prse\"\n  not name(=unit.prse)\n      ^ | did you mean \"unit.parse\" or "
               "\"unit.print\"?"},
       }) {
    CAPTURE(row.why);
    CHECK(why_none(suite(), row.selection) == row.why);
  }
  CHECK(selected(suite(), {.expressions = {"nam(x)"}}).starts_with("error: -e, column 1: unknown predicate \"nam\""));
}
