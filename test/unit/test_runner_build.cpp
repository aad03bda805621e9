// Compilers and linkers share the processors with the tests.
#include <doctest/doctest.h>

#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Kind = BuildStep::Kind;

Suite with_targets(const Words& names) {
  Suite suite = make_suite(names);
  for (Test& test : suite.tests) test.targets = {"t_" + test.name};
  return suite;
}

StepWanted wanted(StepId id, const std::string& target, Kind kind = Kind::compile) {
  return {id, {.target = target, .kind = kind, .language = "CXX", .output = target + ".o", .source = "", .command = "c++ " + target}};
}

StepResult exits(int code, const std::string& output = "") {
  StepResult result;
  result.exit.code = code;
  result.output = output;
  return result;
}

StepResult hits(LimitKind limit) {
  StepResult result = exits(1);
  result.limit_hit = limit;
  return result;
}

/// A build of one compiler and one linker a target; the linker is wanted when the compiler has ended.
void add_target(FakeExecutor& executor, StepId first, const std::string& target, double compile = 1, double link = 0.5) {
  executor.build_facts.push_back({0, wanted(first, target)});
  executor.steps[first].lasts = compile;
  executor.steps[first].then = {wanted(first + 1, target, Kind::link)};
  executor.steps[first + 1].lasts = link;
  executor.steps[first + 1].then = {TargetBuilt{target}};
}

}  // namespace

TEST_CASE("a test starts when it is linked, before what is compiled next") {
  Stage stage(with_targets({"a", "b"}), 1);
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b");
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  CHECK(stage.run() == R"(
@0 run 2 tests -j1
@0 build started
    build t_a t_b -j1
@0 compile t_a
    start step 1
@1 end of compile t_a: exit 0
@1 compile t_b
    start step 3
@2 end of compile t_b: exit 0
@2 link t_a
    start step 2
@2.5 end of link t_a: exit 0
@2.5 link t_b
    start step 4
@3 end of link t_b: exit 0
@3 start a
@4 end a passed
@4 start b
@5 end b passed
@9 build done
@9 run over
)");
}

TEST_CASE("compilers and tests together take no more processors than there are") {
  Words names;
  for (int i = 0; i < 20; ++i) names.push_back(fmt::format("x{}", i));
  Stage stage(with_targets(names), 3);
  for (unsigned i = 0; i < 20; ++i) add_target(stage.executor, 1 + 2 * i, fmt::format("t_x{}", i), 0.7 + 0.1 * (i % 4));
  stage.executor.build_facts.push_back({99, BuildEnded{0, ""}});
  stage.run();
  CHECK(stage.executor.most_running() == 3);
  CHECK(stage.recorder.results.size() == 20);
  CHECK(stage.clock.seconds == 99);
}

TEST_CASE("a compiler that fails fails the tests of its target at once, with its words") {
  Stage stage(with_targets({"a", "b"}), 2);
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b");
  stage.executor.steps[1].ends = exits(1, "a.cpp:1: error: no");
  stage.executor.steps[1].then.clear();
  stage.executor.build_facts.push_back({9, TargetFailed{"t_a", "what the build tool says"}});
  stage.executor.build_facts.push_back({9, BuildEnded{1, ""}});
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 build started
    build t_a t_b -j2
@0 compile t_a
    start step 1
@0 compile t_b
    start step 3
@1 end of compile t_a: exit 1
@1 end a build_failed: build failed
@1 end of compile t_b: exit 0
@1 link t_b
    start step 4
@1.5 end of link t_b: exit 0
@1.5 start b
@2.5 end b passed
@9 build failed
@9 run over
)");
  CHECK(stage.recorder.results.at(0).build_output == "c++ t_a\na.cpp:1: error: no\n");
}

TEST_CASE("each source that fails of a target is told with its words, the test by the first") {
  Stage stage(with_targets({"a"}), 1);
  stage.executor.build_facts = {{0, wanted(1, "t_a")}, {0, wanted(2, "t_a")}, {9, BuildEnded{1, ""}}};
  stage.executor.steps[1].ends = exits(1, "first");
  stage.executor.steps[2].ends = exits(1, "second");
  stage.run();
  CHECK(stage.recorder.results.at(0).build_output == "c++ t_a\nfirst\n");
  CHECK(unit::show(stage.recorder.step_failures) == "[c++ t_a\nfirst\n][c++ t_a\nsecond\n]");
}

