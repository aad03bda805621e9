#include "process/cgroup_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <limits>
#include <thread>
#include <unordered_set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "process/proc.hpp"

namespace ptests {

using Version = CgroupRoots::Version;

namespace {

constexpr std::string_view k_name_prefix = "ptests-";
constexpr auto k_patience = std::chrono::milliseconds(100);
constexpr auto k_nap = std::chrono::milliseconds(1);
constexpr int k_most_kill_rounds = 16;
constexpr std::uint64_t k_cpu_period = 100'000;    ///< microseconds; the kernel's own default
constexpr std::uint64_t k_smallest_quota = 1'000;  ///< microseconds; the kernel takes no smaller one

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

/// mountinfo writes blanks and backslashes as `\` and three octal digits.
std::string without_octals(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const std::string_view digits = text.substr(i + 1, 3);
    const char* const end = digits.data() + digits.size();
    if (text[i] == '\\' && digits.size() == 3 && std::from_chars(digits.data(), end, code, 8).ptr == end && code <= 0xff) {
      result += static_cast<char>(code);
      i += digits.size();
    } else {
      result += text[i];
    }
  }
  return result;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<CgroupMount> parse_mount(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  const auto dash = std::find(words.begin(), words.end(), "-");
  // "36 35 98:0 /root /point rw,noatime shared:1 - type source rw,memory"
  if (dash - words.begin() < 6 || words.end() - dash < 4) return std::nullopt;
  if (dash[1] != "cgroup" && dash[1] != "cgroup2") return std::nullopt;
  CgroupMount mount{dash[1] == "cgroup" ? Version::v1 : Version::v2, without_octals(words[3]), without_octals(words[4]),
                    split(dash[3], ',')};
  mount.read_only = contains(split(words[5], ','), "ro") || contains(mount.options, "ro");
  return mount;
}

std::uint64_t whole(double value) {
  constexpr double k_most = 9e18;
  return static_cast<std::uint64_t>(std::clamp(std::ceil(value), 1.0, k_most));
}

/// Operations a second are 32 bits wide in the kernel.
std::uint64_t rate_of(LimitKind kind, double value) {
  const bool is_count = limit_info(kind).unit == LimitUnit::count;
  return is_count ? std::min<std::uint64_t>(whole(value), std::numeric_limits<std::uint32_t>::max()) : whole(value);
}

struct IoName {
  LimitKind kind;
  const char* v1_file;
  const char* v2_key;
};
constexpr std::array<IoName, 4> k_io_names{{
    {LimitKind::io_read_bps, "blkio.throttle.read_bps_device", "rbps"},
    {LimitKind::io_write_bps, "blkio.throttle.write_bps_device", "wbps"},
    {LimitKind::io_read_iops, "blkio.throttle.read_iops_device", "riops"},
    {LimitKind::io_write_iops, "blkio.throttle.write_iops_device", "wiops"},
}};

using Settings = std::vector<CgroupSetting>;

void add_memory(Settings& settings, Version version, double value) {
  const std::string bytes = std::to_string(whole(value));
  if (version == Version::v1) {
    settings.push_back({"memory.limit_in_bytes", bytes, {}});
    // Memory and swap together; not there when the kernel does not account for swap. It must not be below the other.
    settings.push_back({"memory.memsw.limit_in_bytes", bytes, {ENOENT}});
    return;
  }
  settings.push_back({"memory.max", bytes, {}});
  settings.push_back({"memory.swap.max", "0", {ENOENT}});
  settings.push_back({"memory.oom.group", "1", {ENOENT}});
}

void add_cpus(Settings& settings, Version version, double value) {
  const std::uint64_t quota = std::max(whole(value * static_cast<double>(k_cpu_period)), k_smallest_quota);
  if (version == Version::v2) {
    settings.push_back({"cpu.max", fmt::format("{} {}", quota, k_cpu_period), {}});
    return;
  }
  settings.push_back({"cpu.cfs_period_us", std::to_string(k_cpu_period), {}});
  // v1 refuses a quota above the one of a cgroup further up, which holds then.
  settings.push_back({"cpu.cfs_quota_us", std::to_string(quota), {EINVAL}});
}

void add_io(Settings& settings, Version version, const Limits& limits, const std::vector<std::string>& devices) {
  for (const std::string& device : devices) {
    std::string line;
    for (const IoName& name : k_io_names) {
      const std::optional<double> value = limits.positive(name.kind);
      if (!value) continue;
      const std::uint64_t rate = rate_of(name.kind, *value);
      if (version == Version::v1) settings.push_back({name.v1_file, fmt::format("{} {}", device, rate), {ENODEV}});
      line += fmt::format(" {}={}", name.v2_key, rate);
    }
    if (version == Version::v2 && !line.empty()) settings.push_back({"io.max", device + line, {ENODEV}});
  }
}

std::uint64_t number_or_zero(const std::string& path, std::string_view key = {}) { return read_number(path, key).value_or(0); }

}  // namespace

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo) {
  std::vector<CgroupMount> mounts;
  for (const std::string& line : split(mountinfo, '\n'))
    if (std::optional<CgroupMount> mount = parse_mount(line)) mounts.push_back(std::move(*mount));
  return mounts;
}

