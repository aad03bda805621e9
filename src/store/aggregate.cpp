#include "store/aggregate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace ptests {

namespace {

using std::chrono::microseconds;

constexpr std::size_t k_most_peaks = 10;

bool passes(Status status) { return status == Status::passed || status == Status::leaked || status == Status::flaky; }

enum class Verdict { none, good, bad };

/// Whether a result says something of what the test found out.
Verdict verdict(Status status) {
  if (passes(status)) return Verdict::good;
  if (status == Status::quarantined) return Verdict::bad;
  return is_failure(status) && did_run(status) && status != Status::interrupted ? Verdict::bad : Verdict::none;
}

/// Whether a process ran it. Of a test case that shares its process with others nobody knows an exit status or what it used.
bool has_run(const TestResult& result) {
  const Status status = result.outcome.status;
  return result.exit.has_value() || (did_run(status) && (status != Status::skipped || result.duration.count() > 0));
}

/// Takes the first number off `text`, which numbers and single spaces make up; nothing when there is none.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(rest - text.data()) + 1));
  return number;
}

Aggregate with_peak(Aggregate known, std::uint64_t peak, std::int64_t run) {
  std::string_view rest = known.peaks;
  if (known.peaks_run == run)
    if (const auto of_this_run = take_number(rest)) peak = std::max(peak, *of_this_run);
  const std::string_view earlier = rest;
  std::uint64_t most = peak;
  for (std::size_t count = 1; count < k_most_peaks; ++count) {
    const auto number = take_number(rest);
    if (!number) break;
    most = std::max(most, *number);
  }
  std::string_view kept = earlier.substr(0, earlier.size() - rest.size());
  if (kept.ends_with(' ')) kept.remove_suffix(1);
  const fmt::format_int newest(peak);
  std::string peaks;
  peaks.reserve(newest.size() + 1 + kept.size());
  peaks.append(newest.data(), newest.size());
  if (!kept.empty()) (peaks += ' ') += kept;
  known.peaks = std::move(peaks);
  known.peaks_run = run;
  known.history.peak_rss_bytes = most;
  return known;
}

}  // namespace

Aggregate with_attempt(Aggregate known, const TestResult& attempt, std::int64_t run) {
  const Status status = attempt.outcome.status;
  if (!has_run(attempt) || status == Status::interrupted) return known;
  known = with_peak(std::move(known), attempt.usage.peak_rss_bytes, run);

  const MeanOf kind = passes(status) ? MeanOf::passes : MeanOf::any_attempts;
  if (kind < known.mean_of) return known;
  const auto duration = std::chrono::duration_cast<microseconds>(attempt.duration);
  const microseconds cpu_time = attempt.usage.user + attempt.usage.system;
  // On a busy machine it wants more than it gets. What takes less than the clocks tell apart keeps a processor as busy as any.
  const double processors = duration > microseconds(0) && attempt.exit ? Seconds(cpu_time + attempt.usage.cpu_wait) / Seconds(duration) : 1;
  const bool begins = kind != known.mean_of;
  TestHistory& history = known.history;
  history.duration = begins ? Seconds(duration) : (history.duration + Seconds(duration)) / 2;
  history.processors = begins ? processors : (history.processors + processors) / 2;
  known.cpu_time = begins ? cpu_time : (known.cpu_time + cpu_time) / 2;
  known.mean_of = kind;
  return known;
}

Aggregate with_result(Aggregate known, const TestResult& result) {
  const Status status = result.outcome.status;
  if (status == Status::interrupted) return known;
  TestHistory& history = known.history;
  const Verdict before = history.runs > 0 ? verdict(history.last) : Verdict::none;
  const Verdict now = verdict(status);
  if (before != Verdict::none && now != Verdict::none && before != now) ++known.changes;
  if (has_run(result)) ++history.runs;
  if (is_failure(status)) ++history.failures;
  if (status == Status::flaky) ++history.flaky;
  history.last = status;
  // It was not its own fault that it did not run: it still is to be.
  if (status != Status::build_failed) history.outstanding = false;
  return known;
}

}  // namespace ptests
