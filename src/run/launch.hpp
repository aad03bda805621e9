#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/launch.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What one start of a test adds to the test.
struct LaunchContext {
  std::string log;                            ///< where its output goes
  std::string run_id;                         ///< PTESTS_RUN_ID
  std::string temporary;                      ///< PTESTS_TMPDIR and TMPDIR; "" = TMPDIR as it is
  int slot = 0;                               ///< PTESTS_SLOT
  int attempt = 1;                            ///< PTESTS_ATTEMPT
  std::vector<std::string> more_environment;  ///< "NAME=value"
  std::string jobs;                           ///< the fifo of the jobserver, for MAKEFLAGS; "" = none
  int most_jobs = 1;                          ///< that this jobserver is for
  int own_tokens = 0;                         ///< of a fifo made for this test; 0 = the fifo is there, for all
};

/// How `test` is to be started, or why it cannot be: a required file or the executable is missing (CTest's words).
/// The environment is ours with PTESTS_*, TMPDIR and MAKEFLAGS, then the test's ENVIRONMENT and ENVIRONMENT_MODIFICATION.
Result<LaunchSpec> make_launch(const Test& test, const LaunchContext& context);

/// Where stderr goes when it is kept apart from the log (Capture::split).
std::string error_log_of(const std::string& log);

/// What holds the output of an attempt at `test` whose log is `log`: that, and with Capture::split its error log.
std::vector<std::string> output_files(const Test& test, const std::string& log);

/// Where the core dump of the test is kept whose log is `log`.
std::string core_of(const std::string& log);

/// Where the output of the attempt number `attempt` goes, when that of the first one goes to `log`.
std::string attempt_log(const std::string& log, int attempt);

/// Removes what an earlier run left of further attempts, before the first one of this run: who looks into the folder of logs would take
/// it for this run's. Costs one system call when there is nothing.
void remove_later_attempts(const std::string& log);
/// Whether the folder `logs` has a log of a later attempt of any test, or cannot be read.
bool has_later_attempts(const std::string& logs);

/// `base` with ENVIRONMENT and then ENVIRONMENT_MODIFICATION applied. Source: cmake-properties(7).
std::vector<std::string> apply_environment(const std::vector<std::string>& base, const Test& test);

/// A log file for each test of the suite, in `directory`, different for different tests even when their names are the same.
std::vector<std::string> make_log_paths(const Suite& suite, const std::string& directory);

}  // namespace ptests
