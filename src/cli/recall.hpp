#pragma once

#include <future>
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
  HistoryState state;  ///< in which it was read
};

/// The same while the tests are read, of a history that is there: half of the time that it takes is gained so (the other half goes to the
/// locks that each allocation takes with two threads). A run that is refused then has opened it too.
std::future<Recalled> recall_ahead(const Options& options);
/// For a run, which holds the lock of its build directory: what the journal of a killed run tells is taken in first. What was read
/// `ahead` is read again only when something was written since.
Recalled recall(const Options& options, const Workspace& workspace, std::future<Recalled> ahead = {});
/// For a look at the tests only: nothing is written.
Recalled recall(const Options& options);

}  // namespace ptests::cli
