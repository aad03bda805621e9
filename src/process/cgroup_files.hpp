#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits.hpp"
#include "process/cgroup.hpp"

namespace ptests {

/// The text side of cgroups: what stands in which file. Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the Linux
/// kernel, cgroups(7), proc(5).

/// A mounted hierarchy, as /proc/self/mountinfo tells it.
struct CgroupMount {
  CgroupRoots::Version version = CgroupRoots::Version::v2;
  std::string root;                  ///< the cgroup that is seen at `point`
  std::string point;                 ///< absolute directory
  std::vector<std::string> options;  ///< the file system's; in v1 the controllers are among them
  bool read_only = false;
};
/// In the order of the file; other file systems are left out.
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo);

/// A line of /proc/self/cgroup: the cgroup we are in, in one hierarchy.
struct CgroupMembership {
  CgroupRoots::Version version = CgroupRoots::Version::v2;
  std::vector<std::string> controllers;  ///< none in v2
  std::string path;                      ///< "/user.slice/x"
};
std::vector<CgroupMembership> parse_cgroup_memberships(std::string_view text);

/// The directory of cgroup `path`; nothing when it is not below what the mount shows.
std::optional<std::string> directory_through(const CgroupMount& mount, const std::string& path);

/// The identity in the name of a cgroup of ours: "ptests-12.345-6" and "ptests-12.345.self" -> "12.345". Nothing for any other name.
std::optional<std::string> maker_of_cgroup(std::string_view name);
/// "ptests-<identity><suffix>".
std::string cgroup_name(std::string_view identity, std::string_view suffix);
inline constexpr std::string_view k_leaf_suffix = ".self";

/// The controller that acts for a limit; "" for limits that no cgroup has.
std::string controller_for(LimitKind kind, CgroupRoots::Version version);
/// The file of a child cgroup without which the controller is of no use to us.
std::string key_file(LimitKind kind, CgroupRoots::Version version);

/// One write that sets a limit.
struct CgroupSetting {
  std::string file;
  std::string value;
  std::vector<int> harmless;  ///< errno values that mean it is not needed
};
/// What `limits` need in a new child of the hierarchy, in this order. `devices` as "major:minor".
std::vector<CgroupSetting> cgroup_settings(const CgroupRoots::Hierarchy& hierarchy, const Limits& limits,
                                           const std::vector<std::string>& devices);
/// Every whole block device, as "major:minor".
std::vector<std::string> block_devices(const std::string& sys_block = "/sys/block");

/// Whether this cgroup's own limit was enforced; `part` has the directory of the cgroup itself.
bool memory_limit_hit(const CgroupRoots::Hierarchy& part);
bool process_limit_hit(const CgroupRoots::Hierarchy& part);

/// What stands between blanks; nothing for a file that cannot be read.
std::vector<std::string> read_words(const std::string& path);
/// A file of one number, or the number behind `key` in a file of "key number" lines.
std::optional<std::uint64_t> read_number(const std::string& path, std::string_view key = {});
/// The errno value of the failure, or 0.
int write_kernel_file(const std::string& path, std::string_view value);

/// The cgroup and all below it, parents first.
std::vector<std::string> cgroup_subtree(const std::string& directory);
/// Names of the cgroups directly below.
std::vector<std::string> child_cgroups(const std::string& directory);
/// False in v2 for "threaded" cgroups and for the "domain invalid" ones below and beside them.
bool takes_processes(const std::string& directory);
/// The processes of a cgroup; those of other pid namespaces left out.
std::vector<pid_t> direct_processes(const std::string& directory);
/// The same with all below it.
std::vector<pid_t> cgroup_processes(const std::string& directory);
/// SIGKILL to all of them, ourselves excepted.
void kill_cgroup(const std::string& directory);
/// Removes it and all below it, with up to 100 ms of patience for processes that are about to be gone.
bool remove_cgroup(const std::string& directory);

}  // namespace ptests
