// How a running test is stopped: timeouts and interrupts.
#include <doctest/doctest.h>

#include <csignal>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("a timeout ends a test with its signal") {
  Stage stage(make_suite({"a", "b"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 1.5;
  stage.suite.tests[0].limits.timeout_signal = SIGINT;
  stage.executor.behaviours["a"].lasts = 100;
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 start a
@0 start b
@1 end b passed
    kill a INT
@1.5 end a timed_out: no end within 1.5 s
@1.5 run over
)");
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("what survives the signal is killed after the grace") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.suite.tests[0].limits.grace = Seconds(0.5);
  stage.executor.behaviours["a"] = {.lasts = 100, .ends_of_signals = false};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
    kill a KILL
@1.5 end a timed_out: no end within 1 s
@1.5 run over
)");
}

TEST_CASE("a test that ends by itself within the grace timed out all the same") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.executor.behaviours["a"] = {.lasts = 1.5, .ends_of_signals = false};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
@1.5 end a timed_out: no end within 1 s
@1.5 run over
)");
}

TEST_CASE("the run's timeout is for tests without their own, and 0 is none") {
  Stage stage(make_suite({"default", "own", "none"}), 3);
  stage.suite.tests[1].limits[LimitKind::timeout] = 4;
  stage.suite.tests[2].limits[LimitKind::timeout] = 0;
  Limits defaults;
  defaults[LimitKind::timeout] = 2;
  for (Test& test : stage.suite.tests) test.limits.take_defaults(defaults);
  for (const std::string name : {"default", "own", "none"}) stage.executor.behaviours[name].lasts = 10;
  CHECK(stage.run() == R"(
@0 run 3 tests -j3
@0 start default
@0 start own
@0 start none
    kill default TERM
@2 end default timed_out: no end within 2 s
    kill own TERM
@4 end own timed_out: no end within 4 s
@10 end none passed
@10 run over
)");
}

TEST_CASE("TIMEOUT_AFTER_MATCH sets the clock anew when the output matches") {
  Stage stage(make_suite({"ready", "silent"}));
  for (Test& test : stage.suite.tests) {
    test.limits[LimitKind::timeout] = 10;
    test.limits.after_match = TimeoutAfterMatch{Seconds(2), {"ready"}};
  }
  stage.executor.behaviours["ready"] = {.lasts = 100, .output = "now ready"};
  stage.executor.behaviours["silent"] = {.lasts = 5, .output = "no word"};
  stage.run();
  REQUIRE(stage.recorder.results.size() == 2);
  CHECK(stage.recorder.results[0].test->name == "ready");
  CHECK(stage.recorder.results[0].outcome.reason == "no end within 2 s");
  CHECK(stage.recorder.results[0].duration.count() == doctest::Approx(2.05));
  CHECK(stage.recorder.results[1].outcome.status == Status::passed);
}

TEST_CASE("without a match the test's own timeout stays") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.suite.tests[0].limits.after_match = TimeoutAfterMatch{Seconds(20), {"ready"}};
  stage.executor.behaviours["a"] = {.lasts = 100, .output = "no word"};
  stage.run();
  CHECK(stage.recorder.results.at(0).duration.count() == doctest::Approx(1));
  CHECK(stage.recorder.results.at(0).outcome.reason == "no end within 1 s");
}

TEST_CASE("an interrupt starts nothing more and ends what runs") {
  Stage stage(make_suite({"a", "b", "c"}), 1);
  stage.executor.behaviours["b"].lasts = 100;
  stage.executor.later(1.5, SignalArrived{SIGINT});
  CHECK(stage.run() == R"(
@0 run 3 tests -j1
@0 start a
@1 end a passed
@1 start b
    kill b TERM
@1.5 end b interrupted: the run was interrupted
@1.5 run over by INT
)");
  CHECK(stage.summary.interrupted_by == SIGINT);
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("an interrupted test that stays is killed after its grace") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits.grace = Seconds(3);
  stage.executor.behaviours["a"] = {.lasts = 100, .ends_of_signals = false};
  stage.executor.later(1, SignalArrived{SIGTERM});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
    kill a KILL
@4 end a interrupted: the run was interrupted
@4 run over by TERM
)");
}

TEST_CASE("a second interrupt kills at once, and the first signal is the one told") {
  Stage stage(make_suite({"a"}));
  stage.executor.behaviours["a"] = {.lasts = 100, .ends_of_signals = false};
  stage.executor.later(1, SignalArrived{SIGINT});
  stage.executor.later(1.25, SignalArrived{SIGTERM});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
    kill a KILL
@1.25 end a interrupted: the run was interrupted
@1.25 run over by INT
)");
  CHECK(stage.summary.interrupted_by == SIGINT);
}

TEST_CASE("a test that timed out before the interrupt stays timed out") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 1;
  stage.executor.behaviours["a"] = {.lasts = 100, .ends_of_signals = false};
  stage.executor.later(1.5, SignalArrived{SIGINT});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
    kill a KILL
@2 end a timed_out: no end within 1 s
@2 run over by INT
)");
}
