#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/launch.hpp"
#include "core/test.hpp"

namespace ptests {

/// Every way a test can end.
enum class Status {
  passed,
  failed,
  timed_out,
  crashed,       ///< ended by a signal
  skipped,       ///< it ran and said so
  disabled,      ///< DISABLED property
  not_run,       ///< could not start: executable, working directory, required file or fixture missing
  build_failed,  ///< a target it needs was not built
  interrupted,   ///< ended by us because the run was interrupted
};

struct Outcome {
  Status status = Status::passed;
  std::string reason;  ///< one line for people; empty when there is nothing to add
};

/// Whether it counts against the run: exit code, failed list.
bool is_failure(Status status);
/// Whether the test's process was started.
bool did_run(Status status);

/// Stable lower-case name for machine output: "passed", "timed_out", ...
std::string_view status_name(Status status);
/// CTest's name of a fatal signal as it stands in its reports: SIGSEGV -> "SEGFAULT", SIGABRT -> "Subprocess aborted", SIGUSR1
/// -> "SIGUSR1".
std::string ctest_exception_name(int signal_number);
/// "SIGSEGV"; "SIG35" for one without a name.
std::string signal_name(int signal_number);

/// One test's end, as it is reported.
struct TestResult {
  const Test* test = nullptr;
  Outcome outcome;
  std::optional<ExitStatus> exit;  ///< nothing when it did not run
  Usage usage;
  std::chrono::system_clock::time_point started;
  Seconds duration{};
  std::string log;             ///< path of its output; "" when it did not run
  std::uint64_t log_size = 0;  ///< bytes
  std::string build_output;    ///< the compiler's words, for build_failed
};

}  // namespace ptests
