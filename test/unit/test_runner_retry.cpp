// Tests that run more than once, and runs that end before their end.
#include <doctest/doctest.h>

#include <csignal>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr ExitStatus k_pass{ExitStatus::Kind::exited, 0};
constexpr ExitStatus k_fail{ExitStatus::Kind::exited, 1};

}  // namespace

TEST_CASE("a test that passes on a retry is flaky, and does not count against the run") {
  Stage stage(make_suite({"a"}));
  stage.options.retry.retries = Retries{3};
  stage.executor.behaviours["a"] = {.ends = k_pass, .first_ends = {k_fail, k_fail}, .output = "text"};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 attempt 1 of a failed, again in 0 s
@1 start a
@2 attempt 2 of a failed, again in 0 s
@2 start a
@3 end a flaky: passed at attempt 3 only
@3 run over
)");
  CHECK(stage.summary.failed == 0);
  const TestResult& result = stage.recorder.results.at(0);
  CHECK(result.attempt == 3);
  REQUIRE(result.earlier.size() == 2);
  CHECK(result.earlier[0].attempt == 1);
  CHECK(result.earlier[0].outcome.status == Status::failed);
  CHECK(result.earlier[0].log == (stage.dir / "a.log").string());
  CHECK(result.earlier[1].log == (stage.dir / "a~attempt2.log").string());
  CHECK(read(result.earlier[1].log) == "text");
  CHECK(result.log == (stage.dir / "a~attempt3.log").string());
}

TEST_CASE("--flaky=fail: passing on a retry only is a failure") {
  Stage stage(make_suite({"a"}));
  stage.options.retry.retries = Retries{1};
  stage.options.retry.flaky = RetryOptions::Flaky::fail;
  stage.executor.behaviours["a"] = {.ends = k_pass, .first_ends = {k_fail}};
  stage.run();
  CHECK(stage.recorder.results.at(0).outcome.status == Status::failed);
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("the retries of the run win over those of a test, none too") {
  for (const int count : {0, 1}) {
    Stage stage(make_suite({"a"}));
    stage.suite.tests[0].retries = Retries{2};
    stage.options.retry.retries = Retries{count};
    stage.executor.behaviours["a"].ends = k_fail;
    stage.run();
    REQUIRE(stage.recorder.results.size() == 1);
    CHECK(stage.recorder.results[0].attempt == count + 1);
  }
}

TEST_CASE("a test that fails every time has failed once") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].retries = Retries{2};
  stage.executor.behaviours["a"].ends = k_fail;
  stage.run();
  REQUIRE(stage.recorder.results.size() == 1);
  CHECK(stage.recorder.results[0].outcome.reason == "exit code 1; attempt 3");
  CHECK(stage.recorder.results[0].earlier.size() == 2);
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("retries wait, each longer than the one before; others run meanwhile and dependents wait") {
  Suite suite = make_suite({"a", "b", "after"});
  suite.tests[2].requirements.depends = {"a"};
  Stage stage(std::move(suite), 1);
  stage.options.retry.retries = Retries{2, Seconds(2), 3};
  stage.executor.behaviours["a"] = {.ends = k_pass, .first_ends = {k_fail, k_fail}};
  CHECK(stage.run() == R"(
@0 run 3 tests -j1
@0 start a
@1 attempt 1 of a failed, again in 2 s
@1 start b
@2 end b passed
@3 start a
@4 attempt 2 of a failed, again in 6 s
@10 start a
@11 end a flaky: passed at attempt 3 only
@11 start after
@12 end after passed
@12 run over
)");
}

TEST_CASE("a budget bounds the retries of the run; what cannot end differently is not tried again") {
  Stage stage(make_suite({"a", "b", "gone"}), 1);
  stage.options.retry.retries = Retries{5};
  stage.options.retry.budget = 6;
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.behaviours["b"].ends = k_fail;
  stage.executor.behaviours["gone"].start_error = "no such file";
  stage.run();
  REQUIRE(stage.recorder.results.size() == 3);
  CHECK(stage.recorder.results[0].earlier.size() == 5);
  CHECK(stage.recorder.results[1].earlier.size() == 1);
  CHECK(stage.recorder.results[2].earlier.empty());
}

