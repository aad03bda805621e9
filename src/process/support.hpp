#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/limits.hpp"
#include "process/cgroup.hpp"

namespace ptests {

/// By what a limit is enforced here.
enum class Means : std::uint8_t { none, timer, rlimit, cgroup, sampling };

struct LimitSupport {
  LimitKind kind;
  Means means = Means::none;
  std::string how;   ///< "cgroup v1 memory.limit_in_bytes", "RLIMIT_NOFILE, at most 1048576", "the tree's memory, looked at every 50 ms"
  std::string cure;  ///< how to get it, or to get it better; "" when it is as good as it gets
  std::optional<double> bound = std::nullopt;  ///< the largest value that can be set, of NICE the smallest; nothing = any
};

/// What this machine can enforce, a row a limit, in the order of k_limits.
std::vector<LimitSupport> probe_limits(const CgroupRoots& roots);

/// Whether `limits` can be enforced as `support` says: an error names the limit, why not, and the cure. A value above a hard
/// rlimit, or a negative nice without the right to it, cannot.
Result<void> check_limits(const Limits& limits, const std::vector<LimitSupport>& support);

/// The rlimits of a test's process: soft and hard alike (CPU time: the hard one a second later), and never above what we may set.
struct ProcessLimit {
  int resource = 0;  ///< RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};
std::vector<ProcessLimit> process_limits(const Limits& limits);

}  // namespace ptests
