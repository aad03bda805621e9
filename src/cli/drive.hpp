#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/workspace.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"
#include "schedule/forecast.hpp"
#include "store/history.hpp"

namespace ptests::cli {

/// What a run is to do.
struct Task {
  std::vector<TestId> tests;
  std::vector<Forecast> forecasts;   ///< by TestId
  std::string resumes;               ///< run_id of the interrupted run that this one continues; else ""
  std::vector<TestResult> kept;      ///< its results
  std::vector<std::string> notices;  ///< told first
  std::optional<History> history;    ///< hears of it
};

/// Runs the tests with everything around them: limits settled, guard, executor, reporters. Returns the exit code.
int drive(const Options& options, Suite& suite, Task task, Workspace& workspace);

}  // namespace ptests::cli
