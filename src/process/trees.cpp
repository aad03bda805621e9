#include "process/trees.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <utility>

namespace ptests {

namespace {

constexpr int k_most_rounds = 16;

std::vector<pid_t> parse_pids(std::string_view text) {
  std::vector<pid_t> pids;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc{}) pids.push_back(pid);
    at = next + 1;
  }
  return pids;
}

/// Bytes. However much is asked for, the kernel gives a page at most, and less than all that follows only when that is nearly full.
constexpr std::size_t k_nearly_a_page = 4096 - 16;

/// The whole list, in `room`, which is as large as it had to be the last time.
std::string_view read_again(int fd, std::string& room) {
  std::size_t size = 0;
  while (true) {
    if (size == room.size()) room.resize(std::max<std::size_t>(512, 2 * size));
    const std::size_t asked = room.size() - size;
    const ssize_t n = ::pread(fd, room.data() + size, asked, static_cast<off_t>(size));
    if (n <= 0) break;
    size += static_cast<std::size_t>(n);
    if (static_cast<std::size_t>(n) < std::min(asked, k_nearly_a_page)) break;
  }
  return std::string_view(room).substr(0, size);
}

std::chrono::microseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

void CpuTime::add(const rusage& used) {
  user += to_duration(used.ru_utime);
  system += to_duration(used.ru_stime);
}

Trees::Trees(Proc proc, std::uint32_t run) : proc_(std::move(proc)), run_(run), self_(::getpid()) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  children_ = UniqueFd(::open(fmt::format("/proc/self/task/{}/children", self_).c_str(), O_RDONLY | O_CLOEXEC));
}

void Trees::add(TestId test, pid_t leader, Mark mark) {
  roots_[test] = {leader, leader, mark, {}};
  leaders_.insert(leader);
}

void Trees::leader_ended(TestId test) {
  const auto found = roots_.find(test);
  if (found == roots_.end()) return;
  leaders_.erase(found->second.leader);
  found->second.leader = 0;
}

void Trees::remove(TestId test) {
  leader_ended(test);
  roots_.erase(test);
}

std::vector<pid_t> Trees::own_children() { return children_ ? parse_pids(read_again(children_.get(), listed_)) : proc_.children(self_); }

void Trees::look() {
  // One that was reaped may have left children to us since ours were listed.
  for (int i = 0; i < k_most_rounds; ++i) {
    for (const pid_t pid : own_children())
      if (!leaders_.contains(pid) && !helpers_.contains(pid)) take_in(pid);
    const auto gone = std::erase_if(orphans_, [&](const auto& entry) { return reap(entry.first, entry.second); });
    if (gone == 0) return;
  }
}

/// False while it lives.
bool Trees::reap(pid_t pid, const Orphan& orphan) {
  rusage used{};
  int status = 0;
  const pid_t reaped = ::wait4(pid, &status, WNOHANG, &used);
  if (reaped == 0) return false;
  on_gone(pid);
  const auto root = orphan.test ? roots_.find(*orphan.test) : roots_.end();
  if (reaped < 0 || root == roots_.end()) return true;
  EndedOrphans& ended = root->second.ended;
  ended.time.add(used);
  ended.met_cpu_limit = ended.met_cpu_limit || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
  return true;
}

EndedOrphans Trees::ended_orphans(TestId test) const {
  const auto found = roots_.find(test);
  return found == roots_.end() ? EndedOrphans{} : found->second.ended;
}

void Trees::take_in(pid_t pid) {
  const std::optional<ProcessStat> stat = proc_.stat(pid);
  if (!stat) return;
  if (const auto known = orphans_.find(pid); known != orphans_.end() && known->second.start_time == stat->start_time) return;
  orphans_[pid] = identify(*stat);
  on_adopted(pid);
}

Trees::Orphan Trees::identify(const ProcessStat& stat) const {
  Orphan orphan{std::nullopt, stat.start_time};
  const std::optional<Mark> mark = proc_.mark(stat.pid);
  const bool is_marked = mark && mark->run == run_;
  orphan.of_build = is_marked && *mark == build_mark();
  const auto found = std::find_if(roots_.begin(), roots_.end(), [&](const auto& entry) {
    const Root& root = entry.second;
    // Where no mark can be set, or one is taken off, those that stayed in the test's group are known by that.
    return is_marked ? root.mark == *mark : root.group == stat.group || root.group == stat.session;
  });
  if (found != roots_.end()) orphan.test = found->first;
  return orphan;
}

bool Trees::has_orphans(TestId test) const {
  return std::any_of(orphans_.begin(), orphans_.end(), [&](const auto& entry) { return entry.second.test == test; });
}

std::vector<ProcessStat> Trees::members(TestId test) const {
  std::vector<ProcessStat> members;
  const auto add_tree = [&](pid_t root) {
    for (const ProcessStat& stat : proc_.tree(root))
      if (!stat.is_dead()) members.push_back(stat);
  };
  if (const auto found = roots_.find(test); found != roots_.end() && found->second.leader != 0) add_tree(found->second.leader);
  for (const auto& [pid, orphan] : orphans_)
    if (orphan.test == test) add_tree(pid);
  return members;
}

std::vector<ProcessStat> Trees::strays() const {
  std::vector<ProcessStat> strays;
  for (const auto& [pid, orphan] : orphans_)
    if (is_stray(orphan))
      for (const ProcessStat& stat : proc_.tree(pid))
        if (!stat.is_dead()) strays.push_back(stat);
  return strays;
}

bool Trees::has_strays() const {
  return std::any_of(orphans_.begin(), orphans_.end(), [&](const auto& entry) { return is_stray(entry.second); });
}

}  // namespace ptests
