// The cases of test executables: processes that do not work, and runs that end before their end.
#include <doctest/doctest.h>

#include <csignal>

#include "case_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr ExitStatus k_crash{ExitStatus::Kind::signaled, SIGSEGV};

}  // namespace

// ---- Starts -----------------------------------------------------------------

TEST_CASE("stops of cases: an executable that cannot start is one test that was not run") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  SUBCASE("to list its cases") {
    stage.p().listing_error = "no such file";
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0 end p not_run: no such file
@0 run over
)");
  }
  SUBCASE("to run some") {
    stage.p().start_error = "no such file";
    CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.5 end p not_run: no such file
@0.5 run over
)");
    CHECK_FALSE(fs::exists(stage.dir / "p.list"));
  }
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("stops of cases: what runs may end when another process of the executable cannot start") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 2);
  stage.p().cases[0].ends = crashes();
  stage.executor.make_case_process = [&, make = stage.executor.make_case_process](const LaunchSpec& spec) {
    if (stage.executor.launches.size() == 2) stage.p().start_error = "no memory";
    return make(spec);
  };
  CHECK(stage.run() == R"(
@0 run 1 tests -j2
    process p --list
@0.5 cases of p: 4
    process p S.a S.b
    process p S.c S.d
@0.6 start p/S.a
@1.5 end p/S.a crashed: SIGSEGV
@1.5 end p not_run: no memory
@1.5 run over
)");
  CHECK(stage.summary.failed == 2);
}

TEST_CASE("stops of cases: files that cannot be written are told") {
  CaseStage stage(program_of({"S.a"}));
  write(stage.dir / "file", "");
  SUBCASE("at the listing") {
    stage.options.log_paths[0] = (stage.dir / "file" / "p.log").string();
    stage.run();
    CHECK(stage.log.at(1) == fmt::format("@0 end p not_run: creating {}: Not a directory", (stage.dir / "file" / "p.cases").string()));
  }
  SUBCASE("before a process for cases") {
    stage.options.cases.on_listed = [&](const Test&, const CaseSet& set) {
      fs::remove_all(set.folder);
      write(set.folder, "");
    };
    stage.run();
    CHECK(stage.log.at(3) == fmt::format("@0.5 end p not_run: creating {}: Not a directory", (stage.dir / "p.cases").string()));
  }
  CHECK(stage.summary.failed == 1);
}

// ---- Processes --------------------------------------------------------------

TEST_CASE("stops of cases: a process that ended before a case began is nobody's fault while others begin") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}));
  stage.p().set_up = 0.25;
  stage.p().silent_ends = {k_crash};
  CHECK(stage.run() == listed(4) + R"(    process p S.a S.b S.c S.d
    process p S.d
@1 start p/S.d
@2 end p/S.d passed
    process p S.b S.c
@2.3 start p/S.b
@3.3 end p/S.b passed
@3.3 start p/S.c
@4.25 end p/S.c passed
    process p S.a
@4.5 start p/S.a
@5.5 end p/S.a passed
@5.5 run over
)");
  CHECK(stage.summary.failed == 0);
}

TEST_CASE("stops of cases: when no process begins a case they fail as the last one did, after three") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().set_up = 0.25;
  stage.p().silent_ends = std::deque<ExitStatus>(9, {ExitStatus::Kind::exited, 3});
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
    process p S.b
@1 end p/S.b failed: exit code 3, before any case began
    process p S.a
@1.25 end p/S.a failed: exit code 3, before any case began
@1.25 run over
)");
  CHECK(stage.summary.failed == 2);
}

TEST_CASE("stops of cases: an executable that fails behind its cases has a result of its own") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  std::string end;
  SUBCASE("crash") {
    stage.p().last_ends = k_crash;
    end = "crashed: crashed (SIGSEGV) after its cases";
  }
  SUBCASE("exit code") {
    stage.p().last_ends = {ExitStatus::Kind::exited, 3};
    end = "failed: exit code 3 after its cases";
  }
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 end p/S.b passed
@2.5 end p )" + end + "\n@2.5 run over\n");
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("stops of cases: what processes leave behind is the executable's") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().leaves = 1;
  std::string end = "@2.7 end p leaked: left 1 process behind\n";
  SUBCASE("reported") {}
  SUBCASE("of a fixture too: its cases come and go") { stage.suite.tests[0].requirements.fixtures_setup = {"f"}; }
  SUBCASE("a failure") {
    stage.options.leak = LeakPolicy::fail;
    end = "@2.7 end p failed: left 1 process behind\n";
  }
  SUBCASE("nothing is said") {
    stage.suite.tests[0].leak = LeakPolicy::ignore;
    end = "";
  }
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
    kill p S.a S.b KILL
@2.7 end p/S.b passed
)" + end + "@2.7 run over\n");
  CHECK(stage.summary.failed == (end.find("failed") == std::string::npos ? 0 : 1));
  CHECK(stage.recorder.results.back().left.size() == (end.empty() ? 0 : 1));
}

TEST_CASE("stops of cases: all that the processes of an executable leave behind is told") {
  CaseStage stage(program_of({"S.a", "S.b"}), 2);
  stage.p().leaves = 2;
  stage.run();
  REQUIRE(stage.recorder.results.size() == 3);
  CHECK(stage.result("p").outcome.status == Status::leaked);
  CHECK(stage.result("p").left.size() == 4);
}

// ---- Runs that end ----------------------------------------------------------

TEST_CASE("stops of cases: --fail-fast counts cases, and what runs may end") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 2);
  stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
  stage.options.early_end.most_failures = 1;
  stage.p().cases[0].ends = fails("why");
  stage.p().cases[1].lasts = 2;
  const std::string begin = R"(
