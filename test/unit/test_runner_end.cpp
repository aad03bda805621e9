// What becomes of what a test leaves behind, of limits, and of a machine in need.
#include <doctest/doctest.h>

#include <csignal>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

LimitExceeded exceeded(TestId test, LimitKind kind, double measured) { return {test, kind, measured}; }

MachineSampled machine_with(std::uint64_t available) { return {{.memory_total = 1000, .memory_available = available}}; }

ProtectionThresholds memory_thresholds() {
  ProtectionThresholds thresholds;
  thresholds.hold.memory_available = 300;
  thresholds.shed.memory_available = 200;
  thresholds.stop.memory_available = 100;
  thresholds.stop_after = Seconds(0);
  return thresholds;
}

}  // namespace

TEST_CASE("what ends within the grace is no leak") {
  Stage stage(make_suite({"a"}));
  stage.executor.behaviours["a"] = {.leaves = 1, .left_last = 0.1};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1.1 end a passed
@1.1 run over
)");
  CHECK(stage.recorder.results[0].duration == Seconds(1));
}

TEST_CASE("what outlives the grace is a leak, named and killed") {
  Stage stage(make_suite({"a"}));
  stage.executor.behaviours["a"] = {.leaves = 2};
  SUBCASE("reported") {
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a KILL
@1.2 end a leaked: left 2 processes behind
@1.2 run over
)");
    CHECK(stage.summary.failed == 0);
    REQUIRE(stage.recorder.results[0].left.size() == 2);
    CHECK(stage.recorder.results[0].left[1].pid == 101);
  }
  SUBCASE("a failure where the run says so") {
    stage.options.leak = LeakPolicy::fail;
    stage.run();
    CHECK(stage.recorder.results[0].outcome.status == Status::failed);
    CHECK(stage.summary.failed == 1);
  }
  SUBCASE("the test's own word wins, and so does its grace") {
    stage.options.leak = LeakPolicy::fail;
    stage.suite.tests[0].leak = LeakPolicy::ignore;
    stage.suite.tests[0].leak_grace = Seconds(3);
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a KILL
@4 end a passed
@4 run over
)");
  }
  SUBCASE("a test that failed stays failed") {
    stage.executor.behaviours["a"].ends = {ExitStatus::Kind::exited, 3};
    stage.run();
    CHECK(stage.recorder.results[0].outcome.reason == "exit code 3");
    CHECK(stage.recorder.results[0].left.size() == 2);
  }
}

TEST_CASE("what a fixture's set-up leaves lives until the end of the run") {
  Stage stage(make_suite({"server", "client"}));
  stage.suite.tests[0].requirements.fixtures_setup = {"f"};
  stage.suite.tests[1].requirements.fixtures_required = {"f"};
  stage.executor.behaviours["server"] = {.leaves = 1};
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 start server
@1 end server passed
@1 start client
@2 end client passed
    kill server KILL
@2 run over
)");
}

TEST_CASE("a test beyond a limit is killed and judged by it") {
  Stage stage(make_suite({"a"}));
  Limits& limits = stage.suite.tests[0].limits;
  stage.executor.behaviours["a"].lasts = 100;
  SUBCASE("memory: at once") {
    limits[LimitKind::memory] = 64 * 1024 * 1024;
    stage.executor.later(0.5, exceeded(0, LimitKind::memory, 65.5 * 1024 * 1024));
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a KILL
@0.5 end a memory_limit: used 65.5 MiB of memory, the limit is 64.0 MiB
@0.5 run over
)");
  }
  SUBCASE("silence: with its stacks and its grace") {
    limits[LimitKind::idle_timeout] = 2;
    stage.options.backtrace = RunOptions::Backtrace::automatic;
    stage.executor.behaviours["a"].ends_of_signals = false;
    stage.executor.later(2, exceeded(0, LimitKind::idle_timeout, 2));
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    stacks of a
    kill a TERM
    kill a KILL
@3.25 end a idle_timed_out: no output for 2 s
@3.25 run over
)");
    CHECK(stage.recorder.results[0].stacks == "main");
  }
  SUBCASE("what the kernel enforced on a test that then passed") {
    limits[LimitKind::processes] = 5;
    stage.executor.behaviours["a"] = {.lasts = 1, .limit_hit = LimitKind::processes};
    stage.run();
    CHECK(stage.recorder.results[0].outcome.reason == "had more processes, the limit is 5");
  }
}

TEST_CASE("what a test left is under its limits too") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::memory] = 1024;
  stage.suite.tests[0].leak_grace = Seconds(20);
  stage.executor.behaviours["a"] = {.leaves = 1};
  stage.executor.later(2, exceeded(0, LimitKind::memory, 2048));
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a KILL
@2 end a memory_limit: used 2.0 KiB of memory, the limit is 1.0 KiB
@2 run over
)");
}

TEST_CASE("a test that ends while its stacks are read timed out all the same") {
  Stage stage(make_suite({"a"}));
  stage.options.backtrace = RunOptions::Backtrace::automatic;
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.executor.behaviours["a"].lasts = 1.1;
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    stacks of a
@1.1 end a timed_out: no end within 1 s
@1.1 run over
)");
}

TEST_CASE("SIGTSTP stops everything, and no clock counts the pause") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 2;
  stage.executor.behaviours["a"].lasts = 1.5;
  stage.executor.later(1, SignalArrived{SIGTSTP});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    pause
@11.5 end a passed
@11.5 run over
)");
}

TEST_CASE("SIGUSR1 asks what runs") {
  Stage stage(make_suite({"a"}));
  stage.executor.later(0.5, SignalArrived{SIGUSR1});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@0.5 notice 1 test running:
      0.50 s     2.0 KiB  a
@1 end a passed
@1 run over
)");
}

TEST_CASE("a machine in need") {
  Stage stage(make_suite({"a", "b", "c"}));
  stage.options.protection = memory_thresholds();
  SUBCASE("gets no more tests, but never none") {
    stage.executor.later(0.5, machine_with(250));
    stage.executor.later(2.5, machine_with(500));
    CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start a
@0 start b
@0.5 notice No further test starts for now: memory: 250 B available, below 300 B
@1 end a passed
@1 end b passed
@1 start c
@2 end c passed
@2 run over
)");
  }
  SUBCASE("loses its youngest test, which runs again alone and is no failure") {
    stage.executor.behaviours["a"].lasts = 2;
    stage.executor.later(0.5, machine_with(150));
    stage.executor.later(0.6, machine_with(900));
    CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start a
@0 start b
@0.5 notice No further test starts for now: memory: 150 B available, below 200 B
    kill b KILL
@0.5 requeue b: memory: 150 B available, below 200 B
@0.6 notice The machine has room again: tests start.
@0.6 start c
@1.6 end c passed
@2 end a passed
@2 start b
@3 end b passed
@3 run over
)");
    CHECK(stage.recorder.results[2].attempt == 2);
    CHECK(stage.summary.failed == 0);
  }
  SUBCASE("stops the run") {
    stage.executor.later(0.5, machine_with(50));
    CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start a
@0 start b
@0.5 notice No further test starts for now: memory: 50 B available, below 100 B; for 0 s
    kill a TERM
    kill b TERM
@0.5 end a interrupted: the run was interrupted
@0.5 end b interrupted: the run was interrupted
@0.5 run over: to protect the machine (memory: 50 B available, below 100 B; for 0 s)
)");
    CHECK(stage.summary.stopped_by == "to protect the machine (memory: 50 B available, below 100 B; for 0 s)");
  }
}
