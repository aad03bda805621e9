#include "process/cgroup_leaf.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "base/files.hpp"
#include "process/cgroup_files.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_marker_suffix = ".in";
constexpr std::string_view k_control = "/cgroup.subtree_control";
constexpr mode_t k_directory_mode = 0755;
constexpr int k_most_rounds = 10;
constexpr int k_most_ancestors = 1000;

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The controllers that children of `directory` have.
std::vector<std::string> acting_in(const std::string& directory) { return read_words(directory + std::string(k_control)); }

/// Those of `controllers` that they could have and have not.
std::vector<std::string> missing_in(const std::string& directory, std::vector<std::string> controllers) {
  const std::vector<std::string> acting = acting_in(directory);
  const std::vector<std::string> given = read_words(directory + "/cgroup.controllers");
  std::erase_if(controllers, [&](const std::string& name) { return contains(acting, name) || !contains(given, name); });
  return controllers;
}

/// One write a controller, so that one which is refused spoils no other. The errno value of the last failure, or 0.
int hand_over(const std::string& directory, const std::vector<std::string>& controllers, char sign) {
  int error = 0;
  for (const std::string& name : controllers)
    if (const int code = write_kernel_file(directory + std::string(k_control), sign + name); code != 0) error = code;
  return error;
}

/// Again and again, as they may be starting others.
bool move_all(const std::string& from, const std::string& to) {
  for (int round = 0; round < k_most_rounds; ++round) {
    const std::vector<pid_t> pids = direct_processes(from);
    if (pids.empty()) return true;
    for (const pid_t pid : pids) write_kernel_file(to + "/cgroup.procs", std::to_string(pid));
  }
  return direct_processes(from).empty();
}

/// `pid` and those it descends from.
std::vector<pid_t> line_of(const Proc& proc, pid_t pid) {
  std::vector<pid_t> line;
  while (pid > 0 && line.size() < k_most_ancestors) {
    line.push_back(pid);
    const std::optional<ProcessStat> stat = proc.stat(pid);
    pid = stat ? stat->parent : 0;
  }
  return line;
}

/// One of `pids` that is neither of those who started us, as far as they are among `pids`, nor started by one of them; 0 = none.
pid_t find_stranger(const std::vector<pid_t>& pids, const Proc& proc) {
  const std::unordered_set<pid_t> all(pids.begin(), pids.end());
  std::unordered_set<pid_t> family;
  for (const pid_t pid : line_of(proc, ::getpid()))
    if (all.contains(pid)) family.insert(pid);
  for (const pid_t pid : pids) {
    const std::vector<pid_t> line = line_of(proc, pid);
    const bool has_gone = line.size() == 1 && !proc.stat(pid);
    if (!has_gone && std::none_of(line.begin(), line.end(), [&](pid_t one) { return family.contains(one); })) return pid;
  }
  return 0;
}

/// Leaves `directory` without processes. Returns the leaf they are in, or "" when there were none.
Result<std::string> step_aside(const std::string& directory, const Proc& proc) {
  // Only the root of all has no such file.
  const bool is_root = ::access((directory + "/cgroup.events").c_str(), F_OK) != 0;
  const std::vector<pid_t> pids = direct_processes(directory);
  if (is_root || pids.empty()) return "";
  if (const pid_t stranger = find_stranger(pids, proc); stranger != 0)
    return fail(fmt::format("{} has processes that did not come with us ({}: {}), so it can hand no controllers down", directory, stranger,
                            proc.info(stranger).command),
                own_cgroup_cure());
  const std::string leaf = directory + "/" + cgroup_name(own_identity(), k_leaf_suffix);
  if (::mkdir(leaf.c_str(), k_directory_mode) != 0) return fail(describe_errno("making", leaf, errno));
  if (move_all(directory, leaf)) return leaf;
  move_all(leaf, directory);
  remove_cgroup(leaf);
  return fail(fmt::format("the processes in {} could not be moved to {}", directory, leaf), own_cgroup_cure());
}

}  // namespace

Result<std::string> hand_down_controllers(const std::string& directory, const std::vector<std::string>& controllers, const Proc& proc) {
  const std::vector<std::string> acting = acting_in(directory);
  const std::vector<std::string> missing = missing_in(directory, controllers);
  if (missing.empty()) return "";

  if (::access((directory + std::string(k_control)).c_str(), W_OK) != 0)
    return fail(fmt::format("{}{} is not writable for uid {}", directory, k_control, ::geteuid()), own_cgroup_cure());
  Result<std::string> leaf = step_aside(directory, proc);
  if (!leaf) return leaf;
  const int error = hand_over(directory, missing, '+');
  if (error == 0 || acting_in(directory).size() > acting.size()) return leaf;
  if (!leaf->empty()) {
    move_all(*leaf, directory);
    remove_cgroup(*leaf);
  }
  return fail(describe_errno("writing", directory + std::string(k_control), error), own_cgroup_cure());
}

std::string leaf_at(const std::string& directory) {
  const std::string name = fs::path(directory).filename().string();
  return name.ends_with(k_leaf_suffix) && maker_of_cgroup(name) ? directory : "";
}

void join_leaf(const std::string& leaf, const std::vector<std::string>& controllers) {
  const std::string directory = fs::path(leaf).parent_path().string();
  ::mkdir((directory + "/" + cgroup_name(own_identity(), k_marker_suffix)).c_str(), k_directory_mode);
  hand_over(directory, missing_in(directory, controllers), '+');
}

void quit_leaf(const std::string& leaf) {
  const fs::path path(leaf);
  ::rmdir((path.parent_path() / cgroup_name(own_identity(), k_marker_suffix)).c_str());
  const std::string maker = maker_of_cgroup(path.filename().string()).value_or("");
  if (maker == own_identity() || !identity_is_alive(maker)) dissolve_leaf(leaf);
}

bool dissolve_leaf(const std::string& leaf) {
  const std::string directory = fs::path(leaf).parent_path().string();
  const std::optional<std::string> maker = maker_of_cgroup(fs::path(leaf).filename().string());
  for (const std::string& name : child_cgroups(directory)) {
    const std::optional<std::string> other = maker_of_cgroup(name);
    if (other && other != maker && identity_is_alive(*other)) return ::rmdir(leaf.c_str()) == 0;
  }
  hand_over(directory, acting_in(directory), '-');
  return move_all(leaf, directory) && remove_cgroup(leaf);
}

std::string own_cgroup_cure() {
  return fmt::format("start it in a cgroup of its own: systemd-run {}--scope -p Delegate=yes ptests run ...",
                     ::geteuid() == 0 ? "" : "--user ");
}

std::string hand_down_cure() {
  if (::geteuid() == 0) return own_cgroup_cure();
  return "as root, write \"[Service]\" and \"Delegate=cpu io memory pids\" to /etc/systemd/system/user@.service.d/delegate.conf, log in "
         "anew; then " +
         own_cgroup_cure();
}

}  // namespace ptests