TEST_CASE("--repeat") {
  struct Row {
    Repeat repeat;
    std::deque<ExitStatus> ends;
    Status status;
    std::size_t attempts;
  };
  using Mode = Repeat::Mode;
  for (const Row& row : {
           Row{{Mode::until_fail, 3}, {k_pass, k_pass, k_pass}, Status::passed, 3},
           Row{{Mode::until_fail, 3}, {k_pass, k_fail, k_pass}, Status::failed, 2},
           Row{{Mode::until_fail, 1}, {k_pass}, Status::passed, 1},
           Row{{Mode::until_pass, 3}, {k_fail, k_fail, k_fail}, Status::failed, 3},
           Row{{Mode::until_pass, 3}, {k_fail, k_pass}, Status::flaky, 2},
           Row{{Mode::after_timeout, 3}, {k_fail, k_pass}, Status::failed, 1},
       }) {
    Stage stage(make_suite({"a"}));
    stage.options.retry.repeat = row.repeat;
    stage.executor.behaviours["a"] = {.ends = k_pass, .first_ends = row.ends};
    stage.run();
    const TestResult& result = stage.recorder.results.at(0);
    CHECK(result.outcome.status == row.status);
    CHECK(result.earlier.size() + 1 == row.attempts);
  }
}

TEST_CASE("--repeat after-timeout runs again what was too slow") {
  Stage stage(make_suite({"a"}));
  stage.options.retry.repeat = Repeat{Repeat::Mode::after_timeout, 2};
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.executor.behaviours["a"].lasts = 5;
  stage.run();
  CHECK(stage.recorder.results.at(0).outcome.status == Status::timed_out);
  CHECK(stage.recorder.results.at(0).earlier.size() == 1);
}

TEST_CASE("a quarantined test that fails does not count, but its fixture is not set up") {
  Suite suite = make_suite({"setup", "use", "passes"});
  suite.tests[0].requirements.fixtures_setup = {"f"};
  suite.tests[1].requirements.fixtures_required = {"f"};
  Stage stage(std::move(suite));
  stage.options.retry.quarantined = {{"setup", "quarantined until 2026-12-31 (flaky)"}, {"passes", "quarantined"}};
  stage.executor.behaviours["setup"].ends = k_fail;
  stage.run();
  REQUIRE(stage.recorder.results.size() == 3);
  CHECK(stage.summary.failed == 1);
  for (const TestResult& result : stage.recorder.results) {
    const std::string got = fmt::format("{} {}: {}", result.test->name, status_name(result.outcome.status), result.outcome.reason);
    CHECK(std::set<std::string>{"setup quarantined: quarantined until 2026-12-31 (flaky): failed: exit code 1",
                                "passes passed: ", "use not_run: Failed test dependencies: setup"}
              .contains(got));
  }
}

TEST_CASE("--fail-fast starts nothing more; what runs may end") {
  Stage stage(make_suite({"a", "b", "c", "d"}));
  stage.options.early_end.most_failures = 1;
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.behaviours["b"].lasts = 4;
  CHECK(stage.run() == R"(
@0 run 4 tests -j2
@0 start a
@0 start b
@1 end a failed: exit code 1
@4 end b passed
@4 run over: by --fail-fast (1 failed)
)");
  CHECK(stage.summary.stop == RunSummary::Stop::too_many_failures);
}

TEST_CASE("--fail-fast=2:now kills what runs at the second failure") {
  Stage stage(make_suite({"a", "b", "c", "d"}), 3);
  stage.options.early_end = {.most_failures = 2, .action = EarlyEnd::Action::kill_running};
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.behaviours["b"] = {.lasts = 2, .ends = k_fail};
  stage.executor.behaviours["c"].lasts = 9;
  stage.executor.behaviours["d"].lasts = 9;
  CHECK(stage.run() == R"(
@0 run 4 tests -j3
@0 start a
@0 start b
@0 start c
@1 end a failed: exit code 1
@1 start d
@2 end b failed: exit code 1
    kill c KILL
    kill d KILL
@2 end c interrupted: the run was interrupted
@2 end d interrupted: the run was interrupted
@2 run over: by --fail-fast (2 failed)
)");
}

