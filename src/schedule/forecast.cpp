#include "schedule/forecast.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ptests {

namespace {

/// A test that keeps a processor busy for less than a fiftieth of its time sleeps.
constexpr double k_asleep = 0.02;
/// What a shorter test keeps busy says nothing: most of it is its start.
constexpr Seconds k_too_short{0.01};
/// Memory below this is not counted: what a test of a few lines takes.
constexpr std::uint64_t k_little_memory = std::uint64_t{16} * 1024 * 1024;

/// Rounded up, to few different values: who waits is kept by what it demands.
int to_millicpus(double processors) {
  if (processors < k_asleep) return 0;
  if (processors <= 0.05) return 50;
  if (processors <= 1) return static_cast<int>(std::ceil(processors * 10)) * 100;
  // A loop of one thread is measured a little above or below one processor.
  return std::max(1, static_cast<int>(std::lround(processors))) * 1000;
}

/// Rounded up to the next of four steps between two powers of two.
std::uint64_t round_memory(std::uint64_t bytes) {
  if (bytes < k_little_memory) return 0;
  const std::uint64_t step = std::max<std::uint64_t>(1, std::bit_floor(bytes) / 4);
  return (bytes + step - 1) / step * step;
}

Demand demand_of(const Test& test, const TestHistory* known) {
  Demand demand;
  demand.millicpus = 1000 * std::max(1, test.requirements.processors);
  demand.memory = round_memory(static_cast<std::uint64_t>(test.limits.positive(LimitKind::memory).value_or(0)));
  if (known == nullptr) return demand;
  if (test.requirements.processors <= 1 && known->duration >= k_too_short) demand.millicpus = to_millicpus(known->processors);
  if (known->peak_rss_bytes > 0) demand.memory = round_memory(known->peak_rss_bytes);
  return demand;
}

}  // namespace

std::vector<Forecast> forecast(const Suite& suite, const TestHistories& histories) {
  Seconds longest{};
  std::vector<Forecast> forecasts(suite.tests.size());
  std::vector<TestId> unknown;
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    const Test& test = suite.tests[id];
    const auto found = histories.find(test.name);
    const bool is_known = found != histories.end() && found->second.runs > 0;
    const TestHistory* known = is_known ? &found->second : nullptr;
    Forecast& of_test = forecasts[id];
    of_test.demand = demand_of(test, known);
    of_test.failed_before = found != histories.end() && is_failure(found->second.last);
    if (test.requirements.cost != 0) {
      of_test.duration = Seconds(test.requirements.cost);
    } else if (is_known) {
      of_test.duration = known->duration;
    } else {
      unknown.push_back(id);
    }
    longest = std::max(longest, of_test.duration);
  }
  // With COST alone nothing is known of the others: they keep CTest's order behind it.
  if (!histories.empty())
    for (const TestId id : unknown) forecasts[id].duration = longest;
  return forecasts;
}

}  // namespace ptests
