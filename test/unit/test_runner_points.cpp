// Programs that speak TAP: their points are tests, and what they did besides stays theirs.
#include <doctest/doctest.h>

#include <csignal>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr auto k_exited = ExitStatus::Kind::exited;
constexpr auto k_signaled = ExitStatus::Kind::signaled;

Suite tap_suite(const Words& names = {"a"}) {
  Suite suite = make_suite(names);
  for (Test& test : suite.tests) test.framework = "tap";
  return suite;
}

}  // namespace

TEST_CASE("the points of a program are reported when it has ended") {
  Stage stage(tap_suite());
  stage.executor.behaviours["a"] = {.ends = {k_exited, 1},
                                    .output =
                                        "1..4\nwords\nok 1 - x\nnot ok 2 - y\n# why\nok 3 # SKIP no net\nok 4 - z\n"
                                        "  ---\n  duration_ms: 1500\n  ...\n"};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 cases of a: 4
@1 end a/x passed
@1 end a/y failed: why
@1 end a/3 skipped: no net
@1 end a/z passed
@1 run over
)");
  CHECK(stage.summary.failed == 1);
  const std::vector<TestResult>& results = stage.recorder.results;
  REQUIRE(results.size() == 4);
  CHECK(read(results[0].log) == "1..4\nwords\nok 1 - x\n");
  CHECK(results[0].log_size == 20);
  CHECK(read(results[1].log) == "not ok 2 - y\n# why\n");
  CHECK(results[2].log.empty());
  CHECK(results[3].log.empty());
  CHECK(results[0].duration == Seconds(0));
  CHECK(results[3].duration == Seconds(1.5));
  CHECK_FALSE(results[1].exit);
}

TEST_CASE("a program may fail besides its points") {
  Stage stage(tap_suite());
  Behaviour& behaviour = stage.executor.behaviours["a"];
  SUBCASE("by its plan") {
    behaviour.output = "1..3\nok 1 - x\n";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 cases of a: 1
@1 end a/x passed
@1 end a failed: 1 of 3 planned test points came, number 2 is missing
@1 run over
)");
  }
  SUBCASE("by its exit code") {
    behaviour.ends = {k_exited, 3};
    behaviour.output = "1..1\nok 1 - x\n";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 cases of a: 1
@1 end a/x passed
@1 end a failed: exit code 3, though no test point failed
@1 run over
)");
  }
  SUBCASE("by a crash") {
    behaviour.ends = {k_signaled, SIGSEGV};
    behaviour.output = "1..3\nok 1 - x\nok 2";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 cases of a: 2
@1 end a/x passed
@1 end a/2 passed
@1 end a crashed: SIGSEGV
@1 run over
)");
    CHECK(stage.recorder.results.back().exit->code == SIGSEGV);
  }
  SUBCASE("by its timeout") {
    stage.suite.tests[0].limits[LimitKind::timeout] = 0.5;
    behaviour.output = "1..3\nok 1 - x\n";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
@0.5 cases of a: 1
@0.5 end a/x passed
@0.5 end a timed_out: no end within 0.5 s
@0.5 run over
)");
  }
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("a program without points is a test as any other") {
  Stage stage(tap_suite());
  Behaviour& behaviour = stage.executor.behaviours["a"];
  std::string end;
  SUBCASE("skipped") {
    behaviour.output = "1..0 # SKIP no net\n";
    end = "@1 end a skipped: no net";
  }
  SUBCASE("no TAP") {
    behaviour.output = "# only a comment\n";
    end = "@1 end a failed: there is no plan and no test point in its output";
  }
  SUBCASE("crashed") {
    behaviour.ends = {k_signaled, SIGABRT};
    behaviour.output = "assertion failed\n";
    end = "@1 end a crashed: SIGABRT";
  }
  SUBCASE("bail out") {
    behaviour.output = "Bail out! no disk\n";
    end = "@1 end a failed: Bail out! no disk";
  }
  CHECK(stage.run() == "\n@0 run 1 tests -j2\n@0 start a\n" + end + "\n@1 run over\n");
}

