#include "process/proc.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/directory_names.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_largest_file = std::size_t{16} << 20;
constexpr std::size_t k_most_processes = 100'000;
constexpr std::size_t k_longest_command = 4096;

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// What one read gives, as much as fits into `buffer`: the whole of a small file of the kernel's.
std::optional<std::string_view> read_start(const std::string& path, std::span<char> buffer) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t n = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  return n < 0 ? std::nullopt : std::optional(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
}

/// Takes words off the front of a line. A word counts only when a separator follows it: the last one of a cut file may be cut.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(k_separators), rest_.size()));
    const std::size_t end = rest_.find_first_of(k_separators);
    if (end == std::string_view::npos) return {};
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }
  /// The next word as a number; 0, and is_bad() from then on, for any other.
  std::int64_t number() {
    const std::optional<std::int64_t> value = parse<std::int64_t>(next());
    is_bad_ = is_bad_ || !value;
    return value.value_or(0);
  }
  void skip(int count) {
    for (int i = 0; i < count; ++i) next();
  }
  bool is_bad() const { return is_bad_; }

 private:
  static constexpr std::string_view k_separators = " \n";
  std::string_view rest_;
  bool is_bad_ = false;
};

/// /proc/PID/stat: the name in the second field may contain anything, spaces and parentheses too.
std::optional<ProcessStat> parse_stat(std::string_view text) {
  static const double k_ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static const auto k_page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t name_end = text.rfind(')');
  const std::optional<pid_t> pid = parse<pid_t>(text.substr(0, text.find(' ')));
  if (name_end == std::string_view::npos || !pid) return std::nullopt;

  ProcessStat stat;
  stat.pid = *pid;
  Words words(text.substr(name_end + 1));
  const std::string_view state = words.next();
  if (state.size() != 1) return std::nullopt;
  stat.state = state[0];
  stat.parent = static_cast<pid_t>(words.number());
  stat.group = static_cast<pid_t>(words.number());
  stat.session = static_cast<pid_t>(words.number());
  words.skip(7);  // tty_nr to cmajflt
  for (int i = 0; i < 4; ++i) stat.cpu_seconds += static_cast<double>(words.number()) / k_ticks;
  words.skip(2);  // priority, nice
  stat.threads = static_cast<int>(words.number());
  words.skip(1);  // itrealvalue
  stat.start_time = static_cast<std::uint64_t>(words.number());
  words.skip(1);  // vsize
  stat.rss_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(words.number(), 0)) * k_page;
  return words.is_bad() ? std::nullopt : std::optional(stat);
}

std::optional<ProcessStat> read_stat(const std::string& path) {
  std::array<char, 2048> buffer;
  const std::optional<std::string_view> text = read_start(path, buffer);
  return text ? parse_stat(*text) : std::nullopt;
}

std::vector<pid_t> parse_pids(std::string_view text) {
  std::vector<pid_t> pids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (const std::optional<pid_t> pid = parse<pid_t>(text.substr(0, end))) pids.push_back(*pid);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pids;
}

/// The numbers among the names in a directory.
std::vector<pid_t> numbered_entries(const std::string& path) {
  std::vector<pid_t> numbers;
  see_names(path, [&numbers](std::string_view name) {
    if (const std::optional<pid_t> number = parse<pid_t>(name)) numbers.push_back(*number);
    return false;
  });
  return numbers;
}

/// Nothing when the kernel does not list them, or the thread has gone.
std::optional<std::vector<pid_t>> children_of_thread(const std::string& root, pid_t pid, pid_t thread) {
  const std::optional<std::string> text = read_kernel_file(fmt::format("{}/{}/task/{}/children", root, pid, thread));
  return text ? std::optional(parse_pids(*text)) : std::nullopt;
}

/// Nothing when the kernel does not list them: it was built without CONFIG_PROC_CHILDREN.
std::optional<std::vector<pid_t>> listed_children(const std::string& root, const ProcessStat& process) {
  if (process.is_dead()) return std::vector<pid_t>{};
  std::optional<std::vector<pid_t>> children = children_of_thread(root, process.pid, process.pid);
  if (!children) {
    const bool lives = ::access(fmt::format("{}/{}/task/{}", root, process.pid, process.pid).c_str(), F_OK) == 0;
    return lives ? std::nullopt : std::optional(std::vector<pid_t>{});
  }
  if (process.threads <= 1) return children;
  for (const pid_t thread : numbered_entries(fmt::format("{}/{}/task", root, process.pid))) {
    if (thread == process.pid) continue;
    const std::vector<pid_t> more = children_of_thread(root, process.pid, thread).value_or(std::vector<pid_t>{});
    children->insert(children->end(), more.begin(), more.end());
  }
  return children;
}

using ByParent = std::unordered_map<pid_t, std::vector<pid_t>>;

ByParent all_by_parent(const Proc& proc) {
  ByParent children;
  for (const pid_t pid : proc.all())
    if (const std::optional<ProcessStat> stat = proc.stat(pid)) children[stat->parent].push_back(pid);
  return children;
}

}  // namespace

std::optional<std::string> read_kernel_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() <= k_largest_file) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> kernel_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(key)) continue;
    const std::string_view value = line.substr(std::min(line.find_first_not_of(" \t", key.size()), line.size()));
    return parse<std::uint64_t>(value.substr(0, value.find(' ')));
  }
  return std::nullopt;
}

std::optional<ProcessStat> Proc::stat(pid_t pid) const {
  std::optional<ProcessStat> stat = read_stat(fmt::format("{}/{}/stat", root_, pid));
  if (!stat || stat->state != 'Z' || stat->is_dead()) return stat;
  // The first thread gave its share of the memory back when it ended; the others tell of the same memory.
  const std::string threads = fmt::format("{}/{}/task", root_, pid);
  for (const pid_t thread : numbered_entries(threads))
    if (const auto other = read_stat(fmt::format("{}/{}/stat", threads, thread)))
      stat->rss_bytes = std::max(stat->rss_bytes, other->rss_bytes);
  return stat;
}

