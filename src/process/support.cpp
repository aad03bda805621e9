#include "process/support.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <limits>

#include "process/cgroup_files.hpp"

namespace ptests {

namespace {

constexpr int k_nicest = -20;
constexpr std::string_view k_interval = "50 ms";

/// Whether we have a capability in our user namespace; 0 is not enough, containers drop most. Source: capget(2).
bool has_capability(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data.at(CAP_TO_INDEX(capability)).effective & CAP_TO_MASK(capability)) != 0;
}

struct ResourceInfo {
  LimitKind kind;
  int resource;
  std::string_view name;
  std::string_view line;  ///< of limits.conf(5), that raises it
};
constexpr std::array k_resources{
    ResourceInfo{LimitKind::cpu_time, RLIMIT_CPU, "RLIMIT_CPU", "cpu unlimited"},
    ResourceInfo{LimitKind::open_files, RLIMIT_NOFILE, "RLIMIT_NOFILE", "nofile 1048576"},
    ResourceInfo{LimitKind::file_size, RLIMIT_FSIZE, "RLIMIT_FSIZE", "fsize unlimited"},
    ResourceInfo{LimitKind::core_size, RLIMIT_CORE, "RLIMIT_CORE", "core unlimited"},
    ResourceInfo{LimitKind::stack, RLIMIT_STACK, "RLIMIT_STACK", "stack unlimited"},
};

const ResourceInfo* find_resource(LimitKind kind) {
  const auto* const found =
      std::find_if(k_resources.begin(), k_resources.end(), [&](const ResourceInfo& info) { return info.kind == kind; });
  return found == k_resources.end() ? nullptr : found;
}

/// The largest value a process of ours may be given; RLIM_INFINITY = any.
rlim_t most_of(int resource) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return RLIM_INFINITY;
  if (now.rlim_max == RLIM_INFINITY || !has_capability(CAP_SYS_RESOURCE)) return now.rlim_max;
  // With that right everything can be raised, open files up to what the kernel has at all.
  if (resource != RLIMIT_NOFILE) return RLIM_INFINITY;
  return std::max<rlim_t>(now.rlim_max, read_number("/proc/sys/fs/nr_open").value_or(now.rlim_max));
}

/// The smallest number that may be added to our nice value: NICE of a test.
int least_nice() {
  if (has_capability(CAP_SYS_NICE)) return k_nicest;
  errno = 0;
  const int own = ::getpriority(PRIO_PROCESS, 0);
  rlimit limit{};
  if (errno != 0 || ::getrlimit(RLIMIT_NICE, &limit) != 0) return 0;
  // 20 - rlim_cur is the lowest value one may go to. Source: getrlimit(2).
  const int lowest = limit.rlim_cur >= 40 ? k_nicest : 20 - static_cast<int>(limit.rlim_cur);
  return std::min(0, lowest - own);
}

LimitSupport by_rlimit(LimitKind kind) {
  const ResourceInfo& info = *find_resource(kind);
  const rlim_t most = most_of(info.resource);
  if (most == RLIM_INFINITY) return {kind, Means::rlimit, std::string(info.name), ""};
  const auto bound = static_cast<double>(most);
  LimitSupport support{kind, Means::rlimit, fmt::format("{}, at most {}", info.name, describe_limit(kind, bound)), "", bound};
  // Nobody can have more open files than the kernel allows at all.
  const bool is_all_there_is = kind == LimitKind::open_files && most >= read_number("/proc/sys/fs/nr_open").value_or(0);
  if (!is_all_there_is)
    support.cure = fmt::format("raise the hard limit: \"* hard {}\" in /etc/security/limits.conf, or `ulimit -H` as root", info.line);
  return support;
}

LimitSupport by_cgroup(LimitKind kind, const CgroupRoots::Hierarchy& hierarchy) {
  const bool is_v1 = hierarchy.version == CgroupRoots::Version::v1;
  const bool is_writing = kind == LimitKind::io_write_bps || kind == LimitKind::io_write_iops;
  // Source: Documentation/admin-guide/cgroup-v1/blkio-controller.rst.
  const std::string_view note = is_v1 && is_writing ? "; only writes with O_DIRECT or O_SYNC" : "";
  return {kind, Means::cgroup, fmt::format("cgroup {} {}{}", is_v1 ? "v1" : "v2", key_file(kind, hierarchy.version), note), ""};
}

