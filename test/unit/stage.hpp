#pragma once

#include <doctest/doctest.h>

#include <deque>

#include "fakes.hpp"
#include "run/launch.hpp"
#include "run/runner.hpp"

namespace ptests::unit {

/// One run of a suite against the fakes.
struct Stage {
  explicit Stage(Suite s, int jobs = 2) : suite(std::move(s)) {
    options.budget.processors = jobs;
    options.backtrace = RunOptions::Backtrace::off;
    options.log_paths = make_log_paths(suite, dir.path().string());
    for (Test& test : suite.tests) test.working_directory = dir.path().string();
  }

  std::string run() {
    Result<Plan> plan = Plan::make(suite, all_of(suite), forecasts);
    REQUIRE_MESSAGE(plan, message(plan));
    Runner& runner = runners.emplace_back(suite, std::move(*plan), executor, recorder, clock, options);
    const Result<RunSummary> result = runner.run(all_of(suite));
    if (result) {
      summary = *result;
    } else {
      log.push_back("error: " + result.error().message);
    }
    return "\n" + lines(log);
  }

  TempDir dir;
  Suite suite;
  FakeClock clock;
  Log log;
  FakeExecutor executor{suite, clock, log};
  Recorder recorder{clock, log};
  RunOptions options;
  std::vector<Forecast> forecasts;  ///< by TestId; without them nothing is known
  RunSummary summary;
  std::deque<Runner> runners;  ///< of all runs: the cases that the recorder heard of live as long
};

}  // namespace ptests::unit