TEST_CASE("a program is judged as a whole where that is asked for, by its points all the same") {
  Stage stage(tap_suite());
  Behaviour& behaviour = stage.executor.behaviours["a"];
  behaviour.output = "1..2\nok 1 - x\nnot ok 2 - y\n";
  std::string end = "failed: 1 of 2 test points failed: y";
  SUBCASE("--batch=off") { stage.options.cases.batches.mode = BatchOptions::Mode::whole; }
  SUBCASE("WILL_FAIL") {
    stage.suite.tests[0].expectations.will_fail = true;
    end = "passed: 1 of 2 test points failed: y";
  }
  SUBCASE("a regular expression") {
    stage.suite.tests[0].expectations.fail_regexes = {"x"};
    end = "failed: Error regular expression found in output. Regex=[x]";
  }
  SUBCASE("PASS_REGULAR_EXPRESSION ignores the exit code, not the points") {
    stage.suite.tests[0].expectations.pass_regexes = {"ok"};
    behaviour.ends = {k_exited, 3};
  }
  SUBCASE("nothing is kept") {
    stage.suite.tests[0].capture = Capture::none;
    end = "passed";
  }
  CHECK(stage.run() == "\n@0 run 1 tests -j2\n@0 start a\n@1 end a " + end + "\n@1 run over\n");
}

TEST_CASE("one process has all points, however cases are packed") {
  Stage stage(tap_suite());
  stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
  stage.suite.tests[0].isolate_cases = true;
  stage.executor.behaviours["a"] = {.output = "1..2\nok 1 - x\nok 2 - y\n"};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 cases of a: 2
@1 end a/x passed
@1 end a/y passed
@1 run over
)");
}

TEST_CASE("a program is tried again as a whole") {
  Stage stage(tap_suite());
  stage.suite.tests[0].retries = Retries{.count = 1};
  Behaviour& behaviour = stage.executor.behaviours["a"];
  SUBCASE("its points fail again") {
    behaviour.output = "1..2\nok 1 - x\nnot ok 2 - y\n# why\n";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 attempt 1 of a failed, again in 0 s
@1 start a
@2 cases of a: 2
@2 end a/x passed
@2 end a/y failed: why; attempt 2
@2 run over
)");
    const TestResult& failed = stage.recorder.results[1];
    CHECK(failed.attempt == 2);
    REQUIRE(failed.earlier.size() == 1);
    CHECK(failed.earlier[0].outcome.reason == "why");
    CHECK(failed.earlier[0].test == failed.test);
    CHECK(failed.earlier[0].log != failed.log);
    CHECK(read(failed.earlier[0].log) == read(failed.log));
  }
  SUBCASE("it crashed first: that is its own result") {
    behaviour.first_ends = {{k_signaled, SIGSEGV}};
    behaviour.output = "1..1\nok 1 - x\n";
    CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
@1 attempt 1 of a crashed, again in 0 s
@1 start a
@2 cases of a: 1
@2 end a/x passed
@2 end a flaky: passed at attempt 2 only
@2 run over
)");
    CHECK(stage.summary.failed == 0);
  }
}

TEST_CASE("what a program leaves behind is its own") {
  Stage stage(tap_suite());
  Behaviour& behaviour = stage.executor.behaviours["a"];
  behaviour = {.output = "1..1\nok 1 - x\n", .leaves = 1};
  std::string end = "@1.2 end a/x passed\n@1.2 end a leaked: left 1 process behind\n";
  SUBCASE("all passed") {}
  SUBCASE("a point failed") {
    behaviour.output = "1..1\nnot ok 1 - x\n";
    end = "@1.2 end a/x failed\n@1.2 end a leaked: left 1 process behind\n";
  }
  SUBCASE("a leak is a failure") {
    stage.options.leak = LeakPolicy::fail;
    end = "@1.2 end a/x passed\n@1.2 end a failed: left 1 process behind\n";
  }
  CHECK(stage.run() == "\n@0 run 1 tests -j2\n@0 start a\n    kill a KILL\n@1.2 cases of a: 1\n" + end + "@1.2 run over\n");
  CHECK(stage.recorder.results.back().left.size() == 1);
}

