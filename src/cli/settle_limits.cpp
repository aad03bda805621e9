#include "cli/settle_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "process/support.hpp"

namespace ptests::cli {

namespace {

/// What CAPTURE none can be exchanged for.
constexpr std::string_view k_ways_that_keep = "CAPTURE file, split, pipe or pty keeps the output";

/// Of tests whose output is not kept.
std::vector<LimitSupport> without_output(std::vector<LimitSupport> support) {
  for (LimitSupport& row : support)
    if (row.kind == LimitKind::idle_timeout || row.kind == LimitKind::output_size)
      row = {row.kind, Means::none, "with CAPTURE none no output is seen",
             fmt::format("{}; {} 0 is no limit", k_ways_that_keep, limit_info(row.kind).keyword)};
  return support;
}

/// A test is not judged by an output that is not kept.
Result<void> check_capture(const Test& test) {
  if (test.capture != Capture::none) return {};
  const auto refuse = [&](std::string_view property) {
    return fail(fmt::format("test {}: {} looks at the output, and with CAPTURE none no output is seen", test.name, property),
                std::string(k_ways_that_keep));
  };
  if (!test.expectations.pass_regexes.empty()) return refuse("PASS_REGULAR_EXPRESSION");
  if (!test.expectations.fail_regexes.empty()) return refuse("FAIL_REGULAR_EXPRESSION");
  if (!test.expectations.skip_regexes.empty()) return refuse("SKIP_REGULAR_EXPRESSION");
  if (test.limits.after_match) return refuse("TIMEOUT_AFTER_MATCH");
  return {};
}

}  // namespace

bool any_wants_cgroup(const Suite& suite, const std::vector<TestId>& selected) {
  return std::any_of(selected.begin(), selected.end(), [&](TestId id) { return wants_cgroup(suite.tests[id].limits); });
}

Result<std::vector<std::string>> settle_limits(LimitsPolicy policy, Suite& suite, const std::vector<TestId>& selected,
                                               const CgroupRoots& cgroups) {
  std::vector<std::string> dropped;
  const std::vector<LimitSupport> with_output = probe_limits(cgroups);
  const std::vector<LimitSupport> without = without_output(with_output);
  for (const TestId id : selected) {
    Test& test = suite.tests[id];
    if (const Result<void> fine = check_capture(test); !fine) return tl::unexpected(fine.error());
    const std::vector<LimitSupport>& support = test.capture == Capture::none ? without : with_output;
    if (const Result<void> fine = check_limits(test.limits, support); fine) continue;
    for (const LimitInfo& info : k_limits) {
      Limits alone;
      alone[info.kind] = test.limits[info.kind];
      const Result<void> fine = check_limits(alone, support);
      if (fine) continue;
      if (policy == LimitsPolicy::enforce) return fail(fmt::format("test {}: {}", test.name, fine.error().message), fine.error().hint);
      test.limits[info.kind].reset();
      const std::string text = fmt::format("Not enforced here: {}", fine.error().message);
      if (std::find(dropped.begin(), dropped.end(), text) == dropped.end()) dropped.push_back(text);
    }
  }
  return dropped;
}

}  // namespace ptests::cli
