#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/workspace.hpp"
#include "core/history.hpp"
#include "store/history.hpp"

namespace ptests::cli {

/// What is known from earlier runs.
struct Recalled {
  std::optional<History> history;  ///< nothing when it cannot be used: a notice says why, and the run goes on without
  TestHistories tests;
  TargetHistories targets;
  std::vector<std::string> notices;
};

/// For a run, which holds the lock of its build directory: what the journal of a killed run tells is taken in first. To read the history
/// beside the tests gains nothing: with a second thread both take longer, for each allocation then takes a lock.
Recalled recall(const Options& options, const Workspace& workspace);
/// For a look at the tests only: nothing is written.
Recalled recall(const Options& options);

}  // namespace ptests::cli
