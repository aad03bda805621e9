#include <doctest/doctest.h>

#include <ctime>

#include "suite/evaluate.hpp"
#include "suite/expression.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

Suite suite() {
  Suite suite = make_suite({"net.connect", "net.listen", "db.start", "db.query", "ui.f(int)", "ui.a/b"});
  suite.tree.source_directory = "/src";
  suite.suite_names = {"net", "db", "ui"};
  for (Test& test : suite.tests) test.suite = test.name.substr(0, test.name.find('.'));
  suite.tests[0].labels = {"fast", "net work"};
  suite.tests[1].labels = {"slow"};
  suite.tests[0].sources = {"/src/tests/net/connect.cpp", "/src/tests/help.cpp"};
  suite.tests[1].sources = {"/src/tests/net/listen.cpp"};
  suite.tests[3].sources = {"/elsewhere/query.cpp"};
  suite.tests[0].level = "unit";
  suite.tests[1].level = "integration";
  suite.tests[2].requirements.priority = 0;
  suite.tests[3].requirements.depends = {"db.start", "gone"};
  suite.tests[2].requirements.fixtures_setup = {"db"};
  suite.tests[4].requirements.depends = {"db.query"};
  suite.tests[5].requirements.fixtures_required = {"db"};
  return suite;
}

TestHistory history(Status last, double seconds) {
  TestHistory history;
  history.runs = 3;
  history.last = last;
  history.duration = Seconds(seconds);
  return history;
}

/// net.listen is slow, db.start new, ui.a/b was never finished.
TestHistories histories() {
  TestHistories all{{"net.connect", history(Status::failed, 0.2)},
                    {"net.listen", history(Status::passed, 5)},
                    {"db.query", history(Status::flaky, 0.1)},
                    {"ui.f(int)", history(Status::skipped, 0.3)}};
  all["net.connect"].failures = 1;
  all["db.query"].flaky = 1;
  all["ui.a/b"].outstanding = true;
  return all;
}

std::string text_of(const Error& error) { return error.message + (error.hint.empty() ? "" : " | " + error.hint); }

/// The numbers of the tests of which it is true: "1 2".
std::string tests_of(std::string_view text, const Suite& suite, const TestHistories& histories = {}) {
  const Result<Expression> expression = Expression::parse(text);
  if (!expression) return text_of(expression.error());
  const std::set<std::string> quarantined{"ui.f(int)"};
  const TestSet tests = evaluate(*expression, {&suite, &histories, &quarantined});
  Words numbers;
  for (std::size_t id = 0; id < tests.size(); ++id)
    if (tests[id]) numbers.push_back(std::to_string(id + 1));
  return fmt::format("{}", fmt::join(numbers, " "));
}

std::string error_of(std::string_view text) {
  const Result<Expression> expression = Expression::parse(text);
  return expression ? "ok" : text_of(expression.error());
}

std::string idle_in(std::string_view text) {
  const Result<Expression> expression = Expression::parse(text);
  REQUIRE_MESSAGE(expression, message(expression));
  const Idle idle = find_idle(*expression, suite());
  return idle.predicate == nullptr ? "" : fmt::format("{}: {}", idle.predicate->at, text_of(idle.error));
}

struct Row {
  std::string_view text;
  std::string tests;
};

}  // namespace

TEST_CASE("predicates and their matchers") {
  const Suite s = suite();
  for (const Row& row : {
           Row{"all()", "1 2 3 4 5 6"},
           Row{"none()", ""},
           // A name: in it, equal, glob of the whole, regular expression anywhere.
           Row{"name(net)", "1 2"},
           Row{"name(=net)", ""},
           Row{"name(=net.listen)", "2"},
           Row{"name(~*.s*)", "3"},
           Row{"name(~net)", ""},
           Row{"name(/^db|listen$/)", "2 3 4"},
           Row{"name(  net.connect  )", "1"},
           Row{"name(f(int))", "5"},
           Row{R"(name(=ui.f\(int\)))", "5"},
           Row{R"(name(/f\(/))", "5"},
           Row{R"(name(/(a\/b|conn)/))", "1 6"},
           // Labels, suites and frameworks: equal unless a sign says otherwise.
           Row{"label(fast)", "1"},
           Row{"tag(fast)", "1"},
           Row{"label(fas)", ""},
           Row{"label(net work)", "1"},
           Row{"label(~*s*)", "1 2"},
           Row{"label(/^s/)", "2"},
           Row{"suite(db)", "3 4"},
           Row{"suite(~?i)", "5 6"},
           Row{"framework(ctest)", "1 2 3 4 5 6"},
           // Files: a glob of the path in the source directory, `*` takes folders too.
           Row{"file(tests/net/connect.cpp)", "1"},
           Row{"file(tests/net/*)", "1 2"},
           Row{"file(tests/*.cpp)", "1 2"},
           Row{"file(tests/net/)", "1 2"},
           Row{"file(/src/tests/h*)", "1"},
           Row{"file(*query.cpp)", "4"},
           Row{"file(/help/)", "1"},
           Row{"file(connect.cpp)", ""},
           Row{"level(unit)", "1"},
           Row{"level(Unit, integration)", "1 2"},
           Row{"priority(P0)", "3"},
           Row{"priority(p2)", "1 2 4 5 6"},
       }) {
    CAPTURE(row.text);
    CHECK(tests_of(row.text, s) == row.tests);
  }
}