TEST_CASE("a compiler that was killed for memory runs once more, alone") {
  Stage stage(with_targets({"a", "b"}), 2);
  stage.options.steps.limits[LimitKind::memory] = 1024;
  stage.options.budget.memory = 4096;
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b", 2);
  stage.executor.steps[1].first_ends = {hits(LimitKind::memory)};
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 build started
    build t_a t_b -j2
@0 compile t_a
    start step 1 with 1.0 KiB
@0 compile t_b
    start step 3 with 1.0 KiB
@1 notice t_a: a compiler had not enough memory; it runs once more, alone.
@2 end of compile t_b: exit 0
    start step 1 with 4.0 KiB
@3 end of compile t_a: exit 0
@3 link t_b
    start step 4 with 1.0 KiB
@3 link t_a
    start step 2 with 1.0 KiB
@3.5 end of link t_b: exit 0
@3.5 end of link t_a: exit 0
@3.5 start b
@3.5 start a
@4.5 end b passed
@4.5 end a passed
@9 build done
@9 run over
)");
}

TEST_CASE("killed for memory twice is a failure, and so is a timeout at once") {
  Stage stage(with_targets({"a"}), 2);
  add_target(stage.executor, 1, "t_a");
  stage.executor.build_facts.push_back({9, BuildEnded{1, ""}});
  SUBCASE("memory") {
    stage.executor.steps[1].first_ends = {exits(1, "g++: fatal error: Killed signal terminated program cc1plus\n")};
    stage.executor.steps[1].ends = hits(LimitKind::memory);
    stage.options.budget.memory = 4096;
    std::string words = "beyond 4.0 KiB, all that tests may have";
    SUBCASE("without a limit") {}
    SUBCASE("with a limit") {
      stage.options.steps.limits[LimitKind::memory] = 1024;
      words = "beyond --compile-memory 1.0 KiB, and again when it ran alone with 4.0 KiB";
    }
    stage.run();
    CHECK(stage.recorder.results.at(0).build_output == "c++ t_a\nended by ptests: " + words + "\n");
  }
  SUBCASE("timeout") {
    stage.options.steps.limits[LimitKind::timeout] = 1.5;
    stage.executor.steps[1].ends = hits(LimitKind::timeout);
    stage.run();
    CHECK(stage.recorder.results.at(0).build_output == "c++ t_a\nended by ptests: beyond --compile-timeout 1.5\n");
  }
  CHECK(stage.recorder.results.at(0).outcome.status == Status::build_failed);
}

TEST_CASE("the build is asked for colours where they are shown") {
  Stage stage(with_targets({"a"}), 1);
  stage.executor.build_facts = {{1, TargetBuilt{"t_a"}}, {1, BuildEnded{0, ""}}};
  Words wanted;
  SUBCASE("on a terminal") {
    stage.options.steps.keep_colours = true;
    wanted = {"CLICOLOR_FORCE=1"};
  }
  SUBCASE("anywhere else") {}
  stage.run();
  CHECK(stage.executor.build_environment == wanted);
}

TEST_CASE("--link-jobs") {
  Stage stage(with_targets({"a", "b"}), 4);
  stage.options.steps.most_links = 1;
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b");
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("@1 link t_a\n    start step 2\n@1.5 end of link t_a: exit 0\n@1.5 link t_b\n") != std::string::npos);
}

TEST_CASE("a test that needs the whole machine is not kept waiting by compilers for ever") {
  Suite suite = make_suite({"wide"});
  suite.tests[0].requirements.processors = 2;
  suite.tests.push_back(make_test(2, "a"));
  suite.tests[1].targets = {"t"};
  Stage stage(std::move(suite), 2);
  // Two at a time that never end together.
  for (unsigned i = 1; i <= 60; ++i) {
    stage.executor.build_facts.push_back({0, wanted(i, "library")});
    stage.executor.steps[i].lasts = i == 1 ? 0.5 : 1;
  }
  stage.executor.build_facts.push_back({0.1, TargetBuilt{"other"}});
  stage.executor.build_facts.push_back({99, TargetBuilt{"t"}});
  stage.executor.build_facts.push_back({99, BuildEnded{0, ""}});
  stage.run();
  REQUIRE(stage.recorder.results.size() == 2);
  CHECK(stage.recorder.results[0].test->name == "wide");
  CHECK(stage.recorder.results[0].started < FakeClock::k_start + std::chrono::seconds(15));
}

