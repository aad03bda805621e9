#include "build/step_runner.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "process/sweep.hpp"
#include "process/watch.hpp"

namespace ptests {

namespace {

constexpr std::chrono::milliseconds k_look_interval{50};
constexpr Seconds k_longest{1e9};

StepEnded lost(StepId step) {
  StepEnded fact{step, {}};
  fact.result.is_lost = true;
  return fact;
}

}  // namespace

StepRunner::StepRunner(uv::Loop& loop, const CgroupRoots& cgroups, std::string identity, LaunchServer::Sink sink)
    : loop_(&loop), cgroups_(&cgroups), identity_(std::move(identity)), sink_(std::move(sink)) {}

Result<std::string> StepRunner::open() {
  // Where it can be made, it is found again should we be killed.
  folder_ = socket_folder_of(identity_);
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0) folder_.clear();
  auto server = LaunchServer::open(
      *loop_, [this](Fact fact) { tell(std::move(fact)); }, folder_);
  if (!server) return tl::unexpected(server.error());
  server_ = std::move(*server);
  look_ = uv::Timer(*loop_, [this] { look(); });
  return "PTESTS_BUILD_SOCKET=" + server_->socket_path();
}

void StepRunner::close() {
  // Left by a build tool that was killed.
  signal_running(SIGTERM);
  running_.clear();
  has_run_.clear();
  look_.close();
  server_.reset();
  if (!folder_.empty()) ::rmdir(folder_.c_str());
  folder_.clear();
}

void StepRunner::signal_running(int signal_number) const {
  for (const auto& [step, running] : running_)
    if (const pid_t launcher = server_ ? server_->pid(step) : 0; launcher > 0) ::kill(launcher, signal_number);
}

void StepRunner::stop(int signal_number) {
  if (server_) server_->stop();
  signal_running(signal_number);
}

void StepRunner::tell(Fact fact) {
  if (const auto* wanted = std::get_if<StepWanted>(&fact)) has_run_[wanted->step] = false;
  if (auto* ended = std::get_if<StepEnded>(&fact)) on_end(*ended);
  sink_(std::move(fact));
}

void StepRunner::on_end(StepEnded& fact) {
  if (fact.result.is_lost) has_run_.erase(fact.step);
  const auto found = running_.find(fact.step);
  if (found == running_.end()) return;
  Running& running = found->second;
  fact.result.limit_hit = running.limit_hit;
  if (!fact.result.limit_hit && running.cgroup) fact.result.limit_hit = running.cgroup->limit_hit();
  running_.erase(found);
}

void StepRunner::start(StepId step, const Limits& limits) {
  const auto known = has_run_.find(step);
  if (known == has_run_.end() || !server_) return;
  Running& running = running_[step];
  running.limits[LimitKind::memory] = limits[LimitKind::memory];
  std::vector<std::string> entrances;
  if (wants_cgroup(running.limits) && !cgroups_->hierarchies().empty()) {
    // Where none can be made its processes are looked at.
    if (auto cgroup = Cgroup::create(*cgroups_, fmt::format("ptests-{}-c{}", identity_, ++cgroups_made_), running.limits)) {
      running.cgroup = std::move(*cgroup);
      entrances = running.cgroup->entrance_paths();
    }
  }
  if (!running.cgroup && running.limits.positive(LimitKind::memory)) look_.start(k_look_interval);
  if (const auto seconds = limits.positive(LimitKind::timeout)) {
    running.timeout = uv::Timer(*loop_, [this, step] {
      if (const auto found = running_.find(step); found != running_.end()) kill(step, found->second, LimitKind::timeout);
    });
    running.due = std::chrono::steady_clock::now() + std::chrono::duration_cast<Time::duration>(std::min(Seconds(*seconds), k_longest));
    set_timer(running);
  }
  const bool was_told = known->second ? server_->again(step, entrances) : server_->grant(step, entrances);
  const bool is_again = std::exchange(known->second, true);
  if (was_told) return;
  running_.erase(step);
  // One that goes away while it waits is told by the server.
  if (!is_again) return;
  has_run_.erase(step);
  sink_(lost(step));
}

void StepRunner::set_timer(Running& running) {
  running.timeout.start(std::max(Time::duration(0), running.due - std::chrono::steady_clock::now()));
}

void StepRunner::paused_for(Time::duration pause) {
  for (auto& [step, running] : running_) {
    if (!running.timeout) continue;
    running.due += pause;
    set_timer(running);
  }
}

void StepRunner::finish(StepId step) {
  has_run_.erase(step);
  if (server_) server_->finish(step);
}

/// Its launcher lives on and tells how it ended.
std::vector<ProcessStat> StepRunner::processes(StepId step) const {
  const pid_t launcher = server_->pid(step);
  std::vector<ProcessStat> tree = launcher == 0 ? std::vector<ProcessStat>{} : proc_.tree(launcher);
  if (!tree.empty()) tree.erase(tree.begin());
  return tree;
}

void StepRunner::kill(StepId step, Running& running, LimitKind kind) {
  if (!running.limit_hit) running.limit_hit = kind;
  if (running.cgroup) running.cgroup->kill();
  for (const ProcessStat& process : processes(step)) ::kill(process.pid, SIGKILL);
}

void StepRunner::look() {
  bool again = false;
  for (auto& [step, running] : running_) {
    const auto most = running.limits.positive(LimitKind::memory);
    if (running.cgroup || !most) continue;
    again = true;
    if (running.limit_hit || static_cast<double>(sum_up(processes(step)).rss_bytes) > *most) kill(step, running, LimitKind::memory);
  }
  if (again) look_.start(k_look_interval);
}

}  // namespace ptests
