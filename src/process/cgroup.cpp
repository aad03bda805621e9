#include "process/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/files.hpp"
#include "process/cgroup_files.hpp"

namespace ptests {

using Version = CgroupRoots::Version;
using Hierarchy = CgroupRoots::Hierarchy;

namespace {

constexpr mode_t k_directory_mode = 0755;
constexpr std::array k_cgroup_kinds{LimitKind::memory,       LimitKind::processes,    LimitKind::cpus,         LimitKind::io_read_bps,
                                    LimitKind::io_write_bps, LimitKind::io_read_iops, LimitKind::io_write_iops};

/// The tracker first; cpuacct only for want of it.
std::vector<const Hierarchy*> hierarchies_for(const CgroupRoots& roots, const Limits& limits) {
  std::vector<const Hierarchy*> result;
  const auto add = [&](const Hierarchy* hierarchy) {
    if (hierarchy != nullptr && std::find(result.begin(), result.end(), hierarchy) == result.end()) result.push_back(hierarchy);
  };
  add(roots.tracker());
  for (const LimitKind kind : k_cgroup_kinds)
    if (limits.positive(kind)) add(roots.find(kind));
  if (limits.positive(LimitKind::cpu_time)) add(roots.find(LimitKind::cpu_time));
  return result;
}

Result<void> apply(const std::string& directory, const CgroupSetting& setting) {
  const std::string path = directory + "/" + setting.file;
  const int error = write_kernel_file(path, setting.value);
  if (error == 0 || std::find(setting.harmless.begin(), setting.harmless.end(), error) != setting.harmless.end()) return {};
  return fail(describe_errno("writing \"" + setting.value + "\" to", path, error));
}

}  // namespace

bool wants_cgroup(const Limits& limits) {
  return std::any_of(k_cgroup_kinds.begin(), k_cgroup_kinds.end(), [&](LimitKind kind) { return limits.positive(kind).has_value(); });
}

Result<Cgroup> Cgroup::create(const CgroupRoots& roots, const std::string& name, const Limits& limits) {
  Cgroup cgroup;
  for (const Hierarchy* hierarchy : hierarchies_for(roots, limits))
    if (Result<void> added = cgroup.add_part(*hierarchy, name, limits); !added) return tl::unexpected(added.error());
  return cgroup;
}

Result<void> Cgroup::add_part(const Hierarchy& hierarchy, const std::string& name, const Limits& limits) {
  const Hierarchy part{hierarchy.version, hierarchy.directory + "/" + name, hierarchy.controllers};
  if (::mkdir(part.directory.c_str(), k_directory_mode) != 0) return fail(describe_errno("making", part.directory, errno));
  parts_.push_back(part);
  const bool has_io = hierarchy.has(controller_for(LimitKind::io_read_bps, hierarchy.version));
  for (const CgroupSetting& setting : cgroup_settings(part, limits, has_io ? block_devices() : std::vector<std::string>{}))
    if (Result<void> applied = apply(part.directory, setting); !applied) return applied;
  const std::string entrance = part.directory + "/cgroup.procs";
  UniqueFd fd(::open(entrance.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return fail(describe_errno("opening", entrance, errno));
  entrances_.push_back(std::move(fd));
  return {};
}

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
  std::swap(parts_, other.parts_);
  std::swap(entrances_, other.entrances_);
  return *this;
}

Cgroup::~Cgroup() {
  for (const Hierarchy& part : parts_) remove_cgroup(part.directory);
}

std::vector<std::string> Cgroup::entrance_paths() const {
  std::vector<std::string> paths;
  paths.reserve(parts_.size());
  for (const Hierarchy& part : parts_) paths.push_back(part.directory + "/cgroup.procs");
  return paths;
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> pids;
  for (const Hierarchy& part : parts_) {
    const std::vector<pid_t> more = cgroup_processes(part.directory);
    pids.insert(pids.end(), more.begin(), more.end());
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

bool Cgroup::is_empty() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Hierarchy& part) {
    if (part.version == Version::v1) return cgroup_processes(part.directory).empty();
    return read_number(part.directory + "/cgroup.events", "populated").value_or(0) == 0;
  });
}

void Cgroup::kill() const {
  for (const Hierarchy& part : parts_) kill_cgroup(part.directory);
}

const Hierarchy* Cgroup::part_with(const std::string& controller) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Hierarchy& part) { return part.has(controller); });
  return found == parts_.end() ? nullptr : &*found;
}

std::optional<LimitKind> Cgroup::limit_hit() const {
  if (const Hierarchy* part = part_with("memory"); part != nullptr && memory_limit_hit(*part)) return LimitKind::memory;
  if (const Hierarchy* part = part_with("pids"); part != nullptr && process_limit_hit(*part)) return LimitKind::processes;
  return std::nullopt;
}

std::optional<std::uint64_t> Cgroup::peak_memory() const { return read("memory", "memory.max_usage_in_bytes", "memory.peak"); }

std::optional<std::uint64_t> Cgroup::memory() const { return read("memory", "memory.usage_in_bytes", "memory.current"); }

std::optional<std::uint64_t> Cgroup::read(const std::string& controller, const char* v1_file, const char* v2_file) const {
  const Hierarchy* part = part_with(controller);
  if (part == nullptr) return std::nullopt;
  return read_number(part->directory + "/" + (part->version == Version::v1 ? v1_file : v2_file));
}

std::optional<double> Cgroup::cpu_seconds() const {
  constexpr double k_micro = 1e-6;
  constexpr double k_nano = 1e-9;
  for (const Hierarchy& part : parts_)
    if (part.version == Version::v2)
      if (const std::optional<std::uint64_t> usec = read_number(part.directory + "/cpu.stat", "usage_usec"))
        return static_cast<double>(*usec) * k_micro;
  const Hierarchy* part = part_with("cpuacct");
  const std::optional<std::uint64_t> nsec = part == nullptr ? std::nullopt : read_number(part->directory + "/cpuacct.usage");
  return nsec ? std::optional(static_cast<double>(*nsec) * k_nano) : std::nullopt;
}

}  // namespace ptests
