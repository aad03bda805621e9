#include "process/stacks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <link.h>
#include <sys/procfs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "process/proc.hpp"

namespace ptests {

namespace {

/// As deep as a person reads: a stack that overflowed has 100,000 frames and more.
constexpr const char* k_gdb_command = "thread apply all -ascending bt 100";
constexpr const char* k_eu_stack_frames = "-n100";
constexpr std::string_view k_last_frame = "#99 ";

// DEBUGINFOD_URLS would have both download debug information while the test waits to be killed.
constexpr const char* k_gdb_script =
    "unset DEBUGINFOD_URLS; gdb=$1; show=$2; shift 2; "
    R"(for pid do printf '\nProcess %s:\n' "$pid"; "$gdb" -batch -nx -p "$pid" -ex "$show" </dev/null; done)";
constexpr const char* k_eu_stack_script =
    "unset DEBUGINFOD_URLS; tool=$1; frames=$2; shift 2; "
    R"(for pid do "$tool" "$frames" -p "$pid" </dev/null; done)";
constexpr const char* k_core_script = R"(unset DEBUGINFOD_URLS; exec "$@" </dev/null)";

std::optional<std::string> find_in_path(const char* name) {
  const char* path = std::getenv("PATH");
  for (const std::string& directory : split(path == nullptr ? "" : path, ':')) {
    std::string candidate = fmt::format("{}/{}", directory, name);
    std::error_code error;
    if (directory.starts_with('/') && fs::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

std::vector<std::string> in_shell(const char* script, std::vector<std::string> arguments) {
  std::vector<std::string> command = {"/bin/sh", "-c", script, "sh"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::string glob_quoted(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

/// What core_pattern makes of a process we know only the pid of.
struct CoreName {
  std::string pattern;        ///< for glob(3)
  bool contains_pid = false;  ///< by %p, or because core_uses_pid adds it
};

CoreName core_name(std::string_view rule, int pid, bool adds_pid) {
  CoreName name;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    if (rule[i] != '%') {
      name.pattern += glob_quoted(rule.substr(i, 1));
      continue;
    }
    if (++i == rule.size()) break;
    if (rule[i] == '%') name.pattern += '%';
    if (rule[i] == 'p') {
      name.pattern += std::to_string(pid);
      name.contains_pid = true;
    }
    // The others are not known for certain, not even the name: a thread has one of its own, a script's is not its interpreter's.
    if (std::string_view("cCdeEfFghiIPstu").find(rule[i]) != std::string_view::npos) name.pattern += '*';
  }
  if (adds_pid && !name.contains_pid) {
    name.pattern += fmt::format(".{}", pid);
    name.contains_pid = true;
  }
  return name;
}

struct File {
  std::string path;
  timespec changed{};
};

/// Regular files that match, the youngest first; not more than can be looked into in a moment.
std::vector<File> youngest_files(const std::string& pattern) {
  constexpr std::size_t k_most = 256;
  glob_t found{};
  std::vector<File> files;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      struct stat info {};
      if (::lstat(found.gl_pathv[i], &info) == 0 && S_ISREG(info.st_mode)) files.push_back({found.gl_pathv[i], info.st_mtim});
    }
  ::globfree(&found);
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) {
    return std::pair(a.changed.tv_sec, a.changed.tv_nsec) > std::pair(b.changed.tv_sec, b.changed.tv_nsec);
  });
  if (files.size() > k_most) files.resize(k_most);
  return files;
}

template <class T>
std::optional<T> read_struct(int fd, std::uint64_t offset) {
  T value{};
  return ::pread(fd, &value, sizeof value, static_cast<off_t>(offset)) == static_cast<ssize_t>(sizeof value) ? std::optional(value)
                                                                                                             : std::nullopt;
}

/// Whose core dump it is, as seen in the process's own PID namespace; nothing for a file that is none of this machine's kind.
/// Linux writes a segment of notes first, and the one about the process among the first of them (fs/binfmt_elf.c).
std::optional<int> pid_of_core(const std::string& path) {
  constexpr int k_most_notes = 16;
  constexpr unsigned char k_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const auto header = fd ? read_struct<ElfW(Ehdr)>(fd.get(), 0) : std::nullopt;
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  if (header->e_type != ET_CORE || header->e_ident[EI_CLASS] != k_class) return std::nullopt;
  const auto segment = read_struct<ElfW(Phdr)>(fd.get(), header->e_phoff);
  if (!segment || segment->p_type != PT_NOTE) return std::nullopt;
  const auto padded = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
  std::uint64_t offset = segment->p_offset;
  for (int i = 0; i < k_most_notes; ++i) {
    const auto note = read_struct<ElfW(Nhdr)>(fd.get(), offset);
    if (!note) return std::nullopt;
    offset += sizeof *note + padded(note->n_namesz);
    if (note->n_type == NT_PRPSINFO) {
      const auto process = read_struct<elf_prpsinfo>(fd.get(), offset);
      return process ? std::optional(process->pr_pid) : std::nullopt;
    }
    offset += padded(note->n_descsz);
  }
  return std::nullopt;
}

bool is_frame(std::string_view line) { return line.size() > 1 && line[0] == '#' && line[1] >= '0' && line[1] <= '9'; }

/// Starts the frames of a thread: gdb's and eu-stack's way.
bool is_thread(std::string_view line) { return line.starts_with("Thread ") || line.starts_with("TID "); }

bool is_telling(std::string_view line) {
  constexpr std::array k_starts = {"Process ",         "PID ",     "Core was generated by ", "Program terminated with ",
                                   "Backtrace",        "ptrace: ", "Could not attach ",      "Unable to attach",
                                   "warning: process "};
  constexpr std::array k_parts = {"eu-stack: ", "is not a core dump"};
  return std::any_of(k_starts.begin(), k_starts.end(), [&](const char* start) { return line.starts_with(start); }) ||
         std::any_of(k_parts.begin(), k_parts.end(), [&](const char* part) { return line.find(part) != std::string_view::npos; });
}

}  // namespace

std::vector<std::string> stacks_command(const std::vector<int>& pids) {
  const std::optional<std::string> gdb = find_in_path("gdb");
  const std::optional<std::string> eu_stack = gdb ? std::nullopt : find_in_path("eu-stack");
  if (pids.empty() || (!gdb && !eu_stack)) return {};
  std::vector<std::string> arguments =
      gdb ? std::vector<std::string>{*gdb, k_gdb_command} : std::vector<std::string>{*eu_stack, k_eu_stack_frames};
  for (const int pid : pids) arguments.push_back(std::to_string(pid));
  return in_shell(gdb ? k_gdb_script : k_eu_stack_script, arguments);
}

std::vector<std::string> core_stacks_command(const std::string& executable, const std::string& core_file) {
  if (const std::optional<std::string> gdb = find_in_path("gdb"))
    return in_shell(k_core_script, {*gdb, "-batch", "-nx", "-ex", k_gdb_command, "-se", executable, "-core", core_file});
  if (const std::optional<std::string> eu_stack = find_in_path("eu-stack"))
    return in_shell(k_core_script, {*eu_stack, k_eu_stack_frames, "-e", executable, "--core", core_file});
  return {};
}

FoundCore find_core(const std::string& working_directory, int pid, const std::string& proc) {
  std::string rule = read_kernel_file(proc + "/sys/kernel/core_pattern").value_or("");
  if (rule.ends_with('\n')) rule.pop_back();
  // "|" and, since Linux 6.16, "@" hand the dump to a program. Source: core(5), fs/coredump.c.
  if (rule.starts_with('|') || rule.starts_with('@')) return {};
  const std::optional<std::uint64_t> uses_pid = kernel_value(read_kernel_file(proc + "/sys/kernel/core_uses_pid").value_or(""), "");
  const CoreName name = core_name(rule, pid, uses_pid.value_or(0) != 0);
  if (name.pattern.empty()) return {};
  const std::string directory = rule.starts_with('/') ? "" : glob_quoted(working_directory) + '/';
  for (const File& file : youngest_files(directory + name.pattern)) {
    const std::optional<int> owner = pid_of_core(file.path);
    if (owner ? *owner == pid : name.contains_pid) return {file.path, name.contains_pid};
  }
  return {};
}

std::string keep_core(const FoundCore& core, int pid, const std::string& keep_as) {
  if (core.path.empty() || core.is_its_own) return core.path;
  // Another file system, or a folder that is not ours.
  if (::rename(core.path.c_str(), keep_as.c_str()) != 0) return core.path;
  if (pid_of_core(keep_as) == pid) return keep_as;
  // The kernel writes over a file that is there: another dump began after we looked. Its test will look for it.
  if (::link(keep_as.c_str(), core.path.c_str()) == 0) ::unlink(keep_as.c_str());
  return "";
}

bool is_core_of_another(const std::string& path, int pid) {
  const std::optional<int> owner = pid_of_core(path);
  return owner && *owner != pid;
}

std::string clean_stacks(const std::string& output) {
  std::string result;
  bool in_thread = false;  // gdb shows a frame before the first thread, too
  bool blank = false;
  bool is_telling_anything = false;  // more than the headings that we print ourselves
  for (const std::string& line : split(output, '\n')) {
    const bool frame = is_frame(line);
    blank = blank || line.empty();
    if (!frame && !is_thread(line) && !is_telling(line)) continue;
    if (frame && !in_thread) continue;
    in_thread = is_thread(line) || (in_thread && !line.starts_with("Process "));
    if (blank && !result.empty()) result += '\n';
    blank = false;
    result += line + '\n';
    is_telling_anything = is_telling_anything || !line.starts_with("Process ");
    if (line.starts_with(k_last_frame)) result += "(what called this is not shown)\n";
  }
  return is_telling_anything ? result : "";
}

}  // namespace ptests
