#include "process/machine.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "process/cgroup_files.hpp"
#include "process/proc.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_usual_sys = "/sys/fs/cgroup/";

using Bytes = std::optional<std::uint64_t>;

struct Memory {
  Bytes total;
  Bytes available;
};

Bytes smaller(Bytes a, Bytes b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// What v1 and v2 call the same things.
struct MemoryFiles {
  std::string_view limit;     ///< a file; no number ("max") is no limit
  std::string_view usage;     ///< a file
  std::string_view inactive;  ///< keys in memory.stat
  std::string_view active;
};
constexpr MemoryFiles k_v1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "total_active_file "};
constexpr MemoryFiles k_v2{"memory.max", "memory.current", "inactive_file ", "active_file "};

Memory memory_of_cgroup(const std::string& directory, const MemoryFiles& files) {
  const auto read = [&](std::string_view name) { return read_kernel_file(fmt::format("{}/{}", directory, name)).value_or(""); };
  Memory memory;
  memory.total = kernel_value(read(files.limit), "");
  const Bytes used = memory.total ? kernel_value(read(files.usage), "") : std::nullopt;
  if (!used) return memory;
  // File pages, recently used or not, are given back before anything is killed: MemAvailable counts them as free too
  // (si_mem_available() in mm/show_mem.c). Where that hurts, the memory pressure tells.
  const std::string stat = read("memory.stat");
  const std::uint64_t cache = kernel_value(stat, files.inactive).value_or(0) + kernel_value(stat, files.active).value_or(0);
  const std::uint64_t held = *used - std::min(*used, cache);
  memory.available = *memory.total - std::min(*memory.total, held);
  return memory;
}

/// The strictest of a cgroup and those above it, up to where the hierarchy is mounted.
Memory memory_of_branch(std::string directory, const std::string& mount_point, const MemoryFiles& files) {
  Memory memory;
  while (true) {
    const Memory here = memory_of_cgroup(directory, files);
    memory = {smaller(memory.total, here.total), smaller(memory.available, here.available)};
    if (directory.size() <= mount_point.size()) return memory;
    directory.erase(directory.rfind('/'));
  }
}

bool has_memory(const std::vector<std::string>& controllers) {
  return std::find(controllers.begin(), controllers.end(), "memory") != controllers.end();
}

Memory memory_of_cgroups(const std::string& proc, const std::string& sys) {
  Memory memory;
  const std::vector<CgroupMembership> memberships = parse_cgroup_memberships(read_kernel_file(proc + "/self/cgroup").value_or(""));
  for (CgroupMount& mount : parse_cgroup_mounts(read_kernel_file(proc + "/self/mountinfo").value_or(""))) {
    const bool is_v2 = mount.version == CgroupRoots::Version::v2;
    if (!is_v2 && !has_memory(mount.options)) continue;
    const auto own = std::find_if(memberships.begin(), memberships.end(), [&](const CgroupMembership& membership) {
      return membership.version == mount.version && (is_v2 || has_memory(membership.controllers));
    });
    if (own == memberships.end()) continue;
    if ((mount.point + '/').starts_with(k_usual_sys)) mount.point = sys + mount.point.substr(k_usual_sys.size() - 1);
    // A container that keeps the host's names for its cgroups shows its own at the mount.
    const std::string directory = directory_through(mount, own->path).value_or(mount.point);
    const Memory here = memory_of_branch(directory, mount.point, is_v2 ? k_v2 : k_v1);
    memory = {smaller(memory.total, here.total), smaller(memory.available, here.available)};
  }
  return memory;
}

Memory memory_of_machine(const std::string& proc) {
  const std::string text = read_kernel_file(proc + "/meminfo").value_or("");
  const auto bytes = [&](std::string_view key) {
    const std::optional<std::uint64_t> kib = kernel_value(text, key);
    return kib ? std::optional(*kib * 1024) : std::nullopt;
  };
  return {bytes("MemTotal:"), bytes("MemAvailable:")};
}

constexpr std::string_view k_some = "some avg10=";
constexpr std::string_view k_full = "full avg10=";

/// avg10 of the line "some avg10=1.53 avg60=..." or "full avg10=...": Documentation/accounting/psi.rst. Absent on kernels without it.
std::optional<double> pressure(const std::string& text, std::string_view start) {
  for (const std::string& line : split(text, '\n'))
    if (line.starts_with(start))
      return parse_number(std::string_view(line).substr(start.size(), line.find(' ', start.size()) - start.size()));
  return std::nullopt;
}

std::optional<std::uint64_t> free_disk(const std::string& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0 || info.f_blocks == 0) return std::nullopt;
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

}  // namespace

MachineState read_machine(const std::string& directory, const std::string& proc, const std::string& sys) {
  const Memory machine = memory_of_machine(proc);
  const Memory ours = memory_of_cgroups(proc, sys);
  const auto pressure_of = [&](std::string_view what) { return read_kernel_file(fmt::format("{}/pressure/{}", proc, what)).value_or(""); };
  const std::string io = pressure_of("io");
  const std::string load = read_kernel_file(proc + "/loadavg").value_or("");
  MachineState state;
  state.memory_total = smaller(machine.total, ours.total);
  state.memory_available = smaller(machine.available, ours.available);
  state.memory_pressure = pressure(pressure_of("memory"), k_some);
  state.cpu_pressure = pressure(pressure_of("cpu"), k_some);
  state.io_pressure = pressure(io, k_some);
  state.io_stall = pressure(io, k_full);
  state.load = parse_number(std::string_view(load).substr(0, load.find(' ')));
  state.disk_free = free_disk(directory);
  // All that are online, not those that we may use: the load is the machine's too.
  state.processors = ::get_nprocs();
  return state;
}

}  // namespace ptests