@0 run 1 tests -j2
    process p --list
@0.5 cases of p: 4
    process p S.a
    process p S.b
@0.6 start p/S.a
@0.6 start p/S.b
@1.5 end p/S.a failed: why
)";
  SUBCASE("what runs may end") {
    CHECK(stage.run() == begin + R"(@2.5 end p/S.b passed
@2.5 run over: by --fail-fast (1 failed)
)");
    CHECK(stage.summary.failed == 1);
  }
  SUBCASE("what runs is killed") {
    stage.options.early_end.action = EarlyEnd::Action::kill_running;
    CHECK(stage.run() == begin + R"(    kill p S.b KILL
@1.5 end p/S.b interrupted: the run was interrupted
@1.5 run over: by --fail-fast (1 failed)
)");
    CHECK(stage.summary.stop == RunSummary::Stop::too_many_failures);
  }
}

TEST_CASE("stops of cases: a failure ends the run when it is told, not when its process ends") {
  CaseStage stage(program_of({"S.a"}));
  stage.options.early_end = {.most_failures = 1, .action = EarlyEnd::Action::kill_running};
  stage.p().tear_down = 9;
  stage.p().cases[0].ends = fails("why");
  std::string time = "1.5";
  SUBCASE("at the usual look") {}
  SUBCASE("when its time is over") {
    // Between two looks.
    stage.p().cases[0].lasts = 0.72;
    stage.suite.tests[0].limits[LimitKind::timeout] = 0.75;
    time = "1.25";
  }
  CHECK(stage.run() == fmt::format(R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.a
@0.6 start p/S.a
@{0} end p/S.a failed: why
    kill p S.a KILL
@{0} run over: by --fail-fast (1 failed)
)",
                                   time));
  CHECK(stage.summary.failed == 1);
}

TEST_CASE("stops of cases: an interruption ends the case that runs; the others have no result") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c"}));
  const std::string begin = R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 3
    process p S.a S.b S.c
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
    kill p S.a S.b S.c TERM
)";
  SUBCASE("at once") {
    stage.executor.later(2, SignalArrived{SIGINT});
    CHECK(stage.run() == begin + R"(@2 end p/S.b interrupted: the run was interrupted
@2 run over by INT
)");
  }
  SUBCASE("what ends in the grace has its result") {
    stage.p().ends_of_signals = false;
    stage.executor.later(2, SignalArrived{SIGINT});
    CHECK(stage.run() == begin + R"(    kill p S.a S.b S.c KILL
@3 end p/S.b passed
@3 end p/S.c interrupted: the run was interrupted
@3 run over by INT
)");
  }
  SUBCASE("and none is tried again") {
    stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
    stage.options.retry.retries = Retries{1};
    stage.p().cases[0].ends = fails("why");
    stage.p().ends_of_signals = false;
    stage.executor.later(1, SignalArrived{SIGINT});
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 3
    process p S.a
@0.6 start p/S.a
    kill p S.a TERM
@1.5 end p/S.a failed: why
@1.5 run over by INT
)");
  }
  SUBCASE("what was told before counts") {
    stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
    stage.p().cases[0].ends = fails("why");
    stage.p().tear_down = 2;
    stage.executor.later(2, SignalArrived{SIGINT});
    stage.run();
    REQUIRE(stage.recorder.results.size() == 1);
    CHECK(stage.recorder.results[0].outcome.reason == "why");
  }
  SUBCASE("while they are listed") {
    SUBCASE("before the list") {}
    SUBCASE("behind the list") {
      stage.p().listing_lasts = 0;
      stage.p().listing_goes_on = 1;
    }
    stage.executor.later(0.25, SignalArrived{SIGINT});
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
    kill p --list TERM
@0.25 end p interrupted: listing its test cases: the run was interrupted
@0.25 run over by INT
)");
  }
  CHECK(stage.summary.interrupted_by == SIGINT);
}

TEST_CASE("stops of cases: a process that is killed to protect the machine runs again with what had not ended") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}), 2);
  stage.options.protection = memory_thresholds();
  stage.executor.later(2, machine_with(150));
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
@2 notice No further test starts for now: memory: 150 B available, below 200 B
    kill p S.c S.d KILL
@2 requeue p/S.d: memory: 150 B available, below 200 B
@2.5 end p/S.b passed
    process p S.d
@2.6 start p/S.d
@3.5 end p/S.d passed
@3.5 run over
)");
  CHECK(stage.result("p/S.d").attempt == 1);
  CHECK(stage.result("p/S.d").earlier.empty());
  CHECK(stage.summary.failed == 0);
}

TEST_CASE("stops of cases: a listing that is killed to protect the machine is done again") {
  CaseStage stage({{"p", program_of({"S.a"})}, {"q", program_of({"S.x"})}}, 2);
  stage.options.protection = memory_thresholds();
  stage.executor.later(0.25, machine_with(150));
  stage.executor.later(0.75, machine_with(900));
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
    process p --list
    process q --list
@0.25 notice No further test starts for now: memory: 150 B available, below 200 B
    kill q --list KILL
@0.25 requeue q: memory: 150 B available, below 200 B
@0.5 cases of p: 1
    process p S.a
@0.6 start p/S.a
@0.75 notice The machine has room again: tests start.
@1.5 end p/S.a passed
    process q --list
@2 cases of q: 1
    process q S.x
@2.1 start q/S.x
@3 end q/S.x passed
@3 run over
)");
}

TEST_CASE("stops of cases: a pause of the run does not count for the case that runs") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 2;
  stage.executor.later(1, SignalArrived{SIGTSTP});
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
    pause
@11.5 end p/S.a passed
@11.5 start p/S.b
@12.5 end p/S.b passed
@12.5 run over
)");
}
