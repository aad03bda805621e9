// Which cases of executables a selection means, by what earlier runs knew of them.
#include <doctest/doctest.h>

#include "cli/case_choice.hpp"
#include "fakes.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::ChosenCases;
using cli::ParentFinder;
using cli::select_with_cases;
using cli::sum_up_cases;

namespace {

/// unit.net and unit.db have cases, plain has none.
Suite some_suite() {
  Suite suite = make_suite({"unit.net", "unit.db", "plain"});
  suite.tests[0].framework = "doctest";
  suite.tests[1].framework = "gtest";
  return suite;
}

TestHistory ended(Status status, double seconds) {
  TestHistory history;
  history.runs = 1;
  history.last = status;
  history.duration = Seconds(seconds);
  return history;
}

TestHistories some_histories() {
  return {{"unit.net/reads", ended(Status::passed, 1)},
          {"unit.net/a/b", ended(Status::failed, 2)},
          {"unit.db/Table.opens", ended(Status::passed, 4)}};
}

/// The tests that are selected, and behind each which of `cases` of it would run.
std::string show_chosen(const Suite& suite, const Selection& selection, const TestHistories& histories, const Words& cases) {
  const Result<ChosenCases> chosen = select_with_cases(suite, selection, histories);
  if (!chosen) return message(chosen);
  std::string text;
  for (const TestId id : chosen->selected.tests) {
    const Test& parent = suite.tests[id];
    text += parent.name + ":";
    std::deque<Test> tests;
    std::vector<Test*> pointers;
    for (const std::string& name : cases) {
      tests.push_back(parent);
      tests.back().name = parent.name + "/" + name;
      pointers.push_back(&tests.back());
    }
    const std::vector<bool> wanted = chosen->is_wanted ? chosen->is_wanted(parent, pointers) : std::vector<bool>(cases.size(), true);
    for (std::size_t i = 0; i < cases.size(); ++i)
      if (wanted[i]) text += " " + cases[i];
    text += "; ";
  }
  return text;
}

}  // namespace

TEST_CASE("a case belongs to the test whose name stands before one of its slashes") {
  const Suite suite = some_suite();
  const ParentFinder finder(suite);
  CHECK(finder.find("unit.net/reads") == TestId{0});
  CHECK(finder.find("unit.db/a/b") == TestId{1});
  CHECK_FALSE(finder.find("unit.net"));
  CHECK_FALSE(finder.find("unit.nets/reads"));
  CHECK_FALSE(finder.find("plain/x"));
  CHECK(ParentFinder(make_suite({"a"})).empty());
}

TEST_CASE("what is known of an executable is what is known of its cases") {
  TestHistories histories = some_histories();
  sum_up_cases(some_suite(), histories);
  CHECK(histories.at("unit.net").duration == Seconds(3));
  CHECK(histories.at("unit.net").last == Status::failed);
  CHECK(histories.at("unit.db").last == Status::passed);
  CHECK_FALSE(histories.contains("plain"));
}

TEST_CASE("a name chooses the cases that it matches") {
  const Suite suite = some_suite();
  TestHistories histories = some_histories();
  sum_up_cases(suite, histories);
  const Words cases{"reads", "a/b", "new one"};
  Selection by_case;
  by_case.names = {"net/re"};
  CHECK(show_chosen(suite, by_case, histories, cases) == "unit.net: reads; ");
  Selection by_test;
  by_test.names = {"net"};
  CHECK(show_chosen(suite, by_test, histories, cases) == "unit.net: reads a/b new one; ");
  Selection exactly;
  exactly.names = {"^unit.net$"};
  CHECK(show_chosen(suite, exactly, histories, cases) == "unit.net: reads a/b new one; ");
  Selection by_glob;
  by_glob.globs = {"unit.net/a/b"};
  CHECK(show_chosen(suite, by_glob, histories, cases) == "unit.net: a/b; ");
  CHECK(show_chosen(suite, {}, histories, {"reads"}) == "unit.net: reads; unit.db: reads; plain: reads; ");
}

