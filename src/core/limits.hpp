#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptests {

using Seconds = std::chrono::duration<double>;

/// What a test may use. One that counts processes, memory or time is about the test's whole tree of processes.
enum class LimitKind : std::uint8_t {
  timeout,       ///< seconds of wall time
  idle_timeout,  ///< seconds without output
  cpu_time,      ///< CPU seconds of the tree
  memory,        ///< bytes, peak of the tree
  processes,     ///< live processes of the tree
  open_files,    ///< of one process (RLIMIT_NOFILE)
  file_size,     ///< bytes of one file (RLIMIT_FSIZE)
  core_size,     ///< bytes of a core dump (RLIMIT_CORE)
  stack,         ///< bytes of a process's main stack (RLIMIT_STACK)
  output_size,   ///< bytes of output kept
  io_read_bps,   ///< bytes a second from block devices
  io_write_bps,
  io_read_iops,  ///< operations a second
  io_write_iops,
  cpus,  ///< processors' worth of CPU time, may be broken: 0.5
  nice,  ///< added to the nice value, -20..19
};

/// How a limit's value is written and what it counts.
enum class LimitUnit : std::uint8_t { seconds, bytes, count, number };

/// One row of the table of limits: the only place that lists them.
struct LimitInfo {
  LimitKind kind;
  std::string_view keyword;  ///< of add_parallel_test_suite: "MEMORY"; as a test property "PTESTS_MEMORY"
  std::string_view name;     ///< in machine output: "memory"
  LimitUnit unit;
};
inline constexpr std::array<LimitInfo, 16> k_limits{{
    {LimitKind::timeout, "TIMEOUT", "timeout", LimitUnit::seconds},
    {LimitKind::idle_timeout, "IDLE_TIMEOUT", "idle_timeout", LimitUnit::seconds},
    {LimitKind::cpu_time, "CPU_TIME", "cpu_time", LimitUnit::seconds},
    {LimitKind::memory, "MEMORY", "memory", LimitUnit::bytes},
    {LimitKind::processes, "PROCESSES", "processes", LimitUnit::count},
    {LimitKind::open_files, "OPEN_FILES", "open_files", LimitUnit::count},
    {LimitKind::file_size, "FILE_SIZE", "file_size", LimitUnit::bytes},
    {LimitKind::core_size, "CORE_SIZE", "core_size", LimitUnit::bytes},
    {LimitKind::stack, "STACK", "stack", LimitUnit::bytes},
    {LimitKind::output_size, "OUTPUT_SIZE", "output_size", LimitUnit::bytes},
    {LimitKind::io_read_bps, "IO_READ_BPS", "io_read_bps", LimitUnit::bytes},
    {LimitKind::io_write_bps, "IO_WRITE_BPS", "io_write_bps", LimitUnit::bytes},
    {LimitKind::io_read_iops, "IO_READ_IOPS", "io_read_iops", LimitUnit::count},
    {LimitKind::io_write_iops, "IO_WRITE_IOPS", "io_write_iops", LimitUnit::count},
    {LimitKind::cpus, "CPUS", "cpus", LimitUnit::number},
    {LimitKind::nice, "NICE", "nice", LimitUnit::number},
}};

/// CTest's TIMEOUT_AFTER_MATCH: when one of `regexes` appears in the output, the clock starts anew with `timeout`.
struct TimeoutAfterMatch {
  Seconds timeout{};
  std::vector<std::string> regexes;
};

/// A value for each limit that is set: seconds, bytes or a count, as its LimitUnit says; 0 = no limit, whatever the run's default.
struct Limits {
  std::optional<double>& operator[](LimitKind kind) { return values[static_cast<std::size_t>(kind)]; }
  const std::optional<double>& operator[](LimitKind kind) const { return values[static_cast<std::size_t>(kind)]; }
  /// The limit, unless it is absent or 0.
  std::optional<double> positive(LimitKind kind) const;
  /// Whether one is set, 0 too.
  bool any() const;
  /// Takes from `defaults` the values that are not set here.
  void take_defaults(const Limits& defaults);
  /// Takes all values that are set in `others`.
  void replace_by(const Limits& others);

  std::array<std::optional<double>, k_limits.size()> values;
  int timeout_signal = SIGTERM;
  Seconds grace{1.0};  ///< between the timeout's signal and SIGKILL
  std::optional<TimeoutAfterMatch> after_match;
  bool processor_affinity = false;  ///< CTest's PROCESSOR_AFFINITY: pinned to as many processors as PROCESSORS says
};

const LimitInfo& limit_info(LimitKind kind);

/// "512M", "2G", "64k", "1.5GiB", "1000": bytes, with the powers of 1024. Nothing for any other text.
std::optional<double> parse_size(std::string_view text);
/// "512.0 MiB", "17 B".
std::string describe_size(double bytes);
/// A value with its unit: "5 s", "512.0 MiB", "20".
std::string describe_limit(LimitKind kind, double value);

}  // namespace ptests