std::vector<CgroupMembership> parse_cgroup_memberships(std::string_view text) {
  std::vector<CgroupMembership> memberships;
  for (const std::string& line : split(text, '\n')) {
    // "4:cpu,cpuacct:/a:b", "0::/a"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const Version version = line.substr(0, first) == "0" ? Version::v2 : Version::v1;
    memberships.push_back({version, controllers.empty() ? std::vector<std::string>{} : split(controllers, ','), line.substr(second + 1)});
  }
  return memberships;
}

std::optional<std::string> directory_through(const CgroupMount& mount, const std::string& path) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  const std::string below = path == "/" ? "" : path;
  // "/../x" is a cgroup outside of our cgroup namespace.
  if (!below.starts_with(root) || below.starts_with("/..")) return std::nullopt;
  const std::string rest = below.substr(root.size());
  if (!rest.empty() && rest.front() != '/') return std::nullopt;
  return mount.point + rest;
}

std::optional<std::string> maker_of_cgroup(std::string_view name) {
  if (!name.starts_with(k_name_prefix)) return std::nullopt;
  const std::string_view rest = name.substr(k_name_prefix.size());
  const auto digits_at = [&](std::size_t at) { return std::min(rest.find_first_not_of("0123456789", at), rest.size()) - at; };
  const std::size_t pid = digits_at(0);
  if (pid == 0 || pid >= rest.size() || rest[pid] != '.') return std::nullopt;
  const std::size_t time = digits_at(pid + 1);
  if (time == 0) return std::nullopt;
  return std::string(rest.substr(0, pid + 1 + time));
}

std::string cgroup_name(std::string_view identity, std::string_view suffix) {
  return fmt::format("{}{}{}", k_name_prefix, identity, suffix);
}

std::string controller_for(LimitKind kind, Version version) {
  switch (kind) {
    case LimitKind::memory: return "memory";
    case LimitKind::processes: return "pids";
    case LimitKind::cpus: return "cpu";
    case LimitKind::cpu_time: return version == Version::v1 ? "cpuacct" : "cpu";
    case LimitKind::io_read_bps:
    case LimitKind::io_write_bps:
    case LimitKind::io_read_iops:
    case LimitKind::io_write_iops: return version == Version::v1 ? "blkio" : "io";
    default: return "";
  }
}

std::string key_file(LimitKind kind, Version version) {
  const bool is_v1 = version == Version::v1;
  switch (kind) {
    case LimitKind::memory: return is_v1 ? "memory.limit_in_bytes" : "memory.max";
    case LimitKind::processes: return "pids.max";
    case LimitKind::cpus: return is_v1 ? "cpu.cfs_quota_us" : "cpu.max";
    case LimitKind::cpu_time: return is_v1 ? "cpuacct.usage" : "cpu.stat";
    default: break;
  }
  for (const IoName& name : k_io_names)
    if (name.kind == kind) return is_v1 ? name.v1_file : "io.max";
  return "";
}

std::vector<CgroupSetting> cgroup_settings(const CgroupRoots::Hierarchy& hierarchy, const Limits& limits,
                                           const std::vector<std::string>& devices) {
  Settings settings;
  const auto value_of = [&](LimitKind kind) {
    return hierarchy.has(controller_for(kind, hierarchy.version)) ? limits.positive(kind) : std::nullopt;
  };
  if (const auto memory = value_of(LimitKind::memory)) add_memory(settings, hierarchy.version, *memory);
  if (const auto processes = value_of(LimitKind::processes)) settings.push_back({"pids.max", std::to_string(whole(*processes)), {}});
  if (const auto cpus = value_of(LimitKind::cpus)) add_cpus(settings, hierarchy.version, *cpus);
  if (hierarchy.has(controller_for(LimitKind::io_read_bps, hierarchy.version))) add_io(settings, hierarchy.version, limits, devices);
  return settings;
}

std::vector<std::string> block_devices(const std::string& sys_block) {
  std::vector<std::string> devices;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(sys_block, error)) {
    const std::vector<std::string> words = read_words((entry.path() / "dev").string());
    if (!words.empty()) devices.push_back(words.front());
  }
  std::sort(devices.begin(), devices.end());
  return devices;
}

