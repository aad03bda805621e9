// The cases of test executables: how they are listed, packed into processes and told.
#include <doctest/doctest.h>

#include "case_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("cases: one process lists them, then each slot has a part of them") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 2);
  stage.p().cases[1] = {.id = "S.b", .ends = is_skipped("no net"), .lasts = 0.25, .prints = "words of b\n"};
  stage.p().cases[3].ends = passes("fails as it should\nmore");
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
    process p --list
@0.5 cases of p: 4
    process p S.a S.b
    process p S.c S.d
@0.6 start p/S.a
@0.6 start p/S.c
@1.5 end p/S.a passed
@1.5 start p/S.b
@1.5 end p/S.c passed
@1.5 start p/S.d
@1.75 end p/S.b skipped: no net
@2.5 end p/S.d passed: fails as it should
@2.5 run over
)");
  CHECK(stage.summary.failed == 0);
  CHECK(stage.executor.most_running() == 2);
  const TestResult& result = stage.result("p/S.b");
  CHECK(result.attempt == 1);
  CHECK(result.slot == 0);
  CHECK(result.duration == Seconds(0.25));
  CHECK(result.started == FakeClock::k_start + std::chrono::milliseconds(1500));
  CHECK_FALSE(result.exit);
  CHECK(result.earlier.empty());
  CHECK(stage.output(result) == "words of b\nno net\n");
  CHECK(result.log_size == 18);
  CHECK(stage.result("p/S.a").log.empty());
  CHECK(stage.output(stage.result("p/S.d")) == "fails as it should\nmore\n");
  CHECK(stage.result("p/S.d").slot == 1);
  CHECK(stage.result("p/S.d").started == FakeClock::k_start + std::chrono::milliseconds(1500));
  CHECK(stage.result("p/S.c").test->location.file == "/src/x.cpp");
  REQUIRE(stage.recorder.starts.size() == 4);
  CHECK(stage.recorder.starts[1].test->name == "p/S.c");
  CHECK(stage.recorder.starts[1].time == FakeClock::k_start + std::chrono::milliseconds(500));
  CHECK(stage.recorder.starts[1].slot == 1);
  CHECK(stage.recorder.starts[2].time == FakeClock::k_start + std::chrono::milliseconds(1500));
  CHECK(stage.recorder.starts[2].attempt == 1);
}

TEST_CASE("cases: what they tell is looked at soon after the start, then ever more rarely") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}));
  stage.options.cases.first_look = Seconds(0.002);
  const std::vector<double> lasts{0.001, 0.01, 0.04, 0.2};
  for (std::size_t i = 0; i < lasts.size(); ++i) stage.p().cases[i].lasts = lasts[i];
  CHECK(stage.run() == listed(4) + R"(    process p S.a S.b S.c S.d
@0.502 end p/S.a passed
@0.502 start p/S.b
@0.514 end p/S.b passed
@0.514 start p/S.c
@0.562 end p/S.c passed
@0.562 start p/S.d
@0.751 end p/S.d passed
@0.751 run over
)");
}

TEST_CASE("cases: a process knows its slot, its files and its attempt") {
  CaseStage stage(program_of({"S.a", "S.b"}), 2);
  stage.p().listing_prints = "words\n";
  stage.run();
  const std::vector<LaunchSpec>& launches = stage.executor.launches;
  REQUIRE(launches.size() == 3);
  const std::string folder = (stage.dir / "p.cases").string();
  const auto has = [](const LaunchSpec& spec, const std::string& entry) {
    return std::count(spec.environment.begin(), spec.environment.end(), entry) == 1;
  };
  CHECK(show(launches[0].command) == "[/bin/true][--gtest_list_tests][--gtest_output=json:" + folder + "/list.results]");
  CHECK(launches[0].output_file == folder + "/list.log");
  CHECK(has(launches[0], "PTESTS_CASE_EVENTS=" + folder + "/list.events"));
  CHECK(show(launches[2].command) == "[/bin/true][--gtest_flagfile=" + folder + "/batch2.input]");
  CHECK(launches[2].output_file == folder + "/batch2.log");
  CHECK(has(launches[2], "PTESTS_CASE_EVENTS=" + folder + "/batch2.events"));
  CHECK(has(launches[2], "GTEST_TOTAL_SHARDS=1"));
  CHECK(has(launches[2], "PTESTS_SLOT=1"));
  CHECK(launches[2].working_directory == stage.dir.path().string());
}