TEST_CASE("a level may be a label, which what the test says overrides") {
  Suite s = make_suite({"a", "b", "c"});
  s.tests[0].labels = {"x", "system"};
  s.tests[1].labels = {"system"};
  s.tests[1].level = "unit";
  CHECK(tests_of("level(system)", s) == "1");
  CHECK(tests_of("level(unit)", s) == "2");
}

TEST_CASE("not binds closer than and, that closer than or") {
  const Suite s = suite();
  for (const Row& row : {
           Row{"not name(net)", "3 4 5 6"},
           Row{"not not name(net)", "1 2"},
           Row{"name(net) or name(db) and name(query)", "1 2 4"},
           Row{"(name(net) or name(db)) and name(query)", "4"},
           Row{"not name(net) and not name(db)", "5 6"},
           Row{"not (name(net) or name(db))", "5 6"},
           Row{"name(net)&!name(listen)", "1"},
           Row{"name(net) && ! label(fast) || suite(ui)", "2 5 6"},
           Row{"name(net)|suite(db)|none()", "1 2 3 4"},
           Row{"NOT Name(net) AND suite(db) Or none()", "3 4"},
           Row{" ( ( all() ) ) ", "1 2 3 4 5 6"},
       }) {
    CAPTURE(row.text);
    CHECK(tests_of(row.text, s) == row.tests);
  }
}

TEST_CASE("what earlier runs tell") {
  const Suite s = suite();
  const TestHistories h = histories();
  for (const Row& row : {
           Row{"status(failed)", "1"},
           Row{"status(new)", "3 6"},
           Row{"status(flaky)", "4"},
           Row{"status(passed)", "2 4"},
           Row{"status(skipped)", "5"},
           Row{"status(outstanding)", "6"},
           Row{"status(quarantined)", "5"},
           Row{"status(slow)", "2"},
           Row{"speed(slow)", "2"},
           Row{"speed(fast)", "1 4 5"},
           Row{"status(failed, new) or speed(slow)", "1 2 3 6"},
       }) {
    CAPTURE(row.text);
    CHECK(tests_of(row.text, s, h) == row.tests);
  }
  CHECK(tests_of("status(new)", s) == "1 2 3 4 5 6");
  CHECK(tests_of("status(failed) or speed(fast) or speed(slow)", s).empty());
}

TEST_CASE("a test that could not run has failed, one that was not to run is not new") {
  const Suite s = make_suite({"missing", "unbuilt", "disabled", "skipped", "turnless", "unknown", "interrupted"});
  const TestHistories h{{"missing", {.last = Status::not_run}},   {"unbuilt", {.last = Status::build_failed, .outstanding = true}},
                        {"disabled", {.last = Status::disabled}}, {"skipped", {.last = Status::skipped}},
                        {"turnless", {.outstanding = true}},      {"interrupted", {.runs = 1, .outstanding = true}}};
  CHECK(tests_of("status(failed)", s, h) == "1 2");
  CHECK(tests_of("status(new)", s, h) == "5 6");
  CHECK(tests_of("status(skipped)", s, h) == "3 4");
  CHECK(tests_of("status(passed)", s, h) == "7");
  CHECK(tests_of("status(outstanding)", s, h) == "2 5 7");
  CHECK(tests_of("speed(slow, fast)", s, h) == "7");
}

