// The cases of test executables: what becomes of them when they, their process or the run end badly.
#include <doctest/doctest.h>

#include <csignal>

#include "case_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

// ---- Cases ------------------------------------------------------------------

TEST_CASE("ends of cases: a crash is charged to the case that ran, which runs once more alone; the others go on without it") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}));
  FakeCase& b = stage.p().cases[1];
  b.ends = crashes();
  b.prints = "words of b\n";
  std::string end;
  int failed = 1;
  SUBCASE("it crashes again") { end = "crashed: SIGSEGV; attempt 2"; }
  SUBCASE("it passes alone") {
    b.alone = passes();
    end = "order_dependent: crashed (SIGSEGV) in a batch, passes alone; attempt 2";
  }
  SUBCASE("it passes alone, which is allowed") {
    b.alone = passes();
    stage.options.cases.batches.order_dependent = BatchOptions::OrderDependent::pass;
    end = "flaky: crashed (SIGSEGV) in a batch, passes alone; passed at attempt 2 only";
    failed = 0;
  }
  SUBCASE("it is skipped alone") {
    b.alone = is_skipped("no net");
    end = "order_dependent: crashed (SIGSEGV) in a batch, is skipped alone; attempt 2";
  }
  SUBCASE("it fails alone") {
    b.alone = fails("why");
    end = "failed: why; attempt 2";
  }
  CHECK(stage.run() == listed(4) + R"(    process p S.a S.b S.c S.d
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 attempt 1 of p/S.b crashed, again in 0 s
    process p S.c S.d
@2.6 start p/S.c
@3.5 end p/S.c passed
@3.5 start p/S.d
@4.5 end p/S.d passed
    process p S.b
@4.6 start p/S.b
@5.5 end p/S.b )" + end + "\n@5.5 run over\n");
  CHECK(stage.summary.failed == failed);
  const TestResult& result = stage.result("p/S.b");
  CHECK(result.attempt == 2);
  CHECK(result.duration == Seconds(1));
  CHECK(stage.recorder.starts.back().attempt == 2);
  REQUIRE(result.earlier.size() == 1);
  const TestResult& first = result.earlier[0];
  CHECK(first.outcome.status == Status::crashed);
  CHECK(first.outcome.reason == "SIGSEGV");
  REQUIRE(first.exit);
  CHECK(first.exit->code == SIGSEGV);
  CHECK(first.duration == Seconds(1));
  CHECK(first.started == FakeClock::k_start + std::chrono::milliseconds(1500));
  CHECK(stage.output(first) == "words of b\n");
  CHECK(stage.output(result).starts_with("words of b\n"));
  CHECK(first.log != result.log);
  CHECK_FALSE(stage.result("p/S.c").exit);
  CHECK(result.exit.has_value() == (result.outcome.status == Status::crashed));
}

TEST_CASE("ends of cases: a crash that our listener tells of ends its case when the process ends") {
  CaseStage stage(program_of({"S.a"}));
  stage.p().cases[0].ends = crashes("SIGSEGV - Segmentation violation signal");
  stage.p().cases[0].prints = "words\n";
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.a
@0.6 start p/S.a
@1.75 end p/S.a crashed: SIGSEGV
@1.75 run over
)");
  CHECK(stage.result("p/S.a").duration == Seconds(1.25));
  CHECK(stage.output(stage.result("p/S.a")) == "words\n");
}

TEST_CASE("ends of cases: one that fails among others fails alone too, or is order-dependent") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  FakeCase& a = stage.p().cases[0];
  a.ends = fails("why\nmore");
  std::string end;
  SUBCASE("fails again") { end = "failed: why; attempt 2"; }
  SUBCASE("passes alone") {
    a.alone = passes();
    end = "order_dependent: failed in a batch, passes alone; attempt 2";
  }
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 0 s
@1.5 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 end p/S.a )" + end + "\n@3.5 run over\n");
  CHECK(stage.summary.failed == 1);
  CHECK(stage.result("p/S.a").earlier.at(0).outcome.reason == "why");
  CHECK_FALSE(stage.result("p/S.a").exit);
}

