// What is left of an interrupted run, told by its journal.
#include <doctest/doctest.h>

#include <memory>

#include "cli/resume.hpp"
#include "fakes.hpp"
#include "report/event_json.hpp"
#include "report/journal_run.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::describe_gone_failures;
using cli::resume_run;
using cli::Resumed;

namespace {

/// A journal of a run of these tests, of which some have a result.
class Past {
 public:
  explicit Past(const Words& names) : suite_(make_suite(names)) {}

  /// It chose its tests among so many; all of them = there were no others.
  Past&& start(std::optional<std::size_t> of = {}, std::optional<ShardPart> shard = {}) && {
    RunStarted started{"r1", &suite_.tree, {}, 4, FakeClock::k_start};
    for (const Test& test : suite_.tests) started.tests.push_back(&test);
    started.shard = std::move(shard);
    started.project_tests = of.value_or(suite_.tests.size());
    append_event(text_, started, FakeClock::k_start);
    return std::move(*this);
  }
  /// The first test has these cases; the tests of the others go on behind it.
  Past&& list(const Words& cases) && {
    cases_ = make_suite(cases);
    CasesListed listed{&suite_.tests[0], {}};
    for (const Test& test : cases_.tests) listed.cases.push_back(&test);
    append_event(text_, listed, FakeClock::k_start);
    return std::move(*this);
  }
  Past&& finish_case(std::size_t test, Status status) && {
    TestResult result{&cases_.tests[test], {status, ""}};
    result.started = FakeClock::k_start;
    append_event(text_, TestFinished{std::move(result)}, FakeClock::k_start);
    return std::move(*this);
  }
  Past&& finish(std::size_t test, Status status) && {
    TestResult result{&suite_.tests[test], {status, ""}};
    result.started = FakeClock::k_start;
    append_event(text_, TestFinished{std::move(result)}, FakeClock::k_start);
    return std::move(*this);
  }
  fs::path file() const {
    write(*dir_ / "events.jsonl", text_);
    return *dir_ / "events.jsonl";
  }
  const std::string& text() const { return text_; }

 private:
  std::unique_ptr<TempDir> dir_ = std::make_unique<TempDir>();
  Suite suite_;
  Suite cases_;
  std::string text_;
};

/// The names of the tests that are to run.
std::string show(const Suite& suite, const Result<Resumed>& resumed) {
  REQUIRE_MESSAGE(resumed, message(resumed));
  Words names;
  for (const TestId id : resumed->tests) names.push_back(suite.tests[id].name);
  return unit::show(names);
}

}  // namespace

TEST_CASE("tests without a result are left") {
  const Past past = Past({"a", "b", "c"}).start().finish(0, Status::failed).finish(1, Status::interrupted);
  const Suite suite = make_suite({"a", "b", "c"});
  const Result<Resumed> resumed = resume_run(suite, past.file());
  CHECK(show(suite, resumed) == "[b][c]");
  CHECK(resumed->run_id == "r1");
  REQUIRE(resumed->kept.size() == 1);
  CHECK(resumed->kept[0].test == &suite.tests[0]);
  CHECK(show(resumed->notices) == "");
  CHECK_FALSE(resumed->shard);
}

TEST_CASE("a run that ended before its first line is not complete") {
  const TempDir dir;
  const fs::path journal = dir / "events.jsonl";
  const Suite suite = make_suite({"a"});
  const std::string line = Past({"a"}).start().text();
  for (const std::string& text : {std::string(), line.substr(0, 1), line.substr(0, line.size() - 2)}) {
    CAPTURE(text);
    write(journal, text);
    const Result<Resumed> resumed = resume_run(suite, journal);
    CHECK(message(resumed) == "--resume: the last run here ended before it began with its tests");
    CHECK(hint(resumed).starts_with("without --resume all tests run"));
  }
  write(journal, line.substr(0, line.size() - 1));
  CHECK(show(suite, resume_run(suite, journal)) == "[a]");
}

TEST_CASE("tests that are new are named, since they do not run") {
  const Past past = Past({"a", "b"}).start().finish(0, Status::passed);
  const Suite one = make_suite({"a", "b", "x"});
  CHECK(show(one, resume_run(one, past.file())) == "[b]");
  CHECK(show(resume_run(one, past.file())->notices) ==
        "[1 test is new since the interrupted run and not part of it: x; --rerun-failed runs new tests too.]");
  CHECK(show(resume_run(make_suite({"y", "a", "b", "x"}), past.file())->notices) ==
        "[2 tests are new since the interrupted run and not part of it: x, y; --rerun-failed runs new tests too.]");
}

TEST_CASE("what a run of some tests left out is not called new") {
  const Suite suite = make_suite({"a", "b", "c"});
  for (const std::size_t of : {std::size_t{0}, std::size_t{3}}) {
    const Past past = Past({"a", "b"}).start(of).finish(0, Status::passed);
    CHECK(show(resume_run(suite, past.file())->notices) == "");
  }
}

TEST_CASE("a new test that sets up a fixture of what is left does run") {
  const Past past = Past({"a"}).start();
  Suite suite = make_suite({"a", "set_up"});
  suite.tests[0].requirements.fixtures_required = {"f"};
  suite.tests[1].requirements.fixtures_setup = {"f"};
  const Result<Resumed> resumed = resume_run(suite, past.file());
  CHECK(show(suite, resumed) == "[a][set_up]");
  CHECK(show(resumed->notices) == "");
}

TEST_CASE("a shard goes on as the shard it was") {
  const Past past = Past({"a"}).start(2, ShardPart{2, 3, 9, "s", "d"});
  const Result<Resumed> resumed = resume_run(make_suite({"a", "b"}), past.file());
  REQUIRE_MESSAGE(resumed, message(resumed));
  REQUIRE(resumed->shard);
  CHECK(resumed->shard->index == 2);
}

TEST_CASE("what failed or did not run and is there no longer is named") {
  const Past past = Past({"a", "b", "c", "d", "e"})
                        .start()
                        .finish(0, Status::passed)
                        .finish(1, Status::failed)
                        .finish(2, Status::interrupted)
                        .finish(3, Status::failed);
  CHECK(describe_gone_failures(make_suite({"d"}), past.file()) ==
        "3 tests that failed or did not run the last time are there no longer: b, c, e");
  CHECK(describe_gone_failures(make_suite({"b", "c", "d"}), past.file()) ==
        "1 test that failed or did not run the last time is there no longer: e");
  CHECK(describe_gone_failures(make_suite({"b", "c", "d", "e"}), past.file()) == "");
  CHECK(describe_gone_failures(make_suite({"a"}), "/nowhere/events.jsonl") == "");
}

TEST_CASE("an executable goes on with the cases that have no result") {
  const Suite suite = make_suite({"a", "b"});
  const Past past = Past({"a", "b"})
                        .start()
                        .list({"a/one", "a/two", "a/three"})
                        .finish_case(0, Status::failed)
                        .finish_case(1, Status::interrupted)
                        .finish(1, Status::passed);
  const Result<Resumed> resumed = resume_run(suite, past.file());
  CHECK(show(suite, resumed) == "[a]");
  CHECK(resumed->kept_cases == std::set<std::string>{"a/one"});
  Words kept;
  for (const TestResult& result : resumed->kept) kept.push_back(result.test->name);
  CHECK(unit::show(kept) == "[a/one][b]");

  const Past complete = Past({"a", "b"}).start().list({"a/one"}).finish_case(0, Status::failed);
  CHECK(show(suite, resume_run(suite, complete.file())) == "[b]");
}
