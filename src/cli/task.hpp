#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "cli/options.hpp"
#include "cli/recall.hpp"
#include "core/event.hpp"
#include "core/suite.hpp"
#include "schedule/forecast.hpp"
#include "store/history.hpp"

namespace ptests::cli {

/// What a run is to do.
struct Task {
  std::vector<TestId> tests;
  std::optional<ShardPart> shard;    ///< with --shard
  std::vector<Forecast> forecasts;   ///< by TestId
  TestHistories histories;           ///< what earlier runs tell
  CaseFilter is_wanted;              ///< which cases of executables run; nothing = all
  TargetHistories targets;           ///< what earlier builds tell
  std::string resumes;               ///< run_id of the interrupted run that this one continues; else ""
  std::vector<TestResult> kept;      ///< its results
  std::deque<Test> case_tests;       ///< that some of these are of
  std::vector<std::string> notices;  ///< told first
  std::optional<History> history;    ///< hears of it
  std::optional<ResourcePool> pool;  ///< of the resource specification
};

/// Why there is nothing to run or to list.
struct Refused {
  Error error;
  ExitCode code = k_usage;
};

/// Reads the quarantine of the project into `options`. Returns what is to be said of those that are over.
Result<std::vector<std::string>> take_quarantine(Options& options, const Suite& suite);

/// The tests that the user chose.
struct Chosen {
  std::vector<TestId> tests;
  CaseFilter is_wanted;            ///< which of their cases; nothing = all
  std::set<TestId> for_cases;      ///< those of them that are there only because one of their cases may be meant
  std::optional<ShardPart> shard;  ///< with --shard
};

/// By all that is known of the tests.
tl::expected<Chosen, Refused> choose_tests(const Suite& suite, const Options& options, const TestHistories& histories);

/// What `ptests run` is to do. `options` gets the quarantined tests; `suite` becomes one of copies with --stress.
tl::expected<Task, Refused> make_task(Suite& suite, Options& options, const Workspace& workspace, Recalled recalled);

/// What is left to do of a run that has just ended, when CMake configured the project anew meanwhile: `suite` is read anew, `before` is
/// what was run. No tests when the change is of no consequence.
tl::expected<Task, Refused> make_task_of_rest(Suite& suite, const Suite& before, Options& options, const Workspace& workspace,
                                              Recalled recalled);

}  // namespace ptests::cli
