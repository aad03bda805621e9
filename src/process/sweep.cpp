#include "process/sweep.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "base/remove_tree.hpp"
#include "process/proc.hpp"

namespace ptests {

namespace {

constexpr auto k_round = std::chrono::milliseconds(10);
constexpr int k_most_rounds = 500;
constexpr int k_quiet_rounds = 3;  ///< rounds without a find that end the search

class Hunt {
 public:
  Hunt(std::uint32_t run, std::uint64_t born) : run_(run), born_(born), self_(::getpid()) {}

  /// How many processes were killed.
  std::size_t round(const std::vector<pid_t>& leaders) const {
    std::size_t killed = 0;
    for (const pid_t leader : leaders) killed += kill_group(leader);
    for (const pid_t pid : proc_.all()) {
      const std::optional<Mark> mark = pid == self_ ? std::nullopt : proc_.mark(pid);
      if (mark && mark->run == run_) killed += kill_one(proc_.stat(pid));
    }
    return killed;
  }

 private:
  static std::size_t kill_one(const std::optional<ProcessStat>& stat) {
    return stat && !stat->is_dead() && ::kill(stat->pid, SIGKILL) == 0 ? 1 : 0;
  }

  /// A number that has gone to an older process is somebody else's.
  std::size_t kill_group(pid_t leader) const {
    const std::optional<ProcessStat> stat = proc_.stat(leader);
    if (stat && stat->start_time < born_) return 0;
    std::size_t killed = 0;
    if (stat)
      for (const ProcessStat& member : proc_.tree(leader)) killed += kill_one(member);
    // While a group has members its number is nobody else's.
    if (!stat || stat->group == leader) ::kill(-leader, SIGKILL);
    return killed;
  }

  std::uint32_t run_;
  std::uint64_t born_;
  pid_t self_;
  Proc proc_;
};

}  // namespace

std::string socket_folder_of(const std::string& identity) { return fmt::format("/tmp/ptests-{}.build", identity); }

std::string jobs_folder_of(const std::string& identity) { return fmt::format("/tmp/ptests-{}.jobs", identity); }

Swept sweep(const RunRemains& remains, const CgroupRoots& cgroups, const std::vector<pid_t>& leaders, std::uint64_t born) {
  const Hunt hunt(run_mark(remains.identity), born);
  Swept swept;
  int quiet = 0;
  for (int i = 0; i < k_most_rounds && quiet < k_quiet_rounds; ++i) {
    const std::size_t groups = cgroups.remove_of(remains.identity).size();
    const std::size_t processes = hunt.round(leaders);
    swept.cgroups += groups;
    swept.processes += processes;
    quiet = groups + processes == 0 ? quiet + 1 : 0;
    std::this_thread::sleep_for(k_round);
  }
  swept.folder = remove_tree(socket_folder_of(remains.identity));
  if (remove_tree(jobs_folder_of(remains.identity))) swept.folder = true;
  if (!remains.temporary.empty() && remove_tree(remains.temporary)) swept.folder = true;
  return swept;
}

}  // namespace ptests