TEST_CASE("ends of cases: one that ends its process failed") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().cases[0].ends = exits(0);
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 0 s
    process p S.b
@1.6 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 end p/S.a failed: ended its process (exit code 0); attempt 2
@3.5 run over
)");
  CHECK(stage.result("p/S.a").exit->code == 0);
  CHECK(stage.result("p/S.a").exit->kind == ExitStatus::Kind::exited);
}

TEST_CASE("ends of cases: TIMEOUT counts from the start of each") {
  CaseStage stage(program_of({"S.a", "S.b", "S.c", "S.d"}));
  for (FakeCase& one : stage.p().cases) one.lasts = 1.5;
  stage.suite.tests[0].limits[LimitKind::timeout] = 2;
  const std::string first = R"(    process p S.a S.b S.c S.d
@0.6 start p/S.a
@2 end p/S.a passed
@2 start p/S.b
@3.5 end p/S.b passed
@3.5 start p/S.c
)";
  SUBCASE("none is too slow") {
    CHECK(stage.run() == listed(4) + first + R"(@5 end p/S.c passed
@5 start p/S.d
@6.5 end p/S.d passed
@6.5 run over
)");
  }
  SUBCASE("one hangs") {
    stage.p().cases[2].ends = hangs();
    stage.p().cases[2].prints = "words of c\n";
    CHECK(stage.run() == listed(4) + first + R"(    kill p S.a S.b S.c S.d TERM
@5.5 attempt 1 of p/S.c timed_out, again in 0 s
    process p S.c
@5.6 start p/S.c
    kill p S.c TERM
@7.5 end p/S.c timed_out: no end within 2 s; attempt 2
    process p S.d
@7.6 start p/S.d
@9 end p/S.d passed
@9 run over
)");
    CHECK(stage.result("p/S.c").duration == Seconds(2));
    CHECK(stage.result("p/S.c").earlier.at(0).duration == Seconds(2));
    CHECK(stage.output(stage.result("p/S.c").earlier[0]) == "words of c\n");
    CHECK(stage.result("p/S.c").exit->code == SIGTERM);
  }
  SUBCASE("one hangs among others only") {
    stage.p().cases[2].ends = hangs();
    stage.p().cases[2].alone = passes();
    stage.run();
    CHECK(stage.result("p/S.c").outcome.reason == "timed out (no end within 2 s) in a batch, passes alone; attempt 2");
  }
}

TEST_CASE("ends of cases: the clock of a process is its own before its first case and behind its last") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].limits[LimitKind::timeout] = 2;
  SUBCASE("in time") {
    stage.p().set_up = 1.5;
    stage.p().tear_down = 1.5;
    CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@2 start p/S.a
@3 end p/S.a passed
@3 start p/S.b
@4 end p/S.b passed
@5.5 run over
)");
  }
  SUBCASE("before") {
    stage.p().cases.pop_back();
    stage.p().set_up = 9;
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.a
    kill p S.a TERM
@2.5 end p/S.a timed_out: no end within 2 s, before any case began
@2.5 run over
)");
  }
  SUBCASE("behind") {
    stage.p().tear_down = 9;
    CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 end p/S.b passed
    kill p S.a S.b TERM
@4.5 end p timed_out: timed out (no end within 2 s) after its cases
@4.5 run over
)");
  }
}

