// How the Runner runs cases where several things happen at once: retries, leaks, fixtures, early ends, pauses, a machine in need.
#include <doctest/doctest.h>

#include "case_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("a retry waits for its delay") {
  CaseStage stage(program_of({"S.a"}));
  stage.suite.tests[0].retries = Retries{.count = 1, .delay = Seconds(3)};
  stage.p().cases[0].first_ends = {fails("why")};
  CHECK(stage.run() == listed(1) + R"(    process p S.a
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 3 s
    process p S.a
@4.6 start p/S.a
@5.5 end p/S.a flaky: passed at attempt 2 only
@5.5 run over
)");
}

TEST_CASE("a case that failed does not make a leak a failure") {
  CaseStage stage(program_of({"S.a"}));
  stage.p().leaves = 1;
  stage.p().cases[0].ends = fails("why");  // crashes() too
  CHECK(stage.run() == listed(1) + R"(    process p S.a
@0.6 start p/S.a
    kill p S.a KILL
@1.7 end p/S.a failed: why
@1.7 end p leaked: left 1 process behind
@1.7 run over
)");
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("what all processes left behind is counted") {
  CaseStage stage(program_of({"S.a", "S.b"}), 2);
  stage.p().leaves = 1;
  stage.run();
  CHECK(stage.result("p").left.size() == 2);
  CHECK(stage.result("p").outcome.reason == "left 2 processes behind");
}

TEST_CASE("a set-up whose case is known to fail is not set up") {
  CaseStage stage(program_of({"S.a"}));
  stage.suite.tests.push_back(make_test(2, "user"));
  stage.options.log_paths.push_back((stage.dir / "user.log").string());
  stage.suite.tests[0].requirements.fixtures_setup = {"f"};
  stage.suite.tests[1].requirements.fixtures_required = {"f"};
  stage.p().cases[0].ends = fails("why");
  stage.options.retry.quarantined = {{"p/S.a", "known"}};
  stage.run();
  CHECK(stage.result("user").outcome.status == Status::not_run);
}

TEST_CASE("while a run drains a failure in a batch is final") {
  CaseStage stage({{"p", program_of({"S.a"})}, {"q", program_of({"S.x", "S.y", "S.z", "S.w"})}}, 2);
  stage.options.early_end.most_failures = 1;
  stage.p().cases[0].ends = fails("why");
  stage.programs.at("q").cases[1].ends = fails("why not");
  stage.run();
  CHECK(stage.summary.failed == 2);
  CHECK(stage.result("q/S.y").outcome.reason == "why not");
}

TEST_CASE("a case that was to run once more has its result when the run ends") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().cases[0].ends = fails("why");
  stage.executor.later(2, SignalArrived{SIGINT});
  stage.run();
  CHECK(stage.result("p/S.a").outcome.reason == "why");
}

TEST_CASE("what was killed to protect the machine did not crash, though the run was interrupted meanwhile") {
  CaseStage stage(program_of({"S.a", "S.b"}), 2);
  stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
  stage.options.protection = memory_thresholds();
  stage.executor.later(1, machine_with(150));
  stage.executor.later(1, SignalArrived{SIGINT});
  stage.run();
  CHECK(stage.result("p/S.b").outcome.status == Status::interrupted);
}

TEST_CASE("a pause does not count for a case whose start was not read before it") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 2;
  stage.p().cases[0].lasts = 1.02;
  stage.executor.later(1.53, SignalArrived{SIGTSTP});  // S.b began at 1.52
  stage.run();
  CHECK(stage.result("p/S.b").outcome.status == Status::passed);
}

TEST_CASE("cases that wait when all are given up") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}));
  stage.p().silent_ends = std::deque<ExitStatus>(9, {ExitStatus::Kind::exited, 3});
  stage.run();
  CHECK(stage.summary.failed == 4);
}

TEST_CASE("an interrupted case has its duration") {
  CaseStage stage(program_of({"S.a"}));
  stage.executor.later(1.25, SignalArrived{SIGINT});
  stage.run();
  CHECK(stage.result("p/S.a").duration == Seconds(0.75));
}

TEST_CASE("--fail-fast: a list is not kept after a failure, and a crash behind the last case is told") {
  CaseStage stage(program_of({"S.a"}));
  stage.options.early_end.most_failures = 1;
  stage.p().cases[0].ends = fails("why");
  stage.run();
  CHECK_FALSE(fs::exists(stage.dir / "p.list"));
}

TEST_CASE("--fail-fast: what runs may end, and a crash behind its last case is told") {
  CaseStage stage({{"p", program_of({"S.a"})}, {"q", program_of({"S.x"})}}, 2);
  stage.options.early_end.most_failures = 1;
  stage.p().cases[0].ends = fails("why");
  stage.programs.at("q").cases[0].lasts = 2;
  stage.programs.at("q").last_ends = ExitStatus{ExitStatus::Kind::signaled, SIGSEGV};
  stage.run();
  CHECK(stage.result("q").outcome.status == Status::crashed);
}

TEST_CASE("who is requeued is the case that ran") {
  CaseStage stage(program_of({"S.a", "S.b"}), 2);
  stage.options.protection = memory_thresholds();
  stage.executor.later(1, machine_with(150));
  stage.run();
  CHECK(std::count(stage.log.begin(), stage.log.end(), "@1 requeue p/S.b: memory: 150 B available, below 200 B") == 1);
}
TEST_CASE("durations of cases do not count a pause") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().cases[1].ends = crashes();
  stage.executor.later(1, SignalArrived{SIGTSTP});
  stage.run();
  CHECK(stage.result("p/S.a").duration == Seconds(1));
  CHECK(stage.result("p/S.b").earlier.at(0).duration == Seconds(1));
}

TEST_CASE("a case whose retry waits has its result when the run ends") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].retries = Retries{.count = 1, .delay = Seconds(30)};
  stage.p().cases[0].first_ends = {fails("why"), fails("why")};
  stage.executor.later(9, SignalArrived{SIGINT});
  stage.run();
  CHECK(stage.result("p/S.a").outcome.status == Status::failed);
  CHECK(stage.result("p/S.a").outcome.reason == "why; attempt 2");
  CHECK(stage.result("p/S.b").outcome.status == Status::passed);
}

TEST_CASE("a case by itself is told which of its attempts it is") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].retries = Retries{.count = 1};
  stage.p().cases[0].first_ends = {fails("why"), fails("why")};
  stage.run();
  Words attempts;
  for (const LaunchSpec& spec : stage.executor.launches)
    for (const std::string& entry : spec.environment)
      if (entry.starts_with("PTESTS_ATTEMPT=")) attempts.push_back(entry);
  // The listing, both, S.a, S.a once more.
  CHECK(attempts == Words{"PTESTS_ATTEMPT=1", "PTESTS_ATTEMPT=1", "PTESTS_ATTEMPT=2", "PTESTS_ATTEMPT=3"});
}

TEST_CASE("when an executable cannot be started any more, no case is left without its last result") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].retries = Retries{.count = 1, .delay = Seconds(3)};
  stage.p().cases[0].first_ends = {fails("why"), fails("why")};
  stage.executor.do_later(5, [&] { stage.p().start_error = "no more processes"; });
  stage.run();
  CHECK(stage.result("p/S.a").outcome.reason == "why; attempt 2");
  CHECK(stage.result("p").outcome.status == Status::not_run);
}