TEST_CASE("cases: the fastest ones are told too, and what an earlier run left is gone") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c"}));
  for (FakeCase& one : stage.p().cases) one.lasts = 0;
  stage.p().tear_down = 0.05;
  write(stage.dir / "p.cases" / "old.log", "old");
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 3
    process p S.a S.b S.c
@0.55 end p/S.a passed
@0.55 end p/S.b passed
@0.55 end p/S.c passed
@0.55 run over
)");
  CHECK_FALSE(fs::exists(stage.dir / "p.cases" / "old.log"));
}

TEST_CASE("cases: those that are disabled or to be skipped never start") {
  CaseStage stage(program_of({"S.a", "S.DISABLED_b", "S.c", "S.d"}));
  stage.p().cases[2].file = "/src/skip.cpp";
  stage.suite.tests[0].bundle = {{.file = "/src/x.cpp", .name = "s.x"},
                                 {.file = "/src/skip.cpp", .name = "s.skip", .skip_reason = "no net"}};
  SUBCASE("some") {
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 4
@0.5 end s.x/S.DISABLED_b disabled
@0.5 end s.skip/S.c skipped: no net
    process p S.a S.d
@0.6 start s.x/S.a
@1.5 end s.x/S.a passed
@1.5 start s.x/S.d
@2.5 end s.x/S.d passed
@2.5 run over
)");
    CHECK(stage.result("s.skip/S.c").started == FakeClock::k_start + std::chrono::milliseconds(500));
  }
  SUBCASE("all") {
    stage.p().cases = {stage.p().cases[1], stage.p().cases[2]};
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 2
@0.5 end s.x/S.DISABLED_b disabled
@0.5 end s.skip/S.c skipped: no net
@0.5 run over
)");
  }
  CHECK(stage.summary.failed == 0);
}

TEST_CASE("cases: those that are not wanted are not heard of, except by who hears of lists") {
  CaseStage stage(program_of({"S.a", "S.DISABLED_b", "S.c"}));
  Words listed;
  stage.options.cases.on_listed = [&](const Test& parent, const CaseSet& set) {
    for (const Test* test : set.tests) listed.push_back(parent.name + ":" + test->name);
  };
  std::string wanted = "p/S.c";
  stage.options.cases.is_wanted = [&](const Test& parent, const std::vector<Test*>& cases) {
    CHECK(parent.name == "p");
    std::vector<bool> result;
    for (const Test* one : cases) result.push_back(one->name == wanted);
    return result;
  };
  SUBCASE("some") {
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.c
@0.6 start p/S.c
@1.5 end p/S.c passed
@1.5 run over
)");
  }
  SUBCASE("none") {
    wanted = "";
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 0
@0.5 run over
)");
  }
  CHECK(show(listed) == "[p:p/S.a][p:p/S.DISABLED_b][p:p/S.c]");
}

TEST_CASE("cases: they may be listed only") {
  CaseStage stage(program_of({"S.a", "S.DISABLED_b"}));
  stage.options.cases.only_list = true;
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 2
@0.5 end p/S.DISABLED_b disabled
@0.5 run over
)");
}

TEST_CASE("cases: a resumed run keeps the files of the one before it") {
  CaseStage stage(program_of({"S.a"}));
  stage.options.resumes = "r1";
  stage.options.run_id = "r2";
  write(stage.dir / "p.cases" / "1-S.a.log", "words");
  stage.p().cases[0].prints = "other words\n";
  stage.run();
  CHECK(read(stage.dir / "p.cases" / "1-S.a.log") == "words");
  CHECK(stage.result("p/S.a").log == (stage.dir / "p.cases" / "r2" / "1-S.a.log").string());
  CHECK(stage.output(stage.result("p/S.a")) == "other words\n");
}

