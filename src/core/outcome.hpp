#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/launch.hpp"
#include "core/test.hpp"

namespace ptests {

/// Every way a test can end.
enum class Status : std::uint8_t {
  passed,
  leaked,  ///< passed, but left processes behind
  flaky,   ///< passed, but on a retry only
  failed,
  timed_out,
  idle_timed_out,   ///< no output for too long
  cpu_limit,        ///< used more CPU time than allowed
  memory_limit,     ///< its processes used more memory than allowed
  process_limit,    ///< too many processes
  file_size_limit,  ///< wrote a file larger than allowed
  output_limit,     ///< printed more than allowed
  crashed,          ///< ended by a signal
  order_dependent,  ///< a test case that failed together with others of its executable and passed alone
  quarantined,      ///< failed, and is known to: does not count
  skipped,          ///< it ran and said so, or its source says so
  disabled,         ///< DISABLED property
  not_run,          ///< could not start: executable, working directory, required file or fixture missing
  build_failed,     ///< a target it needs was not built
  interrupted,      ///< ended by us because the run was interrupted
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
/// The inverse; nothing for any other text.
std::optional<Status> parse_status(std::string_view name);
/// What a test has that went beyond this limit.
Status status_of_limit(LimitKind kind);
/// CTest's name of a fatal signal as it stands in its reports: SIGSEGV -> "SEGFAULT", SIGABRT -> "Subprocess aborted", SIGUSR1
/// -> "SIGUSR1".
std::string ctest_exception_name(int signal_number);
/// "SIGSEGV"; "SIG35" for one without a name.
std::string signal_name(int signal_number);

/// The end of a test, or of one of its attempts, as it is reported.
struct TestResult {
  const Test* test = nullptr;
  Outcome outcome;
  std::optional<ExitStatus> exit;  ///< nothing when it did not run
  Usage usage;
  std::chrono::system_clock::time_point started;
  Seconds duration{};
  std::string log;                ///< path of its output; "" when it did not run
  std::uint64_t log_size = 0;     ///< bytes
  std::string error_log;          ///< path of its stderr, when that was kept apart
  std::string build_output;       ///< the compiler's words, for build_failed
  std::vector<ProcessInfo> left;  ///< what it started and left running; we killed it
  std::string stacks;             ///< of its threads, at a crash or a timeout; empty when nobody looked
  std::string core_file;          ///< path of the core dump, where there is one
  std::string kept_temporary;     ///< path of its TMPDIR, where that was kept for people
  int attempt = 1;
  std::vector<TestResult> earlier;  ///< the attempts before the one that decided, in their order
  int slot = 0;                     ///< 0..j-1, its own among the tests that ran at the same time
};

}  // namespace ptests
