#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "process/proc.hpp"

namespace ptests {

/// In cgroup v2 a cgroup with processes of its own cannot hand controllers (memory, pids, ...) to its children; only the root can ("no
/// internal process constraint", Documentation/admin-guide/cgroup-v2.rst). So we, those who started us and all they started step aside
/// into a leaf "ptests-<identity>.self" for as long as we run. Who is started from there, another ptests as well, makes its cgroups beside
/// that leaf, and leaves an empty cgroup "ptests-<identity>.in" there so that it is seen.

/// Lets `controllers` act for the children of `directory`, our own cgroup, as far as it is given them. Returns the leaf that was needed
/// for it, or "". An error says why nothing could be handed down.
Result<std::string> hand_down_controllers(const std::string& directory, const std::vector<std::string>& controllers, const Proc& proc);

/// `directory` when that is a leaf, else "".
std::string leaf_at(const std::string& directory);
/// For one who finds himself in a leaf.
void join_leaf(const std::string& leaf, const std::vector<std::string>& controllers);
/// For one who is about to end: dissolves the leaf when its maker is we or has gone.
void quit_leaf(const std::string& leaf);
/// Moves what lives in it back, unless a ptests still uses the cgroups beside it. Whether it is gone.
bool dissolve_leaf(const std::string& leaf);

/// How to start ptests where it may make cgroups, and how to have all controllers there.
std::string own_cgroup_cure();
std::string hand_down_cure();

}  // namespace ptests