TEST_CASE("tests that require a fixture look at the points of its set-up") {
  Stage stage(tap_suite({"set_up", "user"}));
  stage.suite.tests[0].requirements.fixtures_setup = {"f"};
  stage.suite.tests[1].requirements.fixtures_required = {"f"};
  stage.executor.behaviours["set_up"].output = "1..1\nnot ok 1 - x\n";
  stage.executor.behaviours["user"].output = "1..1\nok 1 - y\n";
  SUBCASE("failed") {
    stage.run();
    REQUIRE(stage.recorder.results.size() == 2);
    CHECK(stage.recorder.results[1].outcome.status == Status::not_run);
  }
  SUBCASE("quarantined: it does not count, and is not set up") {
    stage.options.retry.quarantined = {{"set_up/x", "known"}};
    stage.run();
    REQUIRE(stage.recorder.results.size() == 2);
    CHECK(stage.recorder.results[0].outcome.status == Status::quarantined);
    CHECK(stage.recorder.results[1].outcome.status == Status::not_run);
    CHECK(stage.summary.failed == 1);
  }
  SUBCASE("passed") {
    stage.executor.behaviours["set_up"].output = "1..1\nok 1 - x\n";
    stage.run();
    REQUIRE(stage.recorder.results.size() == 2);
    CHECK(stage.recorder.results[1].outcome.status == Status::passed);
  }
}

TEST_CASE("a program that is interrupted tells no points") {
  Stage stage(tap_suite());
  stage.executor.behaviours["a"] = {.lasts = 9, .output = "1..2\nok 1 - x\n"};
  stage.executor.later(1, SignalArrived{SIGINT});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 start a
    kill a TERM
@1 end a interrupted: the run was interrupted
@1 run over by INT
)");
}

TEST_CASE("whichever points were asked for, all that ran are told, each once in a resumed run") {
  Stage stage(tap_suite());
  stage.executor.behaviours["a"] = {.output = "1..2\nok 1 - x\nok 2 - y\n"};
  stage.options.cases.is_wanted = [](const Test&, const std::vector<Test*>& cases) {
    std::vector<bool> wanted;
    for (const Test* test : cases) wanted.push_back(test->name == "a/y");
    return wanted;
  };
  std::string told = "@1 cases of a: 2\n@1 end a/x passed\n@1 end a/y passed\n";
  SUBCASE("a new run") {}
  SUBCASE("a resumed run") {
    stage.options.resumes = "r1";
    told = "@1 cases of a: 1\n@1 end a/y passed\n";
  }
  CHECK(stage.run() == "\n@0 run 1 tests -j2\n@0 start a\n" + told + "@1 run over\n");
}

TEST_CASE("--fail-fast counts points") {
  Stage stage(tap_suite({"a", "b"}), 1);
  stage.options.early_end.most_failures = 2;
  stage.executor.behaviours["a"].output = "1..2\nnot ok 1 - x\nnot ok 2 - y\n";
  CHECK(stage.run() == R"(
@0 run 2 tests -j1
@0 start a
@1 cases of a: 2
@1 end a/x failed
@1 end a/y failed
@1 run over: by --fail-fast (2 failed)
)");
}

TEST_CASE("stdout alone is the stream where stderr is kept apart") {
  Stage stage(tap_suite());
  stage.suite.tests[0].capture = Capture::split;
  stage.executor.behaviours["a"] = {.ends = {k_exited, 2}, .output = "1..2\nnot ok 1 - x\nnot ok 2 - y\n# why\n"};
  stage.run();
  REQUIRE(stage.recorder.results.size() == 2);
  // One that says why needs no other words.
  CHECK(stage.recorder.results[0].error_log.ends_with(".err"));
  CHECK(stage.recorder.results[1].error_log.empty());
}