TEST_CASE("a test that waits for its retry when the run ends has failed") {
  Stage stage(make_suite({"a", "b"}));
  stage.suite.tests[0].retries = Retries{1, Seconds(100), 1};
  stage.options.early_end.most_failures = 1;
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.behaviours["b"] = {.lasts = 2, .ends = k_fail};
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 start a
@0 start b
@1 attempt 1 of a failed, again in 100 s
@2 end b failed: exit code 1
@2 end a failed: exit code 1
@2 run over: by --fail-fast (1 failed)
)");
  CHECK(stage.recorder.results.at(1).earlier.empty());
}

TEST_CASE("--max-time ends the run with everything in order") {
  Stage stage(make_suite({"a", "b", "c"}), 1);
  stage.options.early_end.most_time = Seconds(1.5);
  stage.executor.behaviours["b"].lasts = 9;
  CHECK(stage.run() == R"(
@0 run 3 tests -j1
@0 start a
@1 end a passed
@1 start b
    kill b TERM
@1.5 end b interrupted: the run was interrupted
@1.5 run over: by --max-time (1.5 s are over)
)");
  CHECK(stage.summary.stop == RunSummary::Stop::out_of_time);
}

TEST_CASE("Ctrl-C while a test waits for its retry") {
  Stage stage(make_suite({"a"}));
  stage.options.retry.retries = Retries{1, Seconds(100), 1};
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.later(3, SignalArrived{SIGINT});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 attempt 1 of a failed, again in 100 s
@3 end a failed: exit code 1
@3 run over by INT
)");
}

TEST_CASE("Ctrl-C while a test could run again, but others went first") {
  Stage stage(make_suite({"a", "first"}), 1);
  stage.suite.tests[1].requirements.priority = 0;
  stage.suite.tests[1].targets = {"t"};
  stage.executor.build_facts = {{0.5, TargetBuilt{"t"}}, {0.6, BuildEnded{}}};
  stage.options.retry.retries = Retries{1};
  stage.executor.behaviours["a"].ends = k_fail;
  stage.executor.behaviours["first"].lasts = 5;
  stage.executor.later(2, SignalArrived{SIGINT});
  stage.run();
  REQUIRE(stage.recorder.results.size() == 2);
  CHECK(stage.recorder.results[0].test->name == "a");
  CHECK(stage.recorder.results[0].outcome.status == Status::failed);
  CHECK(stage.recorder.results[0].earlier.empty());
  CHECK(stage.recorder.results[1].outcome.status == Status::interrupted);
}

TEST_CASE("a run that goes on tells first what it has kept, and fails with it") {
  Stage stage(make_suite({"a", "b"}));
  TestResult kept{&stage.suite.tests[0], {Status::failed, "exit code 1"}};
  stage.options.resumes = "run 1";
  stage.options.kept = {kept};
  Result<Plan> plan = Plan::make(stage.suite, {1});
  REQUIRE(plan);
  Runner runner(stage.suite, std::move(*plan), stage.executor, stage.recorder, stage.clock, stage.options);
  const Result<RunSummary> summary = runner.run({1});
  REQUIRE(summary);
  CHECK("\n" + lines(stage.log) == R"(
@0 run 1 tests -j2
@0 kept a failed
@0 start b
@1 end b passed
@1 run over
)");
  CHECK(summary->failed == 1);
}

TEST_CASE("--explain tells of each test what it waits for, once") {
  Suite suite = make_suite({"a", "b", "c"});
  suite.tests[1].requirements.depends = {"a"};
  suite.tests[2].requirements.depends = {"b"};
  Stage stage(std::move(suite));
  stage.options.explain = RunOptions::Explain::waiting;
  CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start a
@0 notice b waits for a
c waits for b
@1 end a passed
@1 start b
@2 end b passed
@2 start c
@3 end c passed
@3 run over
)");
}
