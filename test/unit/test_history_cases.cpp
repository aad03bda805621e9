// What the history keeps of an executable beside its cases: failures that are its own, and what the process took that ran them all.
#include <doctest/doctest.h>

#include "cli/case_choice.hpp"
#include "history_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

Suite some_suite() {
  Suite suite = make_suite({"a"});
  suite.tests[0].framework = "tap";
  return suite;
}

/// What is known of "a" after a run with a case that passed.
TestHistory known_after(History& history, const std::string& run_id, const std::optional<TestResult>& run,
                        const std::optional<TestResult>& own) {
  Transaction transaction(history.database());
  RunRecorder recorder(history);
  recorder.begin();
  recorder.begin_run(make_run(run_id), {"a"});
  recorder.add_cases("a", {"a/x"}, run);
  TestResult of_case = ended_as(Status::passed, 0);
  of_case.exit.reset();
  recorder.add_attempt("a/x", of_case, AttemptKind::final);
  if (own) recorder.add_attempt("a", *own, AttemptKind::final);
  recorder.end_run({});
  CHECK(message(transaction.commit()) == "ok");
  Result<TestHistories> known = history.read();
  REQUIRE(known);
  cli::sum_up_cases(some_suite(), *known);
  return known->at("a");
}

}  // namespace

TEST_CASE("a failure of the executable itself is known until it runs without one") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  CHECK(known_after(history, "r1", {}, ended_as(Status::crashed, 1)).last == Status::crashed);
  CHECK(known_after(history, "r2", {}, {}).last == Status::passed);
  CHECK(known_after(history, "r3", {}, ended_as(Status::failed, 1)).last == Status::failed);
}

TEST_CASE("an executable takes what the process took that ran all its cases") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  TestResult run = passed_in(8, 4);
  run.usage.peak_rss_bytes = 1000;
  const TestHistory known = known_after(history, "r1", run, {});
  CHECK(known.runs == 1);
  CHECK(known.duration == Seconds(8));
  CHECK(known.processors == doctest::Approx(0.5));
  CHECK(known.peak_rss_bytes == 1000);
  CHECK_FALSE(known.outstanding);
}

TEST_CASE("an executable that was not reached is still to run") {
  TestHistories known{{"a/x", {.runs = 1}}, {"a", {.outstanding = true}}};
  cli::sum_up_cases(some_suite(), known);
  CHECK(known.at("a").outstanding);
  CHECK(known.at("a").runs == 1);
}
