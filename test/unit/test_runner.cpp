#include <doctest/doctest.h>

#include <csignal>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr ExitStatus k_exit_1{ExitStatus::Kind::exited, 1};

Suite with_targets(const Words& names) {
  Suite suite = make_suite(names);
  for (Test& test : suite.tests) test.targets = {"t_" + test.name};
  return suite;
}

}  // namespace

TEST_CASE("tests start as processors come free") {
  Stage stage(make_suite({"a", "b", "c"}));
  stage.executor.behaviours["a"].lasts = 3;
  stage.executor.behaviours["b"].ends = k_exit_1;
  CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start a
@0 start b
@1 end b failed: exit code 1
@1 start c
@2 end c passed
@3 end a passed
@3 run over
)");
  CHECK(stage.summary.failed == 1);
  CHECK(stage.summary.build_failed == 0);
  CHECK(stage.summary.interrupted_by == 0);
}

TEST_CASE("nothing to do is a run too") {
  Stage stage(make_suite({}));
  CHECK(stage.run() == "\n@0 run 0 tests -j2\n@0 run over\n");
}

TEST_CASE("no more tests run at once than there are processors") {
  Words names;
  for (int i = 0; i < 50; ++i) names.push_back(fmt::format("t{}", i));
  Stage stage(make_suite(names), 7);
  stage.run();
  CHECK(stage.executor.most_running() == 7);
  CHECK(stage.recorder.results.size() == 50);
  CHECK(stage.clock.seconds == 8);
}

TEST_CASE("a result has times, exit status and log") {
  Stage stage(make_suite({"a"}));
  stage.executor.behaviours["a"] = {.lasts = 2.5, .ends = {ExitStatus::Kind::exited, 3}, .output = "hello"};
  stage.run();
  const TestResult& result = stage.recorder.results.at(0);
  CHECK(result.duration == Seconds(2.5));
  CHECK(result.started == FakeClock::k_start);
  CHECK(result.exit->code == 3);
  CHECK(result.log == (stage.dir / "a.log").string());
  CHECK(result.log_size == 5);
}

TEST_CASE("the output is judged") {
  Stage stage(make_suite({"a"}));
  stage.suite.tests[0].expectations.fail_regexes = {"oops"};
  stage.executor.behaviours["a"].output = "oops";
  stage.run();
  CHECK(stage.recorder.results.at(0).outcome.status == Status::failed);
}

TEST_CASE("the build comes first and its tests start as their targets are ready") {
  Suite suite = with_targets({"a", "b"});
  suite.tests.push_back(make_test(3, "free"));
  Stage stage(std::move(suite));
  stage.executor.build_facts = {{1, BuildPrinted{"[1/2] a"}}, {2, TargetBuilt{"t_a"}}, {2.5, TargetBuilt{"t_b"}}, {3, BuildEnded{0, ""}}};
  CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 build started
    build t_a t_b -j2
@0 start free
@1 build says [1/2] a
@1 end free passed
@2 start a
@2.5 start b
@3 build done
@3 end a passed
@3.5 end b passed
@3.5 run over
)");
  CHECK_FALSE(stage.summary.build_broken);
}

TEST_CASE("tests of a failed target do not run and show the compiler's words; the others run") {
  Stage stage(with_targets({"a", "b"}));
  stage.executor.build_facts = {{1, TargetFailed{"t_a", "a.cpp:1: error\n"}}, {1, TargetBuilt{"t_b"}}, {1, BuildEnded{1, ""}}};
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 build started
    build t_a t_b -j2
@1 end a build_failed: build failed
@1 start b
@1 build failed
@2 end b passed
@2 run over
)");
  CHECK(stage.recorder.results.at(0).build_output == "a.cpp:1: error\n");
  CHECK(stage.recorder.results.at(0).log.empty());
  CHECK(stage.summary.failed == 1);
  CHECK(stage.summary.build_failed == 1);
  CHECK(stage.summary.build_broken);
}

TEST_CASE("a build that cannot start fails every test that needs it, and no other") {
  Suite suite = with_targets({"a"});
  suite.tests.push_back(make_test(2, "free"));
  Stage stage(std::move(suite));
  stage.executor.build_error = "no ninja";
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 build started
    build t_a -j2
@0 build failed: no ninja
@0 end a build_failed: build failed
@0 start free
@1 end free passed
@1 run over
)");
  CHECK(stage.recorder.results.at(0).build_output == "no ninja");
  CHECK(stage.summary.build_broken);
}

