#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "core/limits.hpp"

namespace ptests {

/// Where cgroups can be made on this machine, found out by making and removing one in each hierarchy. Both v1 (one hierarchy a
/// controller) and v2 are used, whichever has the controller; either may be missing.
class CgroupRoots {
 public:
  enum class Version : std::uint8_t { v1, v2 };
  /// A directory below which we may make cgroups, and the controllers that act there ("memory", "pids", "cpu", "io"/"blkio",
  /// "cpuacct"; none in a v2 hierarchy without controllers, which still tracks and kills).
  struct Hierarchy {
    Version version = Version::v2;
    std::string directory;  ///< absolute; our own cgroup in that hierarchy, or the delegated one above our leaf
    std::vector<std::string> controllers;
    bool has(const std::string& controller) const;
  };
  /// Controllers that this machine has and that do not act for us; for a whole hierarchy that is out of reach, all it has.
  struct Unusable {
    Hierarchy hierarchy;  ///< directory "" = not mounted
    std::string why;      ///< for people: "/sys/fs/cgroup/memory is not writable for uid 1000"
    std::string cure;     ///< "" = none known
  };

  /// Looks at `<proc>/self/mountinfo` and `<proc>/self/cgroup`. In v2 controllers have to be handed down: our own processes move to a leaf
  /// "ptests-<identity>.self" when that is needed for it. Never an error: no cgroups is an answer.
  static CgroupRoots probe(const std::string& proc = "/proc");
  CgroupRoots() = default;
  /// Roots that somebody else knows; nothing is probed.
  explicit CgroupRoots(std::vector<Hierarchy> hierarchies) : hierarchies_(std::move(hierarchies)) {}
  CgroupRoots(CgroupRoots&& other) noexcept;
  CgroupRoots& operator=(CgroupRoots&& other) noexcept;
  /// Moves us back and removes the leaf, if there is one and nobody else uses it.
  ~CgroupRoots();

  const std::vector<Hierarchy>& hierarchies() const { return hierarchies_; }
  const std::vector<Unusable>& unusable() const { return unusable_; }
  /// The hierarchy that acts for a limit (memory, processes, cpu_time as a meter, cpus, io_*), or nullptr.
  const Hierarchy* find(LimitKind kind) const;
  /// The hierarchy to track and kill with: v2, else nullptr.
  const Hierarchy* tracker() const;
  /// Why there is none for `kind`, for people: "/sys/fs/cgroup/memory is not writable for uid 1000".
  std::string why_not(LimitKind kind) const;
  /// What would give us one: "run ptests as root"; "" when nothing is known.
  std::string cure(LimitKind kind) const;

  /// Removes cgroups ("ptests-<identity>...") whose makers have gone, and kills what is in them. Returns their names.
  std::vector<std::string> remove_stale() const;
  /// The same for those of one maker: what a guard does. What lives in the maker's leaf is moved back, not killed.
  std::vector<std::string> remove_of(const std::string& identity) const;

 private:
  std::vector<std::string> remove_where(const std::function<bool(const std::string& identity)>& is_to_go,
                                        const std::string& spared_leaf) const;
  const Unusable* find_unusable(LimitKind kind) const;

  std::vector<Hierarchy> hierarchies_;
  std::vector<Unusable> unusable_;
  std::string leaf_;  ///< directory we live in below a v2 hierarchy's, made by us or by a run we are part of; or ""
};

/// The cgroups of one test, one in each hierarchy that one of its limits needs. Removed with it.
class Cgroup {
 public:
  /// Made with the limits that are set and for which there is a hierarchy: memory (with swap; kills as a group where the kernel can),
  /// processes, cpus, io_*; and one in the tracker. `name` is a path element, "ptests-<identity>-<n>". An error names the file that could
  /// not be written.
  static Result<Cgroup> create(const CgroupRoots& roots, const std::string& name, const Limits& limits);
  Cgroup(Cgroup&&) noexcept = default;
  Cgroup& operator=(Cgroup&& other) noexcept;
  /// Waits up to 100 ms for the last processes to be gone; what is busy even then stays for CgroupRoots::remove_of().
  ~Cgroup();

  /// Open cgroup.procs files: the child writes "0" to each before it execs.
  const std::vector<UniqueFd>& entrances() const { return entrances_; }
  /// Their paths, for a process that is no child of ours.
  std::vector<std::string> entrance_paths() const;
  /// Everything in it and in cgroups it made itself, from all its hierarchies, without repetition.
  std::vector<pid_t> processes() const;
  bool is_empty() const;
  /// SIGKILL to everything in it, by cgroup.kill where there is one, else process by process.
  void kill() const;
  /// A limit of this cgroup that the kernel enforced so far: an OOM kill (memory) or a refused fork (processes).
  std::optional<LimitKind> limit_hit() const;
  std::optional<std::uint64_t> peak_memory() const;  ///< bytes, page cache included
  std::optional<std::uint64_t> memory() const;       ///< bytes now
  std::optional<double> cpu_seconds() const;

 private:
  Cgroup() = default;
  Result<void> add_part(const CgroupRoots::Hierarchy& hierarchy, const std::string& name, const Limits& limits);
  const CgroupRoots::Hierarchy* part_with(const std::string& controller) const;
  std::optional<std::uint64_t> read(const std::string& controller, const char* v1_file, const char* v2_file) const;

  std::vector<CgroupRoots::Hierarchy> parts_;  ///< each with this cgroup's own directory; v2 first
  std::vector<UniqueFd> entrances_;
};

/// Whether a test with these limits gets cgroups of its own where the machine has them: memory, processes, cpus or io is set.
bool wants_cgroup(const Limits& limits);

}  // namespace ptests
