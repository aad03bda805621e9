#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "core/suite.hpp"
#include "process/cgroup.hpp"

namespace ptests::cli {

bool any_wants_cgroup(const Suite& suite, const std::vector<TestId>& selected);

/// Looks at the limits of tests. Those that cannot be enforced here are errors with LimitsPolicy::enforce; else they are dropped from
/// `suite`, and what is to be said of that, once for each kind, is returned. An error too for what would look at an output that is not
/// kept.
Result<std::vector<std::string>> settle_limits(LimitsPolicy policy, Suite& suite, const std::vector<TestId>& selected,
                                               const CgroupRoots& cgroups);

}  // namespace ptests::cli