bool memory_limit_hit(const CgroupRoots::Hierarchy& part) {
  const std::string base = part.directory + "/memory.";
  if (part.version == Version::v2) {
    // memory.events counts for everything below too, and also kills for a limit further up: .local (Linux 5.2) tells whose limit it was.
    const std::optional<std::uint64_t> own = read_number(base + "events.local", "oom");
    return number_or_zero(base + "events", "oom_kill") > 0 && (!own || *own > 0);
  }
  // There may have been a kill for a limit further up, or of the whole machine: v1 does not tell. (memory.failcnt would, but stays 0 in
  // Linux 6.18.) Then our own peak has not come near our limit.
  constexpr double k_near = 0.9;
  const auto peak = static_cast<double>(number_or_zero(base + "max_usage_in_bytes"));
  if (peak < k_near * static_cast<double>(number_or_zero(base + "limit_in_bytes"))) return false;
  const std::vector<std::string> directories = cgroup_subtree(part.directory);
  return std::any_of(directories.begin(), directories.end(),
                     [](const std::string& directory) { return number_or_zero(directory + "/memory.oom_control", "oom_kill") > 0; });
}

bool process_limit_hit(const CgroupRoots::Hierarchy& part) {
  // .local (Linux 6.12) leaves out the limits of cgroups further down.
  const std::optional<std::uint64_t> own = read_number(part.directory + "/pids.events.local", "max");
  return (own ? *own : number_or_zero(part.directory + "/pids.events", "max")) > 0;
}

std::vector<std::string> read_words(const std::string& path) { return words_of(read_kernel_file(path).value_or("")); }

std::optional<std::uint64_t> read_number(const std::string& path, std::string_view key) {
  const std::vector<std::string> words = read_words(path);
  const auto found = key.empty() ? words.begin() : std::find(words.begin(), words.end(), key);
  const std::ptrdiff_t at = found - words.begin() + (key.empty() ? 0 : 1);
  if (at >= std::ssize(words)) return std::nullopt;
  const std::string& word = words[static_cast<std::size_t>(at)];
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  return error == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

int write_kernel_file(const std::string& path, std::string_view value) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd ? write_all(fd.get(), value) : errno;
}

std::vector<std::string> cgroup_subtree(const std::string& directory) {
  std::vector<std::string> directories{directory};
  struct stat info {};
  // The kernel counts a link for each child: two are a cgroup without any, and its many files need not be read.
  if (::stat(directory.c_str(), &info) != 0 || info.st_nlink == 2) return directories;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) directories.push_back(at->path().string());
  }
  return directories;
}

std::vector<std::string> child_cgroups(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) names.push_back(at->path().filename().string());
  }
  return names;
}

bool takes_processes(const std::string& directory) {
  // Neither the root nor v1 has that file.
  const std::string type = join(read_words(directory + "/cgroup.type"), " ");
  return type.empty() || type == "domain" || type == "domain threaded";
}

std::vector<pid_t> direct_processes(const std::string& directory) {
  std::vector<pid_t> pids;
  for (const std::string& word : read_words(directory + "/cgroup.procs"))
    if (const std::optional<int> pid = parse_int(word); pid && *pid > 0) pids.push_back(*pid);
  return pids;
}

std::vector<pid_t> cgroup_processes(const std::string& directory) {
  std::vector<pid_t> pids;
  for (const std::string& below : cgroup_subtree(directory)) {
    const std::vector<pid_t> more = direct_processes(below);
    pids.insert(pids.end(), more.begin(), more.end());
  }
  return pids;
}

void kill_cgroup(const std::string& directory) {
  // Linux 5.14, v2 only.
  if (write_kernel_file(directory + "/cgroup.kill", "1") == 0) return;
  std::unordered_set<pid_t> seen;
  for (int round = 0; round < k_most_kill_rounds; ++round) {
    bool found = false;
    for (const pid_t pid : cgroup_processes(directory))
      if (pid != ::getpid() && seen.insert(pid).second) found = ::kill(pid, SIGKILL) == 0 || found;
    if (!found) return;
  }
}

bool remove_cgroup(const std::string& directory) {
  const auto end = std::chrono::steady_clock::now() + k_patience;
  while (true) {
    std::vector<std::string> directories = cgroup_subtree(directory);
    std::reverse(directories.begin(), directories.end());
    int error = 0;
    for (const std::string& below : directories)
      if (::rmdir(below.c_str()) != 0 && errno != ENOENT) error = errno;
    if (error == 0) return true;
    if (error != EBUSY || std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(k_nap);
  }
}

}  // namespace ptests
