#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/launch.hpp"
#include "process/cgroup.hpp"
#include "process/proc.hpp"

namespace ptests {

/// What one look at a test's tree found.
struct TreeSample {
  double cpu_seconds = 0;
  std::uint64_t rss_bytes = 0;
  int processes = 0;
  int runnable = 0;  ///< processes whose first thread runs, could run, or waits for a disk
  int threads = 0;
};
TreeSample sum_up(const std::vector<ProcessStat>& members);

/// A limit that was exceeded, and by what was measured.
struct Exceeded {
  LimitKind kind = LimitKind::memory;
  double measured = 0;
};

/// Bytes of stdout and of stderr, where they are kept apart; else all is `output`.
struct OutputSizes {
  std::uint64_t output = 0;
  std::uint64_t errors = 0;
  std::uint64_t sum() const { return output + errors; }
};
/// What is kept of both when that is to be `most` at most: the shorter one whole when it is no more than half of it.
OutputSizes cut_to(const OutputSizes& sizes, std::uint64_t most);

/// Tells sleep from work: two looks in a row without a process that runs and with less than a tenth of a processor used between them.
class SleepWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit SleepWatch(Time started) : looked_(started) {}
  /// Whether it is asleep now, when that has changed. Between two looks that count lie 80 ms at least.
  std::optional<bool> look(const TreeSample& sample, Time now);

 private:
  Time looked_;
  double cpu_seconds_ = 0;
  int quiet_looks_ = 0;
  bool is_asleep_ = false;
};

/// Follows one running test: peaks for the reports, and the limits that need watching. Told the time and what was found; looks at nothing
/// itself.
class Watch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// `limits` outlives it (nullptr = none).
  Watch(const Limits* limits, Time started) : limits_(limits), last_output_(started), last_sample_(started), close_look_(started) {}

  /// How large the output is now. Tells OUTPUT_SIZE and IDLE_TIMEOUT.
  std::optional<Exceeded> on_output(std::uint64_t size, Time now);
  /// Tells MEMORY, PROCESSES and CPU_TIME.
  std::optional<Exceeded> on_sample(const TreeSample& sample, Time now);
  /// The clocks stood still for so long.
  void paused_for(Time::duration pause);

  /// Whether open files and I/O, which cost some system calls a process, are to be looked at now: often in the test's first second,
  /// then once a second.
  bool looks_closer(Time now);
  void on_open_files(int count);
  void on_io(const Proc::Io& io);
  /// What one of its processes had at one time, between two samples: its tree had no less.
  void on_peak_rss(std::uint64_t bytes) { peak_.rss_bytes = std::max(peak_.rss_bytes, bytes); }

  /// Whether a limit is to be looked at more often than the reports need.
  bool is_strict() const;
  /// Fills in what was seen: peaks, storage traffic.
  void add_to(Usage& usage) const;
  std::uint64_t rss_bytes() const { return last_.rss_bytes; }
  double cpu_seconds() const { return last_.cpu_seconds; }

 private:
  std::optional<double> limit(LimitKind kind) const { return limits_ == nullptr ? std::nullopt : limits_->positive(kind); }

  const Limits* limits_;
  Time last_output_;
  Time last_sample_;
  Time close_look_;  ///< when the next one is due
  Seconds until_next_close_look_{0.1};
  std::uint64_t output_size_ = 0;
  TreeSample last_;
  TreeSample peak_;
  double peak_cpu_ = 0;
  int most_open_files_ = 0;
  Proc::Io io_;
};

}  // namespace ptests