TEST_CASE("cases: one process a case where that is asked for") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().cases[1].ends = fails("why\nmore");
  SUBCASE("by the run") { stage.options.cases.batches.mode = BatchOptions::Mode::isolated; }
  SUBCASE("by the suite") { stage.suite.tests[0].isolate_cases = true; }
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 2
    process p S.a
@0.6 start p/S.a
@1.5 end p/S.a passed
    process p S.b
@1.6 start p/S.b
@2.5 end p/S.b failed: why
@2.5 run over
)");
  CHECK(stage.summary.failed == 1);
  CHECK(stage.output(stage.result("p/S.b")) == "why\nmore\n");
}

TEST_CASE("cases: an executable is run as it is where nobody can tell of its cases") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  Test& test = stage.suite.tests[0];
  SUBCASE("--batch=off") { stage.options.cases.batches.mode = BatchOptions::Mode::whole; }
  SUBCASE("WILL_FAIL") {
    test.expectations.will_fail = true;
    stage.executor.behaviours["p"].ends = {ExitStatus::Kind::exited, 1};
  }
  SUBCASE("an unknown framework") { test.framework = "other"; }
  SUBCASE("nothing is kept") { test.capture = Capture::none; }
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
@0 start p
@1 end p passed
@1 run over
)");
}

TEST_CASE("cases: what is known of their durations decides how they are packed") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 2);
  stage.p().cases[3].lasts = 3;
  stage.options.cases.batches.target = Seconds(3);
  TestHistories known;
  for (const std::string name : {"p/S.a", "p/S.b", "p/S.c"}) known[name] = {.runs = 1, .duration = Seconds(1)};
  known["p/S.d"] = {.runs = 2, .duration = Seconds(3)};
  stage.options.cases.histories = &known;
  std::string expected = "[p --list][p S.a S.b S.c][p S.d]";
  SUBCASE("as they are") {}
  SUBCASE("nothing of results without a run") {
    for (auto& [name, history] : known) history.runs = 0;
    expected = "[p --list][p S.a S.b][p S.c S.d]";
  }
  SUBCASE("a short time a process") {
    stage.options.cases.batches.target = Seconds(1);
    expected = "[p --list][p S.d][p S.a][p S.b][p S.c]";
  }
  stage.run();
  CHECK(show(processes_in(stage.log)) == expected);
}

TEST_CASE("cases: there are as many processes as have room") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 4);
  std::string expected;
  SUBCASE("one processor each") { expected = "[p --list][p S.a][p S.b][p S.c][p S.d]"; }
  SUBCASE("two processors each") {
    stage.suite.tests[0].requirements.processors = 2;
    expected = "[p --list][p S.a S.b][p S.c S.d]";
  }
  SUBCASE("more than there are") {
    stage.suite.tests[0].requirements.processors = 9;
    expected = "[p --list][p S.a S.b S.c S.d]";
  }
  stage.run();
  CHECK(show(processes_in(stage.log)) == expected);
}

TEST_CASE("cases: an executable with a lock has one process at a time, and all of its cases go before others") {
  CaseStage stage({{"p", program_of({"S.a", "S.b", "S.c", "S.d"})}, {"q", program_of({"S.x"})}}, 2);
  for (Test& test : stage.suite.tests) test.requirements.locks = {"db"};
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
    process p --list
@0.5 cases of p: 4
    process p S.a S.b
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 end p/S.b passed
    process p S.c S.d
@2.6 start p/S.c
@3.5 end p/S.c passed
@3.5 start p/S.d
@4.5 end p/S.d passed
    process q --list
@5 cases of q: 1
    process q S.x
@5.1 start q/S.x
@6 end q/S.x passed
@6 run over
)");
  CHECK(stage.executor.most_running() == 1);
}

