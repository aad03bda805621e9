// The cases of test executables: how they are listed, and how lists are kept.
#include <doctest/doctest.h>

#include <csignal>

#include "case_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("lists of cases: an executable that cannot list its cases is one failed test") {
  CaseStage stage(program_of({"S.a"}));
  FakeProgram& p = stage.p();
  std::string end;
  SUBCASE("garbage and an exit code") {
    p.list = "";
    p.listing_prints = "usage: p\n";
    p.listing_ends = {ExitStatus::Kind::exited, 1};
    end = "failed: listing its test cases: the listing (--gtest_list_tests) is not GoogleTest's; it printed: usage: p\n";
  }
  SUBCASE("nothing") {
    p.list = "{";
    end = "failed: listing its test cases: the listing (--gtest_list_tests) printed nothing";
  }
  SUBCASE("no cases") {
    p.list = R"({"testsuites": []})";
    end = "failed: listing its test cases: its executable has none";
  }
  SUBCASE("a crash; what was printed until then is no list") {
    p.list = "";
    p.listing_prints = "S.\n  a\n";
    p.listing_ends = {ExitStatus::Kind::signaled, SIGSEGV};
    end = "crashed: listing its test cases: SIGSEGV";
  }
  CHECK(stage.run() == "\n@0 run 1 tests -j1\n    process p --list\n@0.5 end p " + end + "\n@0.5 run over\n");
  CHECK(stage.summary.failed == 1);
  CHECK(stage.output(stage.result("p")) == p.listing_prints);
  CHECK(stage.result("p").log_size == p.listing_prints.size());
  CHECK_FALSE(fs::exists(stage.dir / "p.list"));
}

TEST_CASE("lists of cases: a list counts that is whole, however its process ended") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  SUBCASE("exit code") { stage.p().listing_ends = {ExitStatus::Kind::exited, 1}; }
  SUBCASE("crash") { stage.p().listing_ends = {ExitStatus::Kind::signaled, SIGSEGV}; }
  SUBCASE("printed") {
    stage.p().list = "";
    stage.p().listing_prints = "S.\n  a\n  b\n";
  }
  CHECK(stage.run() == R"(
@0 run 1 tests -j1
    process p --list
@0.5 cases of p: 2
    process p S.a S.b
@0.6 start p/S.a
@1.5 end p/S.a passed
@1.5 start p/S.b
@2.5 end p/S.b passed
@2.5 run over
)");
}

TEST_CASE("lists of cases: a listing has a minute, or the test's own time if that is longer") {
  CaseStage stage(program_of({"S.a"}));
  stage.p().listing_lasts = 1000;
  Limits& limits = stage.suite.tests[0].limits;
  std::string end = "60";
  SUBCASE("no limit") {}
  SUBCASE("a shorter one") { limits[LimitKind::timeout] = 2; }
  SUBCASE("a longer one") {
    limits[LimitKind::timeout] = 90;
    end = "90";
  }
  CHECK(stage.run() == fmt::format(R"(
@0 run 1 tests -j1
    process p --list
    kill p --list TERM
@{0} end p timed_out: listing its test cases: no end within {0} s
@{0} run over
)",
                                   end));
}

TEST_CASE("lists of cases: limits of a listing are those of its test, but for those of its words") {
  CaseStage stage(program_of({"S.a"}));
  Limits& limits = stage.suite.tests[0].limits;
  limits[LimitKind::idle_timeout] = 2;
  limits[LimitKind::memory] = 1024;
  limits.after_match = TimeoutAfterMatch{Seconds(1), {"x"}};
  Words seen;
  stage.executor.make_case_process = [&, make = stage.executor.make_case_process](const LaunchSpec& spec) {
    REQUIRE(spec.limits != nullptr);
    const Limits& given = *spec.limits;
    seen.push_back(fmt::format("{} {} {} {}", given[LimitKind::timeout].value_or(0), given[LimitKind::idle_timeout].value_or(0),
                               given[LimitKind::memory].value_or(0), given.after_match.has_value()));
    return make(spec);
  };
  stage.run();
  CHECK(show(seen) == "[60 0 1024 false][0 2 1024 true]");
}

TEST_CASE("lists of cases: one is kept until what it depends on changes, or anything fails") {
  CaseStage stage(program_of({"S.a", "S.b"}));
  const fs::path program = stage.dir / "program";
  const auto build = [&](std::string_view bytes) {
    write(program, bytes);
    fs::permissions(program, fs::perms::owner_all);
  };
  build("one");
  stage.suite.tests[0].command = {program.string()};
  int heard = 0;
  stage.options.cases.on_listed = [&](const Test&, const CaseSet& set) { heard += static_cast<int>(set.tests.size()); };
  const auto processes_of_run = [&] {
    stage.log.clear();
    stage.run();
    return show(processes_in(stage.log));
  };
  CHECK(processes_of_run() == "[p --list][p S.a S.b]");
  stage.log.clear();
  stage.clock.seconds = 10;
  CHECK(stage.run() == R"(
@10 run 1 tests -j1
@10 cases of p: 2
    process p S.a S.b
@10.1 start p/S.a
@11 end p/S.a passed
@11 start p/S.b
@12 end p/S.b passed
@12 run over
)");
  CHECK(heard == 4);
  SUBCASE("nothing of it runs") {
    stage.options.cases.is_wanted = [](const Test&, const std::vector<Test*>& cases) { return std::vector<bool>(cases.size()); };
    CHECK(processes_of_run().empty());
    CHECK(stage.log.back() == "@12 run over");
  }
  SUBCASE("another executable") {
    build("another");
    CHECK(processes_of_run() == "[p --list][p S.a S.b]");
    CHECK(processes_of_run() == "[p S.a S.b]");
  }
  SUBCASE("a failure") {
    stage.p().cases[1].ends = fails("why");
    CHECK(processes_of_run() == "[p S.a S.b][p S.b]");
    CHECK(processes_of_run() == "[p --list][p S.a S.b][p S.b]");
  }
  SUBCASE("a failure of the executable itself") {
    stage.p().last_ends = {ExitStatus::Kind::signaled, SIGSEGV};
    CHECK(processes_of_run() == "[p S.a S.b]");
    CHECK(processes_of_run() == "[p --list][p S.a S.b]");
  }
  SUBCASE("one that is built while it lists them") {
    fs::remove(stage.dir / "p.list");
    stage.executor.launches.clear();
    stage.executor.do_later(stage.clock.seconds + 0.25, [&] { build("newer"); });
    CHECK(processes_of_run() == "[p --list][p S.a S.b]");
    CHECK_FALSE(fs::exists(stage.dir / "p.list"));
  }
}
