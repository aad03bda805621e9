// Idle processors, lent to the builds in tests.
#include <doctest/doctest.h>

#include <csignal>

#include "build_steps.hpp"
#include "stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct JobStage : Stage {
  explicit JobStage(const Words& names, int jobs) : Stage(make_suite(names), jobs) {
    options.steps.serve_jobs = true;
    options.budget.most_running = 16;
  }
  void lasts(const std::string& name, double seconds) { executor.behaviours[name].lasts = seconds; }
};

}  // namespace

TEST_CASE("what no test can use is parked, and withdrawn when one can") {
  JobStage stage({"build", "b", "c"}, 2);
  stage.lasts("build", 3);
  CHECK(stage.run() == R"(
@0 run 3 tests -j2
@0 start build
@0 start b
@1 end b passed
@1 start c
@2 end c passed
    park 1
@3 end build passed
@3 run over
)");
}

TEST_CASE("off, nothing is parked; with one processor there is nothing to park") {
  JobStage off({"build"}, 4);
  off.options.steps.serve_jobs = false;
  CHECK(off.run().find("park") == std::string::npos);
  JobStage one({"build"}, 1);
  CHECK(one.run().find("park") == std::string::npos);
}

TEST_CASE("without a jobserver the run says so and goes on") {
  JobStage stage({"a"}, 4);
  stage.executor.jobserver_error = "making /jobs: Permission denied";
  CHECK(stage.run() == R"(
@0 run 1 tests -j4
@0 notice Builds in tests find no jobserver: making /jobs: Permission denied
@0 start a
@1 end a passed
@1 run over
)");
}

TEST_CASE("what builds hold is not given to tests as well") {
  JobStage stage({"build", "first", "second", "third"}, 3);
  stage.lasts("build", 10);
  stage.suite.tests[2].requirements.depends = {"first"};
  stage.suite.tests[3].requirements.depends = {"first"};
  stage.executor.build_takes(1, 0.5, 4);
  CHECK(stage.run() == R"(
@0 run 4 tests -j3
@0 start build
@0 start first
    park 1
    a build takes 1
@1 end first passed
@1 start second
@2 end second passed
@2 start third
@3 end third passed
    park 1
    a build gives back 1
@10 end build passed
@10 run over
)");
}

TEST_CASE("a test that waits for what a build holds starts when it is given back") {
  JobStage stage({"build", "again"}, 2);
  stage.lasts("build", 10);
  stage.suite.tests[1].retries = Retries{1, Seconds(1)};
  stage.executor.behaviours["again"].first_ends = {{ExitStatus::Kind::exited, 1}};
  stage.executor.build_takes(1, 1.5, 4);
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 start build
@0 start again
@1 attempt 1 of again failed, again in 1 s
    park 1
    a build takes 1
    a build gives back 1
@4 start again
@5 end again flaky: passed at attempt 2 only
    park 1
@10 end build passed
@10 run over
)");
}

TEST_CASE("what was held when nothing runs any more is void") {
  JobStage stage({"build", "last"}, 2);
  stage.suite.tests[1].requirements.run_serial = true;
  stage.executor.build_takes(1, 0.5, std::nullopt);
  stage.lasts("last", 2);
  CHECK(stage.run() == R"(
@0 run 2 tests -j2
@0 start build
    park 1
    a build takes 1
@1 end build passed
@1 start last
    park 1
@3 end last passed
@3 run over
)");
}

TEST_CASE("what a killed build held comes back when no other build is there, not before") {
  for (const bool has_clients : {false, true}) {
    CAPTURE(has_clients);
    JobStage stage({"build", "long", "again"}, 3);
    stage.suite.tests[0].limits[LimitKind::timeout] = 1.5;
    stage.lasts("build", 100);
    stage.lasts("long", 10);
    stage.suite.tests[2].retries = Retries{1, Seconds(2)};
    stage.suite.tests[2].requirements.processors = 2;
    stage.executor.behaviours["again"] = {.first_ends = {{ExitStatus::Kind::exited, 1}}};
    stage.executor.has_clients = has_clients;
    stage.executor.build_takes(1, 1.25, std::nullopt);
    stage.options.budget.processors = 4;
    CHECK(stage.run() == std::string(R"(
@0 run 3 tests -j4
@0 start build
@0 start long
@0 start again
@1 attempt 1 of again failed, again in 2 s
    park 2
    a build takes 1
    kill build TERM
)") + (has_clients ? R"(    park 1
@1.5 end build timed_out: no end within 1.5 s
    park 2
@3 start again
@4 end again flaky: passed at attempt 2 only
    park 2
@10 end long passed
@10 run over
)"
                   : R"(    park 1
@1.5 end build timed_out: no end within 1.5 s
    park 3
@3 start again
    park 1
@4 end again flaky: passed at attempt 2 only
    park 3
@10 end long passed
@10 run over
)"));
  }
}

TEST_CASE("nothing is parked while a compiler waits") {
  JobStage stage({"a", "b"}, 3);
  stage.suite.tests[1].targets = {"t"};
  stage.lasts("a", 10);
  stage.executor.build_facts = {
      {1, StepWanted{1, compiles("t", "x.cpp")}},
      {1, StepWanted{2, compiles("t", "y.cpp")}},
      {1, StepWanted{3, compiles("t", "z.cpp")}},
      {6, TargetBuilt{"t"}},
      {6, BuildEnded{0, ""}},
  };
  for (const StepId id : {1U, 2U, 3U}) stage.executor.steps[id].lasts = 2;
  CHECK(stage.run() == R"(
@0 run 2 tests -j3
@0 build started
    build t -j3
@0 start a
    park 1
    park 2
@1 compile t
    start step 1
    park 1
@1 compile t
    start step 2
@3 end of compile t: exit 0
@3 compile t
    start step 3
@3 end of compile t: exit 0
    park 1
@5 end of compile t: exit 0
    park 1
    park 2
@6 start b
    park 1
@6 build done
    park 1
@7 end b passed
    park 2
@10 end a passed
@10 run over
)");
}

TEST_CASE("what other runs may want is not lent, a test's own processors are") {
  JobStage stage({"wide"}, 4);
  stage.suite.tests[0].requirements.processors = 3;
  auto share = std::move(*MachineShare::open(stage.dir / "share", 4));
  stage.options.share = share.get();
  CHECK(stage.run().find("park") == std::string::npos);
  CHECK(stage.executor.launches.at(0).own_jobs == "/jobs/own-0");
  CHECK(stage.executor.launches.at(0).own_tokens == 2);
}

TEST_CASE("what is lent is not free; if nothing runs, one may start") {
  Resources resources(Budget{4, 16});
  CHECK(resources.lendable() == 3);
  resources.lend(3);
  CHECK(resources.lendable() == 0);
  const Claim two{.test = 1, .demand = {2000, 0}};
  CHECK(resources.fits(two));
  {
    const Lease taken = resources.take(two);
    CHECK(resources.free_millicpus() == -600);
    CHECK(resources.lendable() == 0);
    CHECK_FALSE(resources.fits(Claim{.test = 2}));
    resources.lend(1);
    CHECK(resources.lendable() == 1);
    CHECK(resources.fits(Claim{.test = 2}));
    resources.lend(0);
  }
  CHECK(resources.free_millicpus() == 4400);
}