TEST_CASE("cases: who requires a fixture waits for all cases of its set-up") {
  CaseStage stage({{"p", program_of({"S.a", "S.b"})}});
  stage.suite.tests.push_back(make_test(2, "user"));
  stage.options.log_paths.push_back((stage.dir / "user.log").string());
  stage.suite.tests[0].requirements.fixtures_setup = {"f"};
  stage.suite.tests[1].requirements.fixtures_required = {"f"};
  stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
  std::string of_user = "@2.5 start user\n@3.5 end user passed\n@3.5 run over\n";
  std::string of_case = "passed\n";
  SUBCASE("passed") {}
  SUBCASE("failed") {
    stage.p().cases[1].ends = fails("why");
    of_case = "failed: why\n";
    of_user = "@2.5 end user not_run: Failed test dependencies: p\n@2.5 run over\n";
  }
  CHECK(stage.run() == R"(
@0 run 2 tests -j1
    process p --list
@0.5 cases of p: 2
    process p S.a
@0.6 start p/S.a
@1.5 end p/S.a passed
    process p S.b
@1.6 start p/S.b
@2.5 end p/S.b )" + of_case +
                           of_user);
}

TEST_CASE("cases: their order is the framework's, or random") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.options.cases.order.seed = 7;
  std::string expected = "[p --list][p S.a S.b]";
  std::string shuffle = "--gtest_shuffle=0\n";
  SUBCASE("the framework's") {}
  SUBCASE("random") {
    SUBCASE("listener") {}
    SUBCASE("no listener") { stage.p().has_listener = false; }
    stage.options.cases.order.by = CaseOrder::By::chance;
    expected = "[p --list][p S.b S.a]";
    shuffle = "--gtest_shuffle=1\n";
  }
  stage.run();
  CHECK(show(processes_in(stage.log)) == expected);
  CHECK(stage.recorder.results.size() == 2);
  CHECK(stage.summary.failed == 0);
  const std::string flags = read(stage.dir / "p.cases" / "batch1.input");
  CHECK(flags.find(shuffle) != std::string::npos);
  CHECK(flags.find("--gtest_random_seed=7\n") != std::string::npos);
}

TEST_CASE("cases: results that are read in the order of the list are asked for in that") {
  Stage stage(make_suite({"p"}));
  stage.suite.tests[0].framework = "catch2";
  stage.options.cases.order.by = CaseOrder::By::chance;
  CaseList list;
  list.cases.push_back({.name = "a", .id = "a"});
  std::string order = "decl";
  SUBCASE("no listener") {}
  SUBCASE("listener") {
    list.has_listener = true;
    order = "rand";
  }
  write_case_list(case_list_file(stage.options.log_paths[0]), identity_of_cases(stage.suite.tests[0]), list);
  stage.executor.make_case_process = [](const LaunchSpec&) { return FakeExecutor::CaseProcess{"p a", {}}; };
  stage.run();
  REQUIRE(stage.executor.launches.size() == 1);
  const Words& command = stage.executor.launches[0].command;
  REQUIRE(command.size() > 2);
  CHECK(command[1] == "--order");
  CHECK(command[2] == order);
}

TEST_CASE("cases: without our listener the framework's own output tells of them") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c"}));
  stage.p().has_listener = false;
  // What comes behind the last case tells that it has ended, or the end of the output does.
  SUBCASE("whole") {}
  SUBCASE("cut") { stage.p().ends_suites = false; }
  stage.p().cases[0].prints = "words of a\n";
  stage.p().cases[1].ends = fails("/src/x.cpp:7: Failure\nwhy");
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 3
    process p S.a S.b S.c
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 attempt 1 of p/S.b failed, again in 0 s
@2.5 start p/S.c
@3.5 end p/S.c passed
    process p S.b
@3.6 start p/S.b
@4.5 end p/S.b failed: /src/x.cpp:7: why; attempt 2
@4.5 run over
)");
  CHECK(stage.output(stage.result("p/S.a")) == "words of a\n");
  CHECK(stage.output(stage.result("p/S.b")) == "/src/x.cpp:7: Failure\nwhy\n");
  CHECK(stage.result("p/S.b").duration == Seconds(1));
}
