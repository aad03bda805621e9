#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/outcome.hpp"
#include "core/test.hpp"

namespace ptests {

/// ctest's --repeat. Source: ctest(1).
struct Repeat {
  enum class Mode : std::uint8_t { until_fail, until_pass, after_timeout };
  Mode mode = Mode::until_fail;
  int count = 1;  ///< attempts at the most, the first included
};

struct RetryOptions {
  std::optional<Retries> retries;  ///< of all tests; nothing = what each says itself
  std::optional<int> budget;       ///< retries of the whole run; nothing = as many as it takes
  std::optional<Repeat> repeat;    ///< in place of retries
  enum class Flaky : std::uint8_t { report, fail } flaky = Flaky::report;
  /// By name: tests that are known to fail, with what is to be said of them.
  std::map<std::string, std::string, std::less<>> quarantined;
};

/// Decides which attempt of a test counts and what it counts as. Pure, but for the budget it keeps.
class RetryPolicy {
 public:
  explicit RetryPolicy(RetryOptions options) : options_(std::move(options)) {}

  /// How long after `ended`, which is not the last of `attempts` yet, the test starts once more; nothing: it does not.
  std::optional<Seconds> next_attempt(const Test& test, const TestResult& ended, const std::vector<TestResult>& earlier);
  /// What is reported of a test whose `last` attempt decided, with the others before it.
  TestResult verdict(const Test& test, TestResult last, std::vector<TestResult> earlier) const;

 private:
  RetryOptions options_;
  int used_ = 0;  ///< of the budget
};

}  // namespace ptests
