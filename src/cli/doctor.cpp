#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "process/cgroup.hpp"
#include "process/machine.hpp"
#include "process/proc.hpp"
#include "process/stacks.hpp"
#include "process/support.hpp"

namespace ptests::cli {

namespace {

constexpr std::string_view k_means_names[] = {"none", "timer", "rlimit", "cgroup", "sampling"};

std::string_view means_name(Means means) { return k_means_names[static_cast<std::size_t>(means)]; }

/// One thing that was looked at: `value` for programs, `text` for people.
struct Finding {
  std::string_view key;
  std::string_view label;
  Json value;
  std::string text;
};
using Findings = std::vector<Finding>;

Finding yes_or_no(std::string_view key, std::string_view label, const std::optional<std::string>& why_not) {
  return {key, label, !why_not, why_not ? "no: " + *why_not : "yes"};
}

std::string first_line(const std::string& path) {
  const std::string text = read_kernel_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

Findings look_at_system() {
  utsname names{};
  ::uname(&names);
  const auto uid = ::geteuid();
  return {
      {"version", "ptests", PTESTS_VERSION, PTESTS_VERSION},
      {"kernel", "kernel", names.release, fmt::format("{} {}", names.sysname, names.release)},
      {"uid", "running as", uid, fmt::format("uid {}", uid)},
  };
}

Finding look_at_pidfd() {
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  return yes_or_no("pidfd", "pidfd", fd ? std::nullopt : std::optional<std::string>("ptests needs Linux 5.4 or newer"));
}

Finding look_at_subreaper() {
  int value = 0;
  const bool works = ::prctl(PR_GET_CHILD_SUBREAPER, &value) == 0;
  return yes_or_no("subreaper", "subreaper",
                   works ? std::nullopt : std::optional<std::string>("orphans go to process 1 and cannot be followed"));
}

Finding look_at_children_file() {
  const std::string path = fmt::format("/proc/self/task/{}/children", ::getpid());
  const bool is_there = ::access(path.c_str(), R_OK) == 0;
  return yes_or_no("proc_children", "children in /proc",
                   is_there ? std::nullopt : std::optional<std::string>("each look walks through all processes (CONFIG_PROC_CHILDREN)"));
}

Finding look_at_cgroup_kill(const CgroupRoots& roots) {
  std::optional<std::string> why_not = "no cgroup v2 for us; trees are killed process by process";
  const std::string name = fmt::format("ptests-{}.doctor", own_identity());
  if (const Result<Cgroup> cgroup = Cgroup::create(roots, name, {}); cgroup && roots.tracker() != nullptr) {
    const std::string path = roots.tracker()->directory + "/" + name + "/cgroup.kill";
    why_not = "it needs Linux 5.14; trees are killed process by process";
    if (::access(path.c_str(), W_OK) == 0) why_not.reset();
  }
  return yes_or_no("cgroup_kill", "cgroup.kill", why_not);
}

Finding look_at_pressure(const MachineState& machine) {
  std::string text;
  Json value = Json::object();
  const auto add = [&](std::string_view name, std::optional<double> pressure) {
    if (!pressure) return;
    value[std::string(name)] = *pressure;
    text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", name, *pressure);
  };
  add("memory", machine.memory_pressure);
  add("cpu", machine.cpu_pressure);
  add("io", machine.io_pressure);
  return {"pressure", "pressure (PSI)", value,
          text.empty() ? "no: boot the kernel with psi=1; memory and disk are watched without it" : text};
}

Finding look_at_cores() {
  const std::string pattern = first_line("/proc/sys/kernel/core_pattern");
  // "|" and, since Linux 6.16, "@" hand the dump to a program. Source: core(5).
  const bool to_program = pattern.starts_with('|') || pattern.starts_with('@');
  std::string text = fmt::format("written as {}", pattern);
  if (pattern.empty()) text = "none: kernel.core_pattern is empty";
  if (to_program) text = fmt::format("given to {}; no stacks from core files", pattern.substr(1));
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  if (limit.rlim_cur == 0 && !to_program) text += "; switched off here by `ulimit -c`, CORE_SIZE switches them on for a test";
  return {"core_pattern", "core dumps", pattern, text};
}

Finding look_at_debugger() {
  const std::vector<std::string> command = stacks_command({::getpid()});
  const auto found = std::find_if(command.begin(), command.end(),
                                  [](const std::string& word) { return word.ends_with("/gdb") || word.ends_with("/eu-stack"); });
  if (found == command.end())
    return {"debugger", "stacks", nullptr, "no debugger: install gdb or elfutils (eu-stack), for stacks at timeouts and crashes"};
  std::string text = *found;
  // Other scopes than 0 allow a debugger only on its own children. Source: Documentation/admin-guide/LSM/Yama.rst.
  const std::string scope = first_line("/proc/sys/kernel/yama/ptrace_scope");
  if (!scope.empty() && scope != "0" && ::geteuid() != 0)
    text += fmt::format("; but not at timeouts: kernel.yama.ptrace_scope is {} (as root: sysctl kernel.yama.ptrace_scope=0)", scope);
  return {"debugger", "stacks", *found, text};
}

Findings look_at_tools(const CgroupRoots& roots, const MachineState& machine) {
  return {look_at_pidfd(),           look_at_subreaper(), look_at_children_file(), look_at_cgroup_kill(roots),
          look_at_pressure(machine), look_at_cores(),     look_at_debugger()};
}

Findings look_at_room(const MachineState& machine, const std::string& directory) {
  const auto number = [](auto value) { return value ? Json(*value) : Json(); };
  const auto size = [](std::optional<std::uint64_t> bytes) { return bytes ? describe_size(static_cast<double>(*bytes)) : "unknown"; };
  const unsigned processors = std::thread::hardware_concurrency();
  return {
      {"processors", "processors", processors, std::to_string(processors)},
      {"load", "load", number(machine.load), machine.load ? fmt::format("{:.2f}", *machine.load) : "unknown"},
      {"memory_total", "memory", number(machine.memory_total), size(machine.memory_total)},
      {"memory_available", "  available", number(machine.memory_available), size(machine.memory_available)},
      {"disk_free", "disk", number(machine.disk_free), fmt::format("{} free in {}", size(machine.disk_free), directory)},
  };
}

std::string version_name(CgroupRoots::Version version) { return version == CgroupRoots::Version::v1 ? "v1" : "v2"; }

/// Everything that was looked at.
struct Diagnosis {
  Findings system;
  std::vector<LimitSupport> limits;
  CgroupRoots roots;
  Findings tools;
  Findings room;
};

Json to_json(const Findings& findings) {
  Json object = Json::object();
  for (const Finding& finding : findings) object[std::string(finding.key)] = finding.value;
  return object;
}

Json to_json(const CgroupRoots::Hierarchy& hierarchy) {
  return {{"version", version_name(hierarchy.version)}, {"directory", hierarchy.directory}, {"controllers", hierarchy.controllers}};
}

Json to_json(const Diagnosis& diagnosis) {
  Json root = to_json(diagnosis.system);
  root["limits"] = Json::array();
  for (const LimitSupport& row : diagnosis.limits) {
    Json limit{{"limit", limit_info(row.kind).name}, {"means", means_name(row.means)}, {"how", row.how}, {"cure", row.cure}};
    if (row.bound) limit["bound"] = *row.bound;
    root["limits"].push_back(std::move(limit));
  }
  root["cgroups"] = Json::array();
  for (const CgroupRoots::Hierarchy& hierarchy : diagnosis.roots.hierarchies()) {
    Json entry = to_json(hierarchy);
    entry["usable"] = true;
    root["cgroups"].push_back(std::move(entry));
  }
  for (const CgroupRoots::Unusable& unusable : diagnosis.roots.unusable()) {
    Json entry = to_json(unusable.hierarchy);
    entry["usable"] = false;
    entry["why"] = unusable.why;
    entry["cure"] = unusable.cure;
    root["cgroups"].push_back(std::move(entry));
  }
  root["tools"] = to_json(diagnosis.tools);
  root["room"] = to_json(diagnosis.room);
  return root;
}

std::string to_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += fmt::format("  {:<17} {}\n", finding.label, finding.text);
  return text;
}

std::string to_text(const std::vector<LimitSupport>& limits) {
  std::string text;
  std::map<std::string, std::vector<std::string>> keywords_by_cure;
  for (const LimitSupport& row : limits) {
    const std::string keyword(limit_info(row.kind).keyword);
    text += fmt::format("  {:<13} {:<9} {}\n", keyword, means_name(row.means), row.how);
    if (!row.cure.empty()) keywords_by_cure[row.cure].push_back(keyword);
  }
  if (!keywords_by_cure.empty()) text += "\nHow to get more\n";
  for (const auto& [cure, keywords] : keywords_by_cure) text += fmt::format("  {}\n    {}\n", join(keywords, " "), cure);
  return text;
}

std::string to_text(const CgroupRoots& roots) {
  std::string text;
  const auto add = [&](const CgroupRoots::Hierarchy& hierarchy, const std::string& what) {
    const std::string controllers = hierarchy.controllers.empty() ? "no controllers" : join(hierarchy.controllers, " ");
    text += fmt::format("  {} {:<14} {}\n", version_name(hierarchy.version), controllers, what);
  };
  for (const CgroupRoots::Hierarchy& hierarchy : roots.hierarchies())
    add(hierarchy, hierarchy.directory + (hierarchy.controllers.empty() ? " (tracks and kills)" : ""));
  for (const CgroupRoots::Unusable& unusable : roots.unusable()) add(unusable.hierarchy, "not usable: " + unusable.why);
  return text.empty() ? "  this kernel has none, or /proc is not mounted\n" : text;
}

std::string to_text(const Diagnosis& diagnosis) {
  return fmt::format("{}\nLimits\n{}\nCgroups\n{}\nWhat we use\n{}\nRoom\n{}", to_text(diagnosis.system), to_text(diagnosis.limits),
                     to_text(diagnosis.roots), to_text(diagnosis.tools), to_text(diagnosis.room));
}

}  // namespace

int doctor(const Options& options) {
  const std::string directory = absolute_build_directory(options.build_directory);
  Diagnosis diagnosis;
  diagnosis.roots = CgroupRoots::probe();
  const MachineState machine = read_machine(directory);
  diagnosis.system = look_at_system();
  diagnosis.limits = probe_limits(diagnosis.roots);
  diagnosis.tools = look_at_tools(diagnosis.roots, machine);
  diagnosis.room = look_at_room(machine, directory);
  if (options.format == Format::json) {
    print(to_json(diagnosis).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print(to_text(diagnosis));
  }
  return k_passed;
}

}  // namespace ptests::cli