TEST_CASE("an executable whose cases nobody knows is looked at when a name is asked for") {
  Selection by_name;
  by_name.names = {"Table"};
  CHECK(show_chosen(some_suite(), by_name, {}, {"reads", "Table.opens"}) == "unit.net: Table.opens; unit.db: Table.opens; ");

  Suite suite = some_suite();
  suite.tests[0].disabled = true;
  suite.tests[1].framework = "tap";
  CHECK(show_chosen(suite, by_name, {}, {"Table.opens"}).empty());
}

TEST_CASE("an executable is not asked for cases that a word cannot mean") {
  Selection by_word;
  by_word.globs = {"unit.net/Table*"};
  CHECK(show_chosen(some_suite(), by_word, {}, {"reads", "Table.opens"}) == "unit.net: Table.opens; ");
  by_word.globs = {"unit.*Table*"};
  CHECK(show_chosen(some_suite(), by_word, {}, {"reads", "Table.opens"}) == "unit.net: Table.opens; unit.db: Table.opens; ");
  by_word.globs = {"plain"};
  CHECK(show_chosen(some_suite(), by_word, {}, {"reads"}) == "plain: reads; ");
  by_word.globs = {"plain", "unit.db/reads"};
  CHECK(show_chosen(some_suite(), by_word, {}, {"reads"}) == "unit.db: reads; plain: reads; ");
  by_word.globs = {"unit.db/reads"};
  by_word.suites = {"plain"};
  Suite suite = some_suite();
  suite.tests[2].suite = "plain";
  suite.suite_names.emplace_back("plain");
  CHECK(show_chosen(suite, by_word, {}, {"reads"}).empty());
}

TEST_CASE("a case that is new is found by the name of its executable") {
  const Suite suite = some_suite();
  TestHistories histories = some_histories();
  sum_up_cases(suite, histories);
  const Words cases{"reads", "new one"};
  Selection by_word;
  by_word.globs = {"unit.net/new one"};
  CHECK(show_chosen(suite, by_word, histories, cases) == "unit.net: new one; ");
  by_word.globs = {"unit.net/reads", "unit.db/new one"};
  CHECK(show_chosen(suite, by_word, histories, cases) == "unit.net: reads; unit.db: new one; ");
  // A word that nothing can mean is a slip, whatever stands beside it.
  by_word.globs = {"unit.net/new one", "uint.net/reads"};
  CHECK(show_chosen(suite, by_word, histories, cases).empty());
  by_word.globs = {"unit.nets/new one"};
  CHECK(show_chosen(suite, by_word, histories, cases).empty());
}

TEST_CASE("words may mean cases of several executables") {
  const Suite suite = some_suite();
  TestHistories histories = some_histories();
  sum_up_cases(suite, histories);
  Selection by_words;
  by_words.globs = {"unit.net/reads", "unit.db/Table.opens"};
  CHECK(show_chosen(suite, by_words, histories, {"reads", "Table.opens"}) == "unit.net: reads; unit.db: Table.opens; ");
}

TEST_CASE("cases are left out by name, known or not") {
  const Suite suite = some_suite();
  TestHistories histories = some_histories();
  sum_up_cases(suite, histories);
  Selection without;
  without.not_names = {"reads", "^plain$"};
  CHECK(show_chosen(suite, without, histories, {"reads", "a/b"}) == "unit.net: a/b; unit.db: a/b; ");
  CHECK(show_chosen(suite, without, {}, {"reads", "a/b"}) == "unit.net: a/b; unit.db: a/b; ");
  without.names = {"^unit.net$"};
  CHECK(show_chosen(suite, without, histories, {"reads", "a/b"}) == "unit.net: a/b; ");
}

TEST_CASE("what failed runs again without the rest of its executable") {
  const Suite suite = some_suite();
  TestHistories histories = some_histories();
  sum_up_cases(suite, histories);
  Selection failed;
  failed.only_failed = true;
  CHECK(show_chosen(suite, failed, histories, {"reads", "a/b"}) == "unit.net: a/b; ");
}