TEST_CASE("a launcher that goes away while it waits, or while it runs, gives back what it had") {
  Stage stage(with_targets({"a"}), 1);
  stage.executor.build_facts = {{0, wanted(1, "library")}, {0, wanted(2, "library")}, {0, wanted(3, "library")}};
  StepResult lost;
  lost.is_lost = true;
  stage.executor.steps[1].ends = lost;
  stage.executor.build_facts.push_back({0.5, StepEnded{2, lost}});
  stage.executor.build_facts.push_back({5, TargetBuilt{"t_a"}});
  stage.executor.build_facts.push_back({5, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("start step 2") == std::string::npos);
  CHECK(log.find("    start step 3") != std::string::npos);
  CHECK(stage.recorder.results.at(0).outcome.status == Status::passed);
}

TEST_CASE("with the times of earlier builds the longest chain goes first, even before tests when all wait for it") {
  Suite suite = with_targets({"short", "long"});
  suite.tests.push_back(make_test(3, "ready"));
  suite.tests[1].requirements.cost = 100;
  suite.tests[2].requirements.cost = 1;
  suite.tests[0].requirements.cost = 1;
  Stage stage(std::move(suite), 1);
  add_target(stage.executor, 1, "t_short");
  add_target(stage.executor, 3, "t_long");
  stage.options.steps.known = {{"t_short", {Seconds(1), Seconds(0.5)}}, {"t_long", {Seconds(1), Seconds(0.5)}}};
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("start ready") < log.find("compile t_long"));
  CHECK(log.find("compile t_long") < log.find("compile t_short"));
}

TEST_CASE("what was changed does not wait for tests that were not: a processor is kept free for what the build starts next") {
  Suite suite = with_targets({"changed"});
  for (int i = 0; i < 9; ++i) suite.tests.push_back(make_test(2 + i, fmt::format("old{}", i)));
  Stage stage(std::move(suite), 2);
  auto& facts = stage.executor.build_facts;
  SUBCASE("and used by it") {
    facts = {{0, BuildPlanned{2}}, {0.1, wanted(1, "t_changed")}, {9, BuildEnded{0, ""}}};
    stage.executor.steps[1].lasts = 1;
    stage.executor.steps[2].lasts = 0.5;
    stage.executor.later(1.2, wanted(2, "t_changed", Kind::link));
    stage.executor.later(1.75, TargetBuilt{"t_changed"});
    const std::string log = stage.run();
    CHECK(log.find("@0.1 compile t_changed\n") != std::string::npos);
    CHECK(log.find("@1.2 link t_changed\n") != std::string::npos);
    CHECK(log.find("@1.75 start changed\n") != std::string::npos);
    CHECK(log.find("@0 start old0\n") != std::string::npos);
  }
  SUBCASE("but not for long") {
    facts = {{0, BuildPlanned{2}}, {3, TargetBuilt{"t_changed"}}, {3, BuildEnded{0, ""}}};
    const std::string log = stage.run();
    CHECK_MESSAGE(log.find("@0 start old0\n@0 build of 2 commands\n@0.15 start old1\n") != std::string::npos, log);
  }
  SUBCASE("and not while more of the build waits") {
    facts = {{0, wanted(1, "t_changed")},
             {0, wanted(2, "library")},
             {0, wanted(3, "library")},
             {9, TargetBuilt{"t_changed"}},
             {9, BuildEnded{0, ""}}};
    const std::string log = stage.run();
    // Half of the processors compile, the other half tests.
    CHECK(log.find("@0 start old0\n") != std::string::npos);
    CHECK(log.find("@1 start step 3") == std::string::npos);
  }
}