TEST_CASE("slow is above ten times the median, and above one second") {
  const Suite s = make_suite({"a", "b", "c", "d"});
  CHECK(slow_above(s, {}) == Seconds(1));
  CHECK(slow_above(s, {{"a", history(Status::passed, 0.01)}, {"b", history(Status::passed, 0.01)}, {"c", history(Status::passed, 0.9)}}) ==
        Seconds(1));
  CHECK(slow_above(s, {{"a", history(Status::passed, 2)}, {"b", history(Status::passed, 3)}, {"c", history(Status::passed, 90)}}) ==
        Seconds(30));
  // Of tests that are not in the suite nobody asks.
  CHECK(slow_above(s, {{"a", history(Status::passed, 2)}, {"x", history(Status::passed, 1000)}, {"y", history(Status::passed, 1000)}}) ==
        Seconds(20));
}

TEST_CASE("dependencies both ways, through others and through fixtures") {
  const Suite s = suite();
  for (const Row& row : {
           Row{"deps(=ui.f(int))", "3 4 5"},
           Row{"deps(=db.query)", "3 4"},
           Row{"deps(=db.start)", "3"},
           Row{"deps(~ui.*)", "3 4 5 6"},
           Row{"rdeps(=db.start)", "3 4 5 6"},
           Row{"rdeps(query)", "4 5"},
           Row{"rdeps(=ui.a/b)", "6"},
           Row{"rdeps(db.start) and not name(db.start)", "4 5 6"},
       }) {
    CAPTURE(row.text);
    CHECK(tests_of(row.text, s) == row.tests);
  }
  Suite circle = make_suite({"a", "b"});
  circle.tests[0].requirements.depends = {"b"};
  circle.tests[1].requirements.depends = {"a"};
  CHECK(tests_of("deps(=a)", circle) == "1 2");
}

TEST_CASE("an error shows the place and what may have been meant") {
  struct ErrorRow {
    std::string_view text;
    std::string error;
  };
  for (const ErrorRow& row : {
           ErrorRow{"", "-e, column 1: there is nothing in it\n  \n  ^"},
           ErrorRow{"name(a) or nam(b)",
                    "-e, column 12: unknown predicate \"nam\"\n  name(a) or nam(b)\n             ^ | did you mean \"name\"?"},
           ErrorRow{"zzzzzz(b)",
                    "-e, column 1: unknown predicate \"zzzzzz\"\n  zzzzzz(b)\n  ^ | one of name label tag suite level file "
                    "framework status speed priority deps rdeps all none"},
           ErrorRow{"unit", "-e, column 1: \"unit\" is no predicate\n  unit\n  ^ | a test's name: name(unit)"},
           ErrorRow{"name", "-e, column 5: expected \"(\" after \"name\"\n  name\n      ^ | name(...)"},
           ErrorRow{"name()", "-e, column 6: name() needs an argument\n  name()\n       ^"},
           ErrorRow{"all(x)", "-e, column 5: all() takes no argument\n  all(x)\n      ^"},
           ErrorRow{"name(a", "-e, column 5: there is no \")\" for this \"(\"\n  name(a\n      ^"},
           ErrorRow{"(name(a)", "-e, column 1: there is no \")\" for this \"(\"\n  (name(a)\n  ^"},
           ErrorRow{"name(a))", "-e, column 8: there is no \"(\" for this \")\"\n  name(a))\n         ^"},
           ErrorRow{"name(a) name(b)",
                    "-e, column 9: expected \"and\" or \"or\"\n  name(a) name(b)\n          ^ | names with spaces: name(=a b)"},
           ErrorRow{"(name(a) x)", "-e, column 10: expected \"and\", \"or\" or \")\"\n  (name(a) x)\n           ^"},
           ErrorRow{"name(a) and", "-e, column 12: something is missing at the end\n  name(a) and\n             ^"},
           ErrorRow{"& name(a)", "-e, column 1: expected a predicate\n  & name(a)\n  ^ | as in name(net) and not label(slow)"},
           ErrorRow{"level(unti)", "-e, column 7: there is no level \"unti\"\n  level(unti)\n        ^ | did you mean \"unit\"?"},
           ErrorRow{
               "status(new,broken)",
               "-e, column 8: there is no status \"broken\"\n  status(new,broken)\n         ^ | one of failed new flaky slow quarantined "
               "passed skipped outstanding"},
           ErrorRow{"status(failed|new)",
                    "-e, column 8: there is no status \"failed|new\"\n  status(failed|new)\n         ^ | separate with "
                    "commas: failed,new"},
           ErrorRow{"priority(P0 or P1)",
                    "-e, column 10: there is no priority \"P0 or P1\"\n  priority(P0 or P1)\n           ^ | separate "
                    "with commas: p0,p1"},
           ErrorRow{"name(/a)", "-e, column 6: there is no \"/\" that ends this\n  name(/a)\n       ^ | /re/"},
           ErrorRow{"name(/a/b)", "-e, column 6: expected \")\" after \"/re/\"\n  name(/a/b)\n       ^"},
           // The caret stands under the character, however many bytes are before it.
           ErrorRow{"name(\xC3\xA9) x",
                    "-e, column 9: expected \"and\" or \"or\"\n  name(\xC3\xA9) x\n          ^ | names with spaces: name(=a b)"},
       }) {
    CAPTURE(row.text);
    CHECK(error_of(row.text) == row.error);
  }
  CHECK(error_of("name(/(/)").starts_with("-e, column 6: invalid regular expression \"(\": "));
}

