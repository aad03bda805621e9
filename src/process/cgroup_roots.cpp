#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "process/cgroup.hpp"
#include "process/cgroup_files.hpp"
#include "process/cgroup_leaf.hpp"
#include "process/proc.hpp"

namespace ptests {

using Version = CgroupRoots::Version;
using Hierarchy = CgroupRoots::Hierarchy;
using Unusable = CgroupRoots::Unusable;

namespace {

using Words = std::vector<std::string>;

/// One kind a controller.
constexpr std::array k_kinds{LimitKind::memory, LimitKind::processes, LimitKind::cpus, LimitKind::io_read_bps, LimitKind::cpu_time};

constexpr mode_t k_directory_mode = 0755;

bool contains(const Words& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

/// Those of `controllers` that we have a use for.
Words wanted_of(const Words& controllers, Version version) {
  Words wanted;
  for (const LimitKind kind : k_kinds) {
    const std::string name = controller_for(kind, version);
    if (contains(controllers, name) && !contains(wanted, name)) wanted.push_back(name);
  }
  return wanted;
}

/// Whether it is for nobody to write, or only not for us.
Error refusal_of(const CgroupMount& mount, const std::string& directory, int code) {
  if (code == EROFS || mount.read_only)
    return {fmt::format("{} is mounted read-only", mount.point),
            "mount it writable; in a container: run it with --privileged, or with a writable /sys/fs/cgroup"};
  if (code != EACCES && code != EPERM) return {describe_errno("making a cgroup in", directory, code), ""};
  const std::string why = fmt::format("{} is not writable for uid {}", directory, ::geteuid());
  return {why, mount.version == Version::v2 ? own_cgroup_cure() : "run ptests as root"};
}

/// A cgroup that exists for as long as we look.
class ProbeCgroup {
 public:
  explicit ProbeCgroup(const std::string& directory) : path_(directory + "/" + cgroup_name(own_identity(), ".probe")) {
    error_ = ::mkdir(path_.c_str(), k_directory_mode) == 0 ? 0 : errno;
  }
  ~ProbeCgroup() {
    if (error_ == 0) ::rmdir(path_.c_str());
  }
  ProbeCgroup(const ProbeCgroup&) = delete;
  ProbeCgroup& operator=(const ProbeCgroup&) = delete;

  int error() const { return error_; }
  const std::string& path() const { return path_; }
  /// Whether cgroups like it have that file, or the one above it, which may be a root, has.
  bool has(const std::string& file) const {
    return ::access((path_ + "/" + file).c_str(), F_OK) == 0 || ::access((path_ + "/../" + file).c_str(), F_OK) == 0;
  }

 private:
  std::string path_;
  int error_;
};

class Probe {
 public:
  explicit Probe(const std::string& proc)
      : proc_(proc), mounts_(parse_cgroup_mounts(read_kernel_file(proc + "/self/mountinfo").value_or(""))) {}

  /// Uses the hierarchy through the first of its mounts that lets us, or notes why the first did not.
  void look_at(const CgroupMembership& membership) {
    std::optional<Unusable> first;
    for (const CgroupMount& mount : mounts_) {
      if (mount.version != membership.version) continue;
      const auto is_there = [&](const std::string& controller) { return contains(mount.options, controller); };
      if (!std::all_of(membership.controllers.begin(), membership.controllers.end(), is_there)) continue;
      Unusable refused = try_mount(mount, membership);
      if (refused.why.empty()) return;
      if (!first) first = std::move(refused);
    }
    if (!first) first = not_mounted(membership);
    if (first) unusable.push_back(std::move(*first));
  }

  std::vector<Hierarchy> hierarchies;
  std::vector<Unusable> unusable;
  std::string leaf;

 private:
  static std::optional<Unusable> not_mounted(const CgroupMembership& membership) {
    const std::string names = join(membership.controllers, ", ");
    if (names.empty()) return std::nullopt;
    return Unusable{{Version::v1, "", membership.controllers},
                    fmt::format("the cgroup hierarchy of {} is not mounted", names),
                    fmt::format("as root: mount -t cgroup -o {0} cgroup /sys/fs/cgroup/{0}", join(membership.controllers, ","))};
  }

  Unusable try_mount(const CgroupMount& mount, const CgroupMembership& membership) {
    const Words all = mount.version == Version::v1 ? membership.controllers : read_words(mount.point + "/cgroup.controllers");
    const std::optional<std::string> own = directory_through(mount, membership.path);
    if (!own)
      return {{mount.version, mount.point, all}, fmt::format("our cgroup {} is not to be seen below {}", membership.path, mount.point), ""};
    const std::string leaf_above = mount.version == Version::v2 ? leaf_at(*own) : "";
    Hierarchy hierarchy{mount.version, leaf_above.empty() ? *own : fs::path(leaf_above).parent_path().string(), all};
    const ProbeCgroup probe(hierarchy.directory);
    int error = probe.error();
    if (error == 0 && mount.version == Version::v2 && ::access((hierarchy.directory + "/cgroup.procs").c_str(), W_OK) != 0) error = errno;
    if (error != 0 || mount.read_only) {
      const Error refusal = refusal_of(mount, hierarchy.directory, error);
      return {std::move(hierarchy), refusal.message, refusal.hint};
    }
    if (!takes_processes(probe.path())) return {hierarchy, fmt::format("{} is a threaded cgroup", hierarchy.directory), own_cgroup_cure()};
    if (mount.version == Version::v2) {
      leaf = leaf_above;
      hand_down(hierarchy);
    }
    keep_those_with_files(hierarchy, probe);
    hierarchies.push_back(std::move(hierarchy));
    return {};
  }

  /// Leaves in `hierarchy` the controllers that its children have.
  void hand_down(Hierarchy& hierarchy) {
    const Words wanted = wanted_of(hierarchy.controllers, Version::v2);
    Error refusal;
    if (leaf.empty()) {
      Result<std::string> made = hand_down_controllers(hierarchy.directory, wanted, proc_);
      if (made) leaf = *made;
      if (!made) refusal = made.error();
    } else {
      join_leaf(leaf, wanted);
    }
    const Words acting = read_words(hierarchy.directory + "/cgroup.subtree_control");
    hierarchy.controllers.clear();
    Words missing;
    for (const std::string& name : wanted) (contains(acting, name) ? hierarchy.controllers : missing).push_back(name);
    if (missing.empty()) return;
    if (refusal.message.empty()) refusal = {fmt::format("{} is not given {}", hierarchy.directory, join(missing, ", ")), hand_down_cure()};
    unusable.push_back({{Version::v2, hierarchy.directory, missing}, refusal.message, refusal.hint});
  }

  /// A kernel may be built without what a limit needs (CONFIG_CFS_BANDWIDTH, CONFIG_BLK_DEV_THROTTLING).
  void keep_those_with_files(Hierarchy& hierarchy, const ProbeCgroup& probe) {
    Words kept;
    for (const LimitKind kind : k_kinds) {
      const std::string name = controller_for(kind, hierarchy.version);
      if (!hierarchy.has(name) || contains(kept, name)) continue;
      const std::string file = key_file(kind, hierarchy.version);
      if (probe.has(file)) {
        kept.push_back(name);
      } else {
        unusable.push_back({{hierarchy.version, hierarchy.directory, {name}}, fmt::format("this kernel has no {}", file), ""});
      }
    }
    hierarchy.controllers = std::move(kept);
  }

  Proc proc_;
  std::vector<CgroupMount> mounts_;
};

}  // namespace

bool Hierarchy::has(const std::string& controller) const { return contains(controllers, controller); }

CgroupRoots CgroupRoots::probe(const std::string& proc) {
  Probe probe(proc);
  for (const CgroupMembership& membership : parse_cgroup_memberships(read_kernel_file(proc + "/self/cgroup").value_or("")))
    if (membership.version == Version::v2 || !wanted_of(membership.controllers, Version::v1).empty()) probe.look_at(membership);
  CgroupRoots roots(std::move(probe.hierarchies));
  roots.unusable_ = std::move(probe.unusable);
  roots.leaf_ = std::move(probe.leaf);
  return roots;
}

CgroupRoots::CgroupRoots(CgroupRoots&& other) noexcept
    : hierarchies_(std::move(other.hierarchies_)), unusable_(std::move(other.unusable_)), leaf_(std::exchange(other.leaf_, {})) {}

CgroupRoots& CgroupRoots::operator=(CgroupRoots&& other) noexcept {
  std::swap(hierarchies_, other.hierarchies_);
  std::swap(unusable_, other.unusable_);
  std::swap(leaf_, other.leaf_);
  return *this;
}

CgroupRoots::~CgroupRoots() {
  if (!leaf_.empty()) quit_leaf(leaf_);
}

const Hierarchy* CgroupRoots::tracker() const {
  const auto found =
      std::find_if(hierarchies_.begin(), hierarchies_.end(), [](const Hierarchy& hierarchy) { return hierarchy.version == Version::v2; });
  return found == hierarchies_.end() ? nullptr : &*found;
}

const Hierarchy* CgroupRoots::find(LimitKind kind) const {
  // Every cgroup of v2 counts its CPU time, with the controller or without.
  if (kind == LimitKind::cpu_time && tracker() != nullptr) return tracker();
  for (const Hierarchy& hierarchy : hierarchies_)
    if (hierarchy.has(controller_for(kind, hierarchy.version))) return &hierarchy;
  return nullptr;
}

const Unusable* CgroupRoots::find_unusable(LimitKind kind) const {
  for (const Unusable& unusable : unusable_)
    if (unusable.hierarchy.has(controller_for(kind, unusable.hierarchy.version))) return &unusable;
  return nullptr;
}

std::string CgroupRoots::why_not(LimitKind kind) const {
  if (find(kind) != nullptr) return "";
  const std::string v1 = controller_for(kind, Version::v1);
  const std::string v2 = controller_for(kind, Version::v2);
  if (v1.empty()) return "no cgroup has such a limit";
  if (const Unusable* unusable = find_unusable(kind)) return unusable->why;
  return fmt::format("this machine has no cgroup controller {}", v1 == v2 ? v1 : fmt::format("{} (v1) or {} (v2)", v1, v2));
}

std::string CgroupRoots::cure(LimitKind kind) const {
  const Unusable* unusable = find(kind) == nullptr ? find_unusable(kind) : nullptr;
  return unusable == nullptr ? "" : unusable->cure;
}

std::vector<std::string> CgroupRoots::remove_stale() const {
  return remove_where([](const std::string& identity) { return !identity_is_alive(identity); }, leaf_);
}

std::vector<std::string> CgroupRoots::remove_of(const std::string& identity) const {
  return remove_where([&](const std::string& maker) { return maker == identity; }, identity == own_identity() ? leaf_ : "");
}

std::vector<std::string> CgroupRoots::remove_where(const std::function<bool(const std::string& identity)>& is_to_go,
                                                   const std::string& spared_leaf) const {
  std::set<std::string> removed;
  Words leaves;
  for (const Hierarchy& hierarchy : hierarchies_) {
    for (const std::string& name : child_cgroups(hierarchy.directory)) {
      const std::optional<std::string> maker = maker_of_cgroup(name);
      if (!maker || !is_to_go(*maker)) continue;
      const std::string path = hierarchy.directory + "/" + name;
      if (name.ends_with(k_leaf_suffix)) {
        if (path != spared_leaf) leaves.push_back(path);
        continue;
      }
      kill_cgroup(path);
      if (remove_cgroup(path)) removed.insert(name);
    }
  }
  for (const std::string& path : leaves)
    if (dissolve_leaf(path)) removed.insert(fs::path(path).filename().string());
  return {removed.begin(), removed.end()};
}

}  // namespace ptests
