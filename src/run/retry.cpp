#include "run/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ptests {

namespace {

/// It ran to an end of its own making: another attempt may end in another way.
bool may_differ(Status status) { return is_failure(status) && did_run(status) && status != Status::interrupted; }

bool passed(Status status) { return status == Status::passed || status == Status::leaked; }

bool wants_repeat(const Repeat& repeat, Status status) {
  switch (repeat.mode) {
    case Repeat::Mode::until_fail: return passed(status);
    case Repeat::Mode::until_pass: return may_differ(status);
    case Repeat::Mode::after_timeout: return status == Status::timed_out || status == Status::idle_timed_out;
  }
  return false;
}

void add_reason(Outcome& outcome, const std::string& more) { outcome.reason += (outcome.reason.empty() ? "" : "; ") + more; }

}  // namespace

std::optional<Seconds> RetryPolicy::next_attempt(const Test& test, const TestResult& ended, const std::vector<TestResult>& earlier) {
  const Status status = ended.outcome.status;
  const auto made = static_cast<int>(earlier.size()) + 1;
  if (options_.repeat)
    return made < options_.repeat->count && wants_repeat(*options_.repeat, status) ? std::optional(Seconds(0)) : std::nullopt;
  const Retries retries = options_.retries ? *options_.retries : test.retries.value_or(Retries{});
  if (made > retries.count || !may_differ(status)) return std::nullopt;
  if (options_.budget && used_ >= *options_.budget) return std::nullopt;
  ++used_;
  return retries.delay * std::pow(retries.backoff, made - 1);
}

TestResult RetryPolicy::verdict(const Test& test, TestResult last, std::vector<TestResult> earlier) const {
  Outcome& outcome = last.outcome;
  const bool failed_before =
      std::any_of(earlier.begin(), earlier.end(), [](const TestResult& result) { return is_failure(result.outcome.status); });
  if (passed(outcome.status) && failed_before) {
    add_reason(outcome, fmt::format("passed at attempt {} only", earlier.size() + 1));
    outcome.status = options_.flaky == RetryOptions::Flaky::fail ? Status::failed : Status::flaky;
  } else if (!earlier.empty()) {
    add_reason(outcome, fmt::format("attempt {}", earlier.size() + 1));
  }
  const auto quarantined = options_.quarantined.find(test.name);
  if (quarantined != options_.quarantined.end() && may_differ(outcome.status)) {
    outcome.reason =
        fmt::format("{}: {}{}{}", quarantined->second, status_name(outcome.status), outcome.reason.empty() ? "" : ": ", outcome.reason);
    outcome.status = Status::quarantined;
  }
  last.earlier = std::move(earlier);
  return last;
}

}  // namespace ptests