TEST_CASE("what is nested too deeply is an error, what is long is none") {
  const auto repeated = [](std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  };
  CHECK(error_of(repeated("(", 199) + "all()" + repeated(")", 199)) == "ok");
  CHECK(error_of(repeated("(", 201) + "all()" + repeated(")", 201)).starts_with("-e, column 201: more than 200 parentheses"));
  CHECK(error_of(repeated("!", 100000) + "all()").starts_with("-e, column 201: more than 200"));
  CHECK(error_of("all()" + repeated(" and all()", 20000)) == "ok");
}

TEST_CASE("no text crashes the parser") {
  const std::string text = R"(not (name(~a*) & label(/x\/(y)/)) | status(failed, new) and !deps(=f(int)))";
  REQUIRE(error_of(text) == "ok");
  for (std::size_t length = 0; length < text.size(); ++length) CHECK(error_of(text.substr(0, length)) != "");
  Dice dice(7);
  const std::string_view letters = "()/~=!&| \\,nameotd";
  for (int round = 0; round < 2000; ++round) {
    std::string any;
    for (int i = dice.roll(30); i > 0; --i) any += letters[static_cast<std::size_t>(dice.roll(static_cast<int>(letters.size())))];
    static_cast<void>(tests_of(any, suite()));
  }
}

TEST_CASE("a name that means nothing is found wherever it stands; a pattern may match nothing") {
  for (const auto& [text, idle] : {
           std::pair<std::string_view, std::string>{"name(=net.listen) or name(zzz) or name(~zzz) or label(~zzz) or label(/zzz/)", ""},
           {"not name(=net.lissten)", "4: no test is named \"net.lissten\" | did you mean \"net.listen\"?"},
           {"all() and (none() or label(fats))", "21: no test has the label \"fats\" | did you mean \"fast\"?"},
           {"suite(nett)", "0: no suite is named \"nett\" | did you mean \"net\"?"},
           {"framework(doctest)", "0: no test is judged as \"doctest\" | did you mean \"ctest\"?"},
           {"file(=tests/net/conect.cpp)",
            "0: no test is built from \"tests/net/conect.cpp\" | did you mean \"tests/net/connect.cpp\" or \"tests/net/listen.cpp\"?"},
           {"deps(qqqq)", "0: no test's name contains \"qqqq\" | see the tests there are with `ptests list`"},
           {"rdeps(=db.qery)", "0: no test is named \"db.qery\" | did you mean \"db.query\"?"},
       }) {
    CAPTURE(text);
    CHECK(idle_in(text) == idle);
  }
}

TEST_CASE("10,000 tests and a long expression take no time") {
  Suite large;
  large.suite_names = {"s"};
  TestHistories known;
  for (int i = 0; i < 10000; ++i) {
    large.tests.push_back(make_test(i + 1, fmt::format("suite{}.test{}", i % 17, i)));
    large.tests.back().labels = {i % 3 == 0 ? "fast" : "slow", "nightly"};
    if (i > 0) large.tests.back().requirements.depends = {large.tests[static_cast<std::size_t>(i) - 1].name};
    known[large.tests.back().name] = history(i % 5 == 0 ? Status::failed : Status::passed, 0.1);
  }
  const std::clock_t start = std::clock();
  const std::string text =
      "(name(/test[0-9]*7$/) and not label(fast)) or (status(failed) & speed(fast) & name(~suite1*)) or rdeps(=suite3.test9999)";
  const Result<Expression> expression = Expression::parse(text);
  REQUIRE(expression);
  const std::set<std::string> quarantined;
  const TestSet tests = evaluate(*expression, {&large, &known, &quarantined});
  const double milliseconds = static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC;
  CHECK(std::count(tests.begin(), tests.end(), true) == 1610);
  MESSAGE(fmt::format("{:.1f} ms of CPU time", milliseconds));
  CHECK(milliseconds < 500);  // without optimization, too
}