TEST_CASE("ends of cases: any limit is charged to the case that ran, with its stacks where time ran out") {
  CaseStage stage(program_of({"S.a"}));
  stage.p().cases[0].lasts = 9;
  constexpr TestId k_batch = 2;  // behind the test and its listing
  SUBCASE("memory") {
    stage.suite.tests[0].limits[LimitKind::memory] = 1024;
    stage.executor.later(2, LimitExceeded{k_batch, LimitKind::memory, 2048});
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.a
@0.6 start p/S.a
    kill p S.a KILL
@2 end p/S.a memory_limit: used 2.0 KiB of memory, the limit is 1.0 KiB
@2 run over
)");
    CHECK(stage.result("p/S.a").exit->code == SIGKILL);
    CHECK(stage.result("p/S.a").duration == Seconds(1.5));
  }
  SUBCASE("time") {
    stage.suite.tests[0].limits[LimitKind::timeout] = 2;
    stage.options.backtrace = RunOptions::Backtrace::automatic;
    CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 1
    process p S.a
@0.6 start p/S.a
    stacks of p S.a
    kill p S.a TERM
@2.75 end p/S.a timed_out: no end within 2 s
@2.75 run over
)");
    CHECK(stage.result("p/S.a").stacks == "main");
  }
}

// ---- Retries ----------------------------------------------------------------

TEST_CASE("ends of cases: one that failed for good is tried again, alone") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.suite.tests[0].retries = Retries{.count = 1};
  FakeCase& a = stage.p().cases[0];
  int failed = 0;
  std::string log;
  SUBCASE("one process a case") {
    stage.options.cases.batches.mode = BatchOptions::Mode::isolated;
    a.first_ends = {crashes()};
    log = R"(    process p S.a
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a crashed, again in 0 s
    process p S.b
@1.6 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 end p/S.a flaky: passed at attempt 2 only
@3.5 run over
)";
  }
  SUBCASE("it failed among others and alone") {
    a.first_ends = {fails("1"), fails("2")};
    log = R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 0 s
@1.5 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 attempt 2 of p/S.a failed, again in 0 s
    process p S.a
@3.6 start p/S.a
@4.5 end p/S.a flaky: passed at attempt 3 only
@4.5 run over
)";
  }
  SUBCASE("it fails each time") {
    a.ends = fails("why");
    failed = 1;
    log = R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 0 s
@1.5 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 attempt 2 of p/S.a failed, again in 0 s
    process p S.a
@3.6 start p/S.a
@4.5 end p/S.a failed: why; attempt 3
@4.5 run over
)";
  }
  SUBCASE("not one that passes alone") {
    a.first_ends = {fails("1")};
    failed = 1;
    log = R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a failed, again in 0 s
@1.5 start p/S.b
@2.5 end p/S.b passed
    process p S.a
@2.6 start p/S.a
@3.5 end p/S.a order_dependent: failed in a batch, passes alone; attempt 2
@3.5 run over
)";
  }
  CHECK(stage.run() == listed(2) + log);
  CHECK(stage.summary.failed == failed);
}

TEST_CASE("ends of cases: each is repeated by itself") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.options.retry.repeat = Repeat{Repeat::Mode::until_fail, 2};
  stage.p().cases[1].first_ends = {passes(), fails("why")};
  CHECK(stage.run() == listed(2) + R"(    process p S.a S.b
@0.6 start p/S.a
@1.5 attempt 1 of p/S.a passed, again in 0 s
@1.5 start p/S.b
@2.5 attempt 1 of p/S.b passed, again in 0 s
    process p S.a
@2.6 start p/S.a
@3.5 end p/S.a passed: attempt 2
    process p S.b
@3.6 start p/S.b
@4.5 end p/S.b failed: why; attempt 2
@4.5 run over
)");
}

TEST_CASE("ends of cases: one that is known to fail does not count") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  stage.p().cases[0].ends = fails("why");
  stage.options.retry.quarantined = {{"p/S.a", "known"}};
  stage.options.early_end.most_failures = 1;
  stage.run();
  CHECK(stage.log.at(stage.log.size() - 2) == "@3.5 end p/S.a quarantined: known: failed: why; attempt 2");
  CHECK(stage.summary.failed == 0);
  CHECK(stage.summary.stopped_by.empty());
}
