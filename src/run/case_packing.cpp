#include "run/case_packing.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace ptests {

namespace {

/// A process that is expected to be shorter than this is not worth its start.
constexpr double k_least_length = 0.02;

bool is_duration(const std::optional<Seconds>& value) { return value && std::isfinite(value->count()) && value->count() >= 0; }

/// Cuts neighbours into `parts` of about the same weight. What is left over or short in one part is shared by those behind it.
void cut(std::span<const std::size_t> cases, std::span<const double> weights, std::size_t parts, std::vector<CasePacking::Cases>& packed) {
  double left = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t end = 0;
  for (; parts > 1; --parts) {
    const std::size_t begin = end;
    const std::size_t most = cases.size() - (parts - 1);  // each part has a case
    const double ideal = left / static_cast<double>(parts);
    double taken = 0;
    do taken += weights[end++];
    while (end < most && taken + weights[end] / 2 <= ideal);
    left -= taken;
    packed.emplace_back(cases.begin() + static_cast<std::ptrdiff_t>(begin), cases.begin() + static_cast<std::ptrdiff_t>(end));
  }
  packed.emplace_back(cases.begin() + static_cast<std::ptrdiff_t>(end), cases.end());
}

std::vector<std::optional<std::size_t>> places_of(const std::vector<TestCase>& cases) {
  std::vector<std::optional<std::size_t>> places(cases.size());
  std::size_t place = 0;
  for (std::size_t index = 0; index < cases.size(); ++index)
    if (!cases[index].disabled) places[index] = place++;
  return places;
}

}  // namespace

CasePacking::CasePacking(const std::vector<TestCase>& cases, std::vector<std::optional<Seconds>> expected, int processes,
                         Adapter::Choice choice, const BatchOptions& options)
    : expected_(std::move(expected)),
      processes_(std::max(1, processes)),
      target_(options.target.count()),
      can_choose_(choice != Adapter::Choice::all && options.mode != BatchOptions::Mode::whole),
      is_isolated_(options.mode == BatchOptions::Mode::isolated) {
  expected_.resize(cases.size());
  for (std::optional<Seconds>& one : expected_) {
    if (!is_duration(one)) {
      one.reset();
      continue;
    }
    ++known_;
    known_sum_ += one->count();
  }
  if (choice == Adapter::Choice::range) places_ = places_of(cases);
}

std::vector<CasePacking::Cases> CasePacking::pack(const Cases& cases) const {
  if (cases.empty()) return {};
  if (!can_choose_) return {cases};
  const std::vector<double> equal(cases.size(), 1);
  if (is_isolated_) return distribute(cases, equal, cases.size());
  const auto known = std::count_if(cases.begin(), cases.end(), [&](std::size_t index) { return expected_[index].has_value(); });
  if (2 * static_cast<std::size_t>(known) < cases.size())
    return distribute(cases, equal, std::min(cases.size(), static_cast<std::size_t>(processes_)));
  return distribute(cases, weights_of(cases), count_for(expected(cases).count(), cases.size()));
}

std::vector<CasePacking::Cases> CasePacking::split(const Cases& left, int free) const {
  const double total = expected(left).count();
  const double target = std::max(target_, k_least_length);
  double parts = 1;
  if (free > 1 && total > target)
    parts = std::min({static_cast<double>(free), static_cast<double>(left.size()), std::ceil(total / target)});
  return distribute(left, weights_of(left), static_cast<std::size_t>(parts));
}

std::vector<double> CasePacking::weights_of(const Cases& cases) const {
  std::vector<double> weights;
  weights.reserve(cases.size());
  for (const std::size_t index : cases) weights.push_back(seconds_of(index));
  return weights;
}

Seconds CasePacking::expected(const Cases& cases) const {
  double total = 0;
  for (const std::size_t index : cases) total += seconds_of(index);
  return Seconds(total);
}

void CasePacking::learn(std::size_t index, Seconds took) {
  if (!is_duration(took)) return;
  if (!expected_[index]) {
    ++known_;
    known_sum_ += took.count();
  }
  expect_at_least(index, took);
}

void CasePacking::expect_at_least(std::size_t index, Seconds least) {
  if (is_duration(least) && (!expected_[index] || *expected_[index] < least)) expected_[index] = least;
}

double CasePacking::seconds_of(std::size_t index) const {
  if (expected_[index]) return expected_[index]->count();
  return known_ > 0 ? known_sum_ / static_cast<double>(known_) : 0;
}

/// A last round of processes that leaves slots idle is made full: they are a little shorter then.
std::size_t CasePacking::count_for(double total, std::size_t cases) const {
  const double slots = processes_;
  const double of_target = target_ > 0 ? std::ceil(total / target_) : static_cast<double>(cases);
  double count = std::max(of_target, std::min(slots, std::floor(total / k_least_length)));
  if (count > slots) count = std::ceil(count / slots) * slots;
  return static_cast<std::size_t>(std::clamp(count, 1.0, static_cast<double>(cases)));
}

std::size_t CasePacking::end_of_neighbours(const Cases& cases, std::size_t begin) const {
  if (places_.empty()) return cases.size();
  std::size_t end = begin + 1;
  while (end < cases.size() && *places_[cases[end]] == *places_[cases[end - 1]] + 1) ++end;
  return end;
}

std::vector<CasePacking::Cases> CasePacking::distribute(const Cases& cases, std::vector<double> weights, std::size_t parts) const {
  double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0)) {
    std::fill(weights.begin(), weights.end(), 1.0);
    total = static_cast<double>(cases.size());
  }
  std::vector<Cases> packed;
  packed.reserve(parts);
  const Cases together = places_.empty() ? cases : take_enabled(cases, weights, packed);
  for (std::size_t begin = 0, end = 0; begin < together.size(); begin = end) {
    end = end_of_neighbours(together, begin);
    const std::size_t count = end - begin;
    const auto some = std::span(weights).subspan(begin, count);
    const double share = std::accumulate(some.begin(), some.end(), 0.0) / total * static_cast<double>(parts);
    cut(std::span(together).subspan(begin, count), some, std::clamp(static_cast<std::size_t>(std::lround(share)), std::size_t{1}, count),
        packed);
  }
  return packed;
}

/// Those of `cases` that are not disabled, with `weights` of them only. Each of the others goes into `packed` by itself.
CasePacking::Cases CasePacking::take_enabled(const Cases& cases, std::vector<double>& weights, std::vector<Cases>& packed) const {
  Cases enabled;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!places_[cases[i]]) {
      packed.push_back({cases[i]});
      continue;
    }
    enabled.push_back(cases[i]);
    weights[kept++] = weights[i];
  }
  weights.resize(kept);
  return enabled;
}

}  // namespace ptests