TEST_CASE("a linker that is about to ask does not wait for a compiler that asked before") {
  Suite suite = with_targets({"a", "b", "c", "d"});
  suite.tests.push_back(make_test(5, "ready"));
  Stage stage(std::move(suite), 2);
  stage.executor.behaviours["ready"].lasts = 0.5;
  stage.executor.build_facts = {
      {0, wanted(1, "t_a")},    {0, wanted(3, "t_b")},    {0, wanted(5, "t_c")},    {0, wanted(7, "t_d")},
      {90, TargetBuilt{"t_b"}}, {90, TargetBuilt{"t_c"}}, {90, TargetBuilt{"t_d"}}, {90, BuildEnded{0, ""}},
  };
  for (const StepId id : {1U, 3U, 5U, 7U}) stage.executor.steps[id].lasts = id == 1 ? 1 : 10;
  stage.executor.steps[2].lasts = 0.5;
  SUBCASE("and neither does its test") {
    stage.executor.later(1.01, wanted(2, "t_a", Kind::link));
    stage.executor.later(1.515, TargetBuilt{"t_a"});
    const std::string log = stage.run();
    CHECK(log.find("@1.01 link t_a\n") != std::string::npos);
    CHECK(log.find("@1.515 start a\n") != std::string::npos);
    CHECK(log.find("@2.515 compile t_c\n") != std::string::npos);
  }
  SUBCASE("but a compiler gets what nobody asks for") {
    stage.executor.later(1.01, wanted(9, "t_d"));
    stage.executor.later(95, TargetBuilt{"t_a"});
    CHECK(stage.run().find("@1.025 compile t_c\n") != std::string::npos);
  }
  SUBCASE("but a compiler waits longer for what leads to the first test of all") {
    stage.suite.tests.pop_back();
    stage.executor.later(1.1, wanted(2, "t_a", Kind::link));
    stage.executor.later(1.615, TargetBuilt{"t_a"});
    const std::string log = stage.run();
    CHECK(log.find("@1.1 link t_a\n") != std::string::npos);
    CHECK(log.find("@1.615 start a\n") != std::string::npos);
  }
}

TEST_CASE("no processor is kept for a linker that waits already") {
  Stage stage(with_targets({"a", "b", "c"}), 2);
  stage.executor.build_facts = {
      {0, wanted(1, "t_a")},    {0, wanted(2, "t_b")},    {0, wanted(3, "t_c")},    {0.5, wanted(4, "t_c", Kind::link)},
      {90, TargetBuilt{"t_a"}}, {90, TargetBuilt{"t_b"}}, {90, TargetBuilt{"t_c"}}, {90, BuildEnded{0, ""}}};
  CHECK(stage.run().find("@1 link t_c\n") != std::string::npos);
}

TEST_CASE("until the first test runs, a processor is kept for its linker when the last library is there") {
  Stage stage(with_targets({"a", "b", "c"}), 2);
  stage.executor.build_facts = {{0, wanted(1, "t_a")},    {0, wanted(2, "library")}, {0, wanted(3, "t_b")},    {0, wanted(4, "t_c")},
                                {90, TargetBuilt{"t_a"}}, {90, TargetBuilt{"t_b"}},  {90, TargetBuilt{"t_c"}}, {90, BuildEnded{0, ""}}};
  for (const StepId id : {1U, 2U, 3U, 4U}) stage.executor.steps[id].lasts = id == 1 ? 1 : 10;
  stage.executor.later(10.1, wanted(5, "t_a", Kind::link));
  const std::string log = stage.run();
  // Nothing can be linked while the library is compiled.
  CHECK(log.find("@1 compile t_b\n") != std::string::npos);
  CHECK(log.find("@10.1 link t_a\n") != std::string::npos);
  CHECK(log.find("@11.1 compile t_c\n") != std::string::npos);
}

TEST_CASE("while a library is compiled and no test has run, the compiler that was quickest before is next") {
  Stage stage(with_targets({"long", "short", "middle"}), 2);
  stage.options.steps.known = {
      {"t_long", {Seconds(3), Seconds(1)}}, {"t_short", {Seconds(1), Seconds(1)}}, {"t_middle", {Seconds(2), Seconds(1)}}};
  auto& facts = stage.executor.build_facts;
  facts = {{0, wanted(1, "library")},
           {0, wanted(2, "library")},
           {0, wanted(3, "t_long")},
           {0, wanted(4, "t_middle")},
           {0, wanted(5, "t_short")}};
  for (const char* target : {"t_long", "t_short", "t_middle"}) facts.push_back({90, TargetBuilt{target}});
  facts.push_back({90, BuildEnded{0, ""}});
  stage.executor.steps[2].lasts = 3;
  const std::string log = stage.run();
  CHECK_MESSAGE(log.find("@1 compile t_short\n") != std::string::npos, log);
}