std::vector<pid_t> Proc::children(pid_t pid) const {
  const std::optional<ProcessStat> process = stat(pid);
  if (!process) return {};
  if (std::optional<std::vector<pid_t>> listed = listed_children(root_, *process)) return *std::move(listed);
  return all_by_parent(*this)[pid];
}

std::vector<ProcessStat> Proc::tree(pid_t root) const {
  std::vector<ProcessStat> found;
  if (const std::optional<ProcessStat> first = stat(root)) found.push_back(*first);
  std::unordered_set<pid_t> seen{root};
  std::optional<ByParent> by_parent;  // only where the kernel lists no children
  for (std::size_t i = 0; i < found.size(); ++i) {
    const ProcessStat parent = found[i];
    std::optional<std::vector<pid_t>> children = listed_children(root_, parent);
    if (!children) {
      if (!by_parent) by_parent = all_by_parent(*this);
      children = (*by_parent)[parent.pid];
    }
    for (const pid_t pid : *children) {
      if (seen.contains(pid) || found.size() >= k_most_processes) continue;
      const std::optional<ProcessStat> child = stat(pid);
      // Since it was listed the child may have ended and its number have gone to a stranger.
      if (!child || child->parent != parent.pid) continue;
      seen.insert(pid);
      found.push_back(*child);
    }
  }
  return found;
}

std::vector<pid_t> Proc::all() const { return numbered_entries(root_); }

std::optional<Mark> Proc::mark(pid_t pid) const {
  std::array<char, 4096> buffer;
  const std::optional<std::string_view> text = read_start(fmt::format("{}/{}/limits", root_, pid), buffer);
  return text ? parse_mark(*text) : std::nullopt;
}

ProcessInfo Proc::info(pid_t pid) const {
  std::array<char, k_longest_command> buffer;
  std::string_view line = read_start(fmt::format("{}/{}/cmdline", root_, pid), buffer).value_or(std::string_view{});
  const bool is_cut = line.size() == buffer.size();
  // A program that writes a title over its command line leaves NULs behind it (setproctitle).
  line = line.substr(0, line.find_last_not_of('\0') + 1);
  if (!line.empty()) return {pid, shell_quoted(split(line, '\0')) + (is_cut ? " ..." : "")};
  std::string name = read_kernel_file(fmt::format("{}/{}/comm", root_, pid)).value_or("");
  if (name.ends_with('\n')) name.pop_back();
  return {pid, name.empty() ? "" : fmt::format("[{}]", name)};
}

int Proc::open_files(pid_t pid) const {
  const std::string path = fmt::format("{}/{}/fd", root_, pid);
  // Linux 6.2 and later tell the number as the directory's size. Source: Documentation/filesystems/proc.rst, /proc/<pid>/fd.
  struct stat directory {};
  struct statfs system {};
  if (::stat(path.c_str(), &directory) != 0) return 0;
  if (directory.st_size > 0 && ::statfs(path.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC)
    return static_cast<int>(directory.st_size);
  return static_cast<int>(numbered_entries(path).size());
}

std::optional<Proc::Io> Proc::io(pid_t pid) const {
  std::array<char, 1024> buffer;
  const std::optional<std::string_view> text = read_start(fmt::format("{}/{}/io", root_, pid), buffer);
  if (!text) return std::nullopt;
  const std::optional<std::uint64_t> read = kernel_value(*text, "read_bytes:");
  const std::optional<std::uint64_t> written = kernel_value(*text, "write_bytes:");
  return read && written ? std::optional(Io{*read, *written}) : std::nullopt;
}

std::uint64_t Proc::peak_rss_bytes(pid_t pid) const {
  constexpr std::uint64_t k_kilobyte = 1024;
  std::array<char, 4096> buffer;
  const std::optional<std::string_view> text = read_start(fmt::format("{}/{}/status", root_, pid), buffer);
  return text ? kernel_value(*text, "VmHWM:").value_or(0) * k_kilobyte : 0;
}

std::optional<Proc::Scheduling> Proc::scheduling(pid_t pid) const {
  std::array<char, 128> buffer;
  const std::optional<std::string_view> text = read_start(fmt::format("{}/{}/schedstat", root_, pid), buffer);
  if (!text) return std::nullopt;
  Words words(*text);
  const std::chrono::nanoseconds ran(words.number());
  const std::chrono::nanoseconds waited(words.number());
  return words.is_bad() ? std::nullopt : std::optional(Scheduling{ran, waited});
}

std::string own_identity() {
  const std::optional<ProcessStat> own = Proc().stat(::getpid());
  return fmt::format("{}.{}", ::getpid(), own ? own->start_time : 0);
}

bool identity_is_alive(const std::string& identity) {
  const std::size_t dot = identity.find('.');
  if (dot == std::string::npos) return false;
  const std::optional<pid_t> pid = parse<pid_t>(std::string_view(identity).substr(0, dot));
  const std::optional<std::uint64_t> start_time = parse<std::uint64_t>(std::string_view(identity).substr(dot + 1));
  if (!pid || *pid <= 0 || !start_time) return false;
  // A process that is hidden from us (hidepid) is not one that has gone.
  const std::optional<ProcessStat> process = Proc().stat(*pid);
  if (!process) return ::kill(*pid, 0) == 0 || errno != ESRCH;
  return !process->is_dead() && (*start_time == 0 || process->start_time == *start_time);
}

}  // namespace ptests
