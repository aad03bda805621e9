#include "process/watch.hpp"

#include <algorithm>

namespace ptests {

TreeSample sum_up(const std::vector<ProcessStat>& members) {
  TreeSample sum;
  for (const ProcessStat& stat : members) {
    sum.cpu_seconds += stat.cpu_seconds;
    sum.rss_bytes += stat.rss_bytes;
    sum.threads += stat.threads;
    sum.runnable += stat.state == 'R' || stat.state == 'D' ? 1 : 0;
    ++sum.processes;
  }
  return sum;
}

OutputSizes cut_to(const OutputSizes& sizes, std::uint64_t most) {
  const std::uint64_t errors = std::min(sizes.errors, std::max(most / 2, most - std::min(sizes.output, most)));
  return {std::min(sizes.output, most - errors), errors};
}

std::optional<bool> SleepWatch::look(const TreeSample& sample, Time now) {
  constexpr double k_tenth = 0.15;  // of a clock that counts in hundredths of a second
  constexpr Seconds k_least{0.08};
  constexpr int k_enough_looks = 2;
  const Seconds since = now - looked_;
  if (since < k_least) return std::nullopt;
  const bool is_quiet = sample.runnable == 0 && sample.cpu_seconds - cpu_seconds_ < k_tenth * since.count();
  looked_ = now;
  cpu_seconds_ = std::max(cpu_seconds_, sample.cpu_seconds);
  quiet_looks_ = is_quiet ? quiet_looks_ + 1 : 0;
  const bool is_asleep = quiet_looks_ >= k_enough_looks;
  if (is_asleep == is_asleep_) return std::nullopt;
  is_asleep_ = is_asleep;
  return is_asleep;
}

std::optional<Exceeded> Watch::on_output(std::uint64_t size, Time now) {
  if (size != output_size_) last_output_ = now;
  output_size_ = size;
  if (const auto most = limit(LimitKind::output_size); most && static_cast<double>(size) > *most)
    return Exceeded{LimitKind::output_size, static_cast<double>(size)};
  const Seconds silent = now - last_output_;
  if (const auto most = limit(LimitKind::idle_timeout); most && silent.count() >= *most)
    return Exceeded{LimitKind::idle_timeout, silent.count()};
  return std::nullopt;
}

std::optional<Exceeded> Watch::on_sample(const TreeSample& sample, Time now) {
  const Seconds since = now - last_sample_;
  // Children that ended take their CPU time with them until somebody waits for them: it never counts back.
  const double cpu = std::max(sample.cpu_seconds, last_.cpu_seconds);
  if (since.count() > 0.01) peak_cpu_ = std::max(peak_cpu_, (cpu - last_.cpu_seconds) / since.count());
  last_sample_ = now;
  last_ = sample;
  last_.cpu_seconds = cpu;
  peak_.rss_bytes = std::max(peak_.rss_bytes, sample.rss_bytes);
  peak_.processes = std::max(peak_.processes, sample.processes);
  peak_.threads = std::max(peak_.threads, sample.threads);

  if (const auto most = limit(LimitKind::memory); most && static_cast<double>(sample.rss_bytes) > *most)
    return Exceeded{LimitKind::memory, static_cast<double>(sample.rss_bytes)};
  if (const auto most = limit(LimitKind::processes); most && sample.processes > *most)
    return Exceeded{LimitKind::processes, static_cast<double>(sample.processes)};
  if (const auto most = limit(LimitKind::cpu_time); most && cpu > *most) return Exceeded{LimitKind::cpu_time, cpu};
  return std::nullopt;
}

void Watch::paused_for(Time::duration pause) {
  last_output_ += pause;
  last_sample_ += pause;
  close_look_ += pause;
}

bool Watch::looks_closer(Time now) {
  constexpr Seconds k_longest{1};
  if (now < close_look_) return false;
  close_look_ = now + std::chrono::duration_cast<Time::duration>(until_next_close_look_);
  until_next_close_look_ = std::min(2 * until_next_close_look_, k_longest);
  return true;
}

void Watch::on_open_files(int count) { most_open_files_ = std::max(most_open_files_, count); }

void Watch::on_io(const Proc::Io& io) {
  io_.read_bytes = std::max(io_.read_bytes, io.read_bytes);
  io_.written_bytes = std::max(io_.written_bytes, io.written_bytes);
}

bool Watch::is_strict() const { return limit(LimitKind::memory) || limit(LimitKind::processes) || limit(LimitKind::cpu_time); }

void Watch::add_to(Usage& usage) const {
  usage.peak_rss_bytes = std::max(usage.peak_rss_bytes, peak_.rss_bytes);
  usage.read_bytes = std::max(usage.read_bytes, io_.read_bytes);
  usage.written_bytes = std::max(usage.written_bytes, io_.written_bytes);
  usage.most_processes = std::max(usage.most_processes, peak_.processes);
  usage.most_threads = std::max(usage.most_threads, peak_.threads);
  usage.most_open_files = std::max(usage.most_open_files, most_open_files_);
  usage.peak_cpu = std::max(usage.peak_cpu, peak_cpu_);
}

}  // namespace ptests
