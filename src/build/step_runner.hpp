#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/uv.hpp"
#include "build/launch_server.hpp"
#include "core/limits.hpp"
#include "process/cgroup.hpp"
#include "process/proc.hpp"

namespace ptests {

/// The compilers and linkers of one build, whose launchers wait for start(): MEMORY and TIMEOUT hold for each as for a test, by a cgroup or
/// by looking at its processes every 50 ms.
class StepRunner {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Everything referred to outlives it; `identity` names its cgroups.
  StepRunner(uv::Loop& loop, const CgroupRoots& cgroups, std::string identity, LaunchServer::Sink sink);

  ~StepRunner() { close(); }
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  /// Launchers can ask from here on. Returns what their environment must have: "PTESTS_BUILD_SOCKET=...".
  Result<std::string> open();
  /// Whoever still waits goes on alone.
  void close();

  /// As Executor::start_step. What cannot start ends as lost.
  void start(StepId step, const Limits& limits);
  void finish(StepId step);
  /// The build is to end: what waits ends, what runs gets the signal.
  void stop(int signal_number);
  bool any_runs() const { return !running_.empty(); }
  /// Their clocks stood still for so long.
  void paused_for(Time::duration pause);

 private:
  struct Running {
    Limits limits;
    std::optional<Cgroup> cgroup;
    uv::Timer timeout;
    Time due;  ///< of the timeout
    std::optional<LimitKind> limit_hit;
  };

  void tell(Fact fact);
  /// To the launchers of what runs: each passes it on to its command.
  void signal_running(int signal_number) const;
  void on_end(StepEnded& fact);
  void kill(StepId step, Running& running, LimitKind kind);
  static void set_timer(Running& running);
  void look();
  std::vector<ProcessStat> processes(StepId step) const;

  uv::Loop* loop_;
  const CgroupRoots* cgroups_;
  std::string identity_;
  std::string folder_;  ///< of the socket; "" when that is elsewhere
  LaunchServer::Sink sink_;
  Proc proc_;
  std::unique_ptr<LaunchServer> server_;
  uv::Timer look_;
  std::map<StepId, Running> running_;
  std::map<StepId, bool> has_run_;  ///< of those that were wanted and are not finished
  unsigned cgroups_made_ = 0;
};

}  // namespace ptests