/// By the kernel where it can, else as `otherwise` says.
LimitSupport by_kernel(const CgroupRoots& roots, LimitKind kind, Means otherwise, std::string how) {
  if (const CgroupRoots::Hierarchy* hierarchy = roots.find(kind)) return by_cgroup(kind, *hierarchy);
  return {kind, otherwise, otherwise == Means::none ? roots.why_not(kind) : std::move(how), roots.cure(kind)};
}

LimitSupport nice_support() {
  const int least = least_nice();
  LimitSupport support{LimitKind::nice, Means::rlimit, "setpriority(2)", "", least};
  if (least > k_nicest) {
    support.how += fmt::format(", not below {}", least);
    support.cure = "run ptests as root, or allow it with \"* - nice -20\" in /etc/security/limits.conf";
  }
  return support;
}

LimitSupport probe_limit(LimitKind kind, const CgroupRoots& roots) {
  switch (kind) {
    case LimitKind::timeout: return {kind, Means::timer, "a timer", ""};
    case LimitKind::idle_timeout: return {kind, Means::timer, "a timer that output sets back", ""};
    case LimitKind::cpu_time: {
      LimitSupport support = by_rlimit(kind);
      support.how += fmt::format(" for each process; the sum of the tree is looked at every {}", k_interval);
      return support;
    }
    case LimitKind::memory:
      return by_kernel(roots, kind, Means::sampling, fmt::format("the resident memory of the tree, looked at every {}", k_interval));
    case LimitKind::processes:
      return by_kernel(roots, kind, Means::sampling, fmt::format("the processes of the tree, counted every {}", k_interval));
    case LimitKind::open_files:
    case LimitKind::file_size:
    case LimitKind::core_size:
    case LimitKind::stack: return by_rlimit(kind);
    case LimitKind::output_size: return {kind, Means::sampling, fmt::format("the size of the log, looked at every {}", k_interval), ""};
    case LimitKind::io_read_bps:
    case LimitKind::io_write_bps:
    case LimitKind::io_read_iops:
    case LimitKind::io_write_iops:
    case LimitKind::cpus: return by_kernel(roots, kind, Means::none, "");
    case LimitKind::nice: return nice_support();
  }
  return {kind, Means::none, "", ""};
}

Result<void> check_limit(LimitKind kind, double value, const LimitSupport& support) {
  const auto wanted = [&] { return fmt::format("{} {}", limit_info(kind).keyword, describe_limit(kind, value)); };
  if (support.means == Means::none) return fail(fmt::format("{} cannot be enforced here: {}", wanted(), support.how), support.cure);
  if (!support.bound) return {};
  if (kind == LimitKind::nice && value < *support.bound)
    return fail(fmt::format("{} needs a right that we do not have: not below {:g} here", wanted(), *support.bound), support.cure);
  if (kind != LimitKind::nice && value > *support.bound)
    return fail(fmt::format("{} is above the hard limit here, {}", wanted(), describe_limit(kind, *support.bound)), support.cure);
  return {};
}

}  // namespace

std::vector<LimitSupport> probe_limits(const CgroupRoots& roots) {
  std::vector<LimitSupport> rows;
  rows.reserve(k_limits.size());
  for (const LimitInfo& info : k_limits) rows.push_back(probe_limit(info.kind, roots));
  return rows;
}

Result<void> check_limits(const Limits& limits, const std::vector<LimitSupport>& support) {
  for (const LimitSupport& row : support) {
    const std::optional<double> value = limits[row.kind];
    if (!value || *value == 0) continue;
    if (Result<void> checked = check_limit(row.kind, *value, row); !checked) return checked;
  }
  return {};
}

std::vector<ProcessLimit> process_limits(const Limits& limits) {
  constexpr double k_most = 9e18;
  std::vector<ProcessLimit> result;
  for (const ResourceInfo& info : k_resources) {
    const std::optional<double> value = limits.positive(info.kind);
    if (!value) continue;
    const rlim_t most = most_of(info.resource);
    auto soft = static_cast<rlim_t>(std::clamp(std::ceil(*value), 1.0, k_most));
    rlim_t hard = soft;
    if (info.kind == LimitKind::cpu_time) {
      // Who watches the sum comes first: one of many processes that ends by SIGXCPU tells nobody why the test failed.
      soft += 1;
      hard += 2;
    }
    result.push_back({info.resource, std::min(soft, most), std::min(hard, most)});
  }
  return result;
}

}  // namespace ptests