TEST_CASE("--no-build runs what is there") {
  Stage stage(with_targets({"a"}));
  stage.options.build = RunOptions::Build::no;
  CHECK(stage.run() == "\n@0 run 1 tests -j2\n@0 start a\n@1 end a passed\n@1 run over\n");
}

TEST_CASE("an interrupt during the build stops it and runs nothing") {
  Stage stage(with_targets({"a"}));
  stage.executor.build_facts = {{5, TargetBuilt{"t_a"}}, {5, BuildEnded{0, ""}}};
  stage.executor.later(1, SignalArrived{SIGINT});
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 build started
    build t_a -j2
    stop build INT
@1 build failed
@1 run over by INT
)");
  CHECK_FALSE(stage.summary.build_broken);
}

TEST_CASE("a build that ends without a word on a target is explained, not waited for") {
  Stage stage(with_targets({"a"}));
  stage.executor.build_facts = {{1, BuildEnded{0, ""}}};
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
@0 build started
    build t_a -j2
@1 build done
error: the run cannot go on; please report this:
a waits for its build
)");
}

TEST_CASE("a test that cannot start is not run, and gives back what it took") {
  Stage stage(make_suite({"no file", "no start", "good"}), 1);
  for (Test& test : stage.suite.tests) test.requirements.locks = {"lock"};
  stage.suite.tests[0].command = {"/no/such/file"};
  stage.executor.behaviours["no start"].start_error = "Unable to start executable";
  CHECK(stage.run() == R"(
@0 run 3 tests -j1
@0 start no file
@0 end no file not_run: Unable to find executable: /no/such/file
@0 start no start
@0 end no start not_run: Unable to start executable
@0 start good
@1 end good passed
@1 run over
)");
  CHECK(stage.summary.failed == 2);
  CHECK_FALSE(stage.recorder.results.at(0).exit.has_value());
  CHECK(stage.recorder.results.at(0).log.empty());
}

TEST_CASE("disabled tests and failed fixtures are told without a start") {
  Stage stage(make_suite({"off", "setup", "use", "cleanup"}));
  stage.suite.tests[0].disabled = true;
  stage.suite.tests[1].requirements.fixtures_setup = {"f"};
  stage.suite.tests[2].requirements.fixtures_required = {"f"};
  stage.suite.tests[3].requirements.fixtures_cleanup = {"f"};
  stage.executor.behaviours["setup"].ends = k_exit_1;
  CHECK(stage.run() == R"(
@0 run 4 tests -j2
@0 end off disabled: Disabled
@0 start setup
@1 end setup failed: exit code 1
@1 end use not_run: Failed test dependencies: setup
@1 start cleanup
@2 end cleanup passed
@2 run over
)");
  CHECK(stage.summary.failed == 2);
}

TEST_CASE("facts of tests that ended already change nothing") {
  Stage stage(make_suite({"a", "b"}), 1);
  stage.executor.later(1.5, TimerFired{0});
  CHECK(stage.run() == "\n@0 run 2 tests -j1\n@0 start a\n@1 end a passed\n@1 start b\n@2 end b passed\n@2 run over\n");
}

TEST_CASE("a test that sleeps makes room for another one, unless it asked for processors or one at a time is wanted") {
  Suite suite = make_suite({"a", "b", "c"});
  int jobs = 2;
  bool makes_room = true;
  SUBCASE("it asked for nothing") {}
  SUBCASE("PROCESSORS") {
    suite.tests[0].requirements.processors = 2;
    makes_room = false;
  }
  SUBCASE("-j1") {
    jobs = 1;
    makes_room = false;
  }
  Stage stage(std::move(suite), jobs);
  stage.options.budget.most_running = 9;
  for (const char* name : {"a", "b", "c"}) stage.executor.behaviours[name].lasts = 5;
  stage.executor.later(0.5, SleepChanged{0, true});
  const std::string log = stage.run();
  CHECK((log.find("@0.5 start") != std::string::npos) == makes_room);
}