TEST_CASE("tests that wait until others have slept keep no compiler waiting") {
  Suite suite = with_targets({"made"});
  for (int i = 0; i < 4; ++i) suite.tests.push_back(make_test(2 + i, fmt::format("sleeps{}", i)));
  Stage stage(std::move(suite), 2);
  stage.forecasts = forecast(stage.suite, {});
  for (TestId id = 1; id <= 4; ++id) stage.forecasts[id].demand.millicpus = 0;
  stage.options.budget.most_running = 4;
  stage.options.budget.most_asleep = 2;
  for (TestId id = 1; id <= 4; ++id) stage.executor.behaviours[stage.suite.tests[id].name].lasts = 60;
  for (unsigned i = 1; i <= 40; ++i) stage.executor.build_facts.push_back({0, wanted(i, "library")});
  stage.executor.build_facts.push_back({21, TargetBuilt{"t_made"}});
  stage.executor.build_facts.push_back({21, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("    start step 40\n") < log.find("@21 start made\n"));
}

TEST_CASE("after Ctrl-C nothing more is compiled") {
  Stage stage(with_targets({"a", "b"}), 1);
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b");
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  stage.executor.later(0.5, SignalArrived{SIGINT});
  const std::string log = stage.run();
  CHECK(log.find("start step 3") == std::string::npos);
  CHECK(log.find("stop build INT") != std::string::npos);
}

TEST_CASE("a build that does not end when it is interrupted is killed") {
  Stage stage(with_targets({"a"}), 1);
  stage.executor.build_ignores_signals = true;
  stage.executor.later(2, SignalArrived{SIGINT});
  SUBCASE("10 s later") {
    stage.executor.build_facts = {{30, BuildEnded{0, ""}}};
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
@0 build started
    build t_a -j1
    stop build INT
@12 notice The build has not ended 10 s after it was interrupted: it is killed.
    stop build KILL
@12 build failed
@12 run over by INT
)");
  }
  SUBCASE("at once, when it was interrupted twice") {
    stage.executor.later(3, SignalArrived{SIGINT});
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
@0 build started
    build t_a -j1
    stop build INT
    stop build KILL
@3 build failed
@3 run over by INT
)");
  }
}

TEST_CASE("limits for compilers that no launcher asks for are said to hold for nothing") {
  Stage stage(with_targets({"a"}), 1);
  stage.options.steps.limits[LimitKind::memory] = 1024;
  stage.executor.build_facts = {{1, TargetBuilt{"t_a"}}, {1, BuildEnded{0, ""}}};
  bool is_told = true;
  SUBCASE("something was built") {}
  SUBCASE("there was nothing to build") {
    stage.executor.build_facts.insert(stage.executor.build_facts.begin(), {0.5, BuildPlanned{0}});
    is_told = false;
  }
  const std::string log = stage.run();
  CHECK((log.find("notice --compile-memory") != std::string::npos) == is_told);
}

TEST_CASE("a test that runs alone waits for the end of the build, so that this goes on") {
  Suite suite = with_targets({"a"});
  suite.tests.push_back(make_test(2, "alone"));
  suite.tests[1].requirements.run_serial = true;
  Stage stage(std::move(suite), 2);
  add_target(stage.executor, 1, "t_a");
  stage.executor.build_facts.push_back({3, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("@0 compile t_a") != std::string::npos);
  CHECK(log.find("@3 start alone") != std::string::npos);
}

TEST_CASE("a launcher that asks when the build tool has ended is on its own") {
  Stage stage(with_targets({"a"}), 1);
  stage.executor.build_facts = {{1, TargetBuilt{"t_a"}}, {1, BuildEnded{0, ""}}, {1, wanted(1, "library")}};
  const std::string log = stage.run();
  CHECK(log.find("start step") == std::string::npos);
  CHECK(stage.recorder.results.at(0).outcome.status == Status::passed);
}

TEST_CASE("what is left to compile of a target that failed comes last") {
  Stage stage(with_targets({"a", "b"}), 1);
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 5, "t_b");
  stage.executor.steps[1].ends = exits(1);
  stage.executor.steps[1].then = {wanted(3, "t_a")};
  stage.options.steps.known = {{"t_b", {Seconds(1), Seconds(1)}}};
  stage.executor.build_facts.push_back({9, BuildEnded{1, ""}});
  const std::string log = stage.run();
  CHECK(log.find("start step 5") < log.find("start step 3"));
}

TEST_CASE("a compiler claims the memory of the compilers of its target, a linker that of its linker") {
  Stage stage(with_targets({"a", "b"}), 2);
  add_target(stage.executor, 1, "t_a");
  add_target(stage.executor, 3, "t_b");
  stage.options.budget.memory = 1000;
  TargetHistory known;
  known.compile_rss_bytes = 100;
  known.link_rss_bytes = 900;
  stage.options.steps.known = {{"t_a", known}, {"t_b", known}};
  stage.executor.build_facts.push_back({9, BuildEnded{0, ""}});
  const std::string log = stage.run();
  CHECK(log.find("@0 compile t_b") != std::string::npos);
  CHECK(log.find("@1.5 link t_b") != std::string::npos);
}
