// The build and its processors: the build tool, its compilers and linkers, and the jobserver for the builds in tests.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "base/files.hpp"
#include "run/uv_executor.hpp"

namespace ptests {

namespace {

/// Compilers that may wait beside those that run, so that there is a choice on few processors too: a few MB each.
constexpr int k_least_waiting = 8;

}  // namespace

Result<std::string> UvExecutor::open_jobserver() {
  Result<JobFolder> folder = JobFolder::make(jobs_folder_of(surroundings_.identity));
  if (!folder) return tl::unexpected(folder.error());
  jobs_.emplace(std::move(*folder));
  return jobs_->path();
}

void UvExecutor::park_tokens(int count) {
  token_poll_.close();
  if (jobs_) jobs_->pool().put(count);
}

int UvExecutor::unpark_tokens() { return jobs_ ? jobs_->pool().take_all() : 0; }

void UvExecutor::await_token() {
  if (!jobs_ || token_poll_) return;
  token_poll_ = uv::Poll(loop_, jobs_->pool().fd(), [this] {
    token_poll_.close();
    push(TokenReturned{});
  });
}

bool UvExecutor::has_token_clients() {
  if (!jobs_) return false;
  const auto is_client = [this](const ProcessStat& process) { return jobs_->pool().is_open_in(process.pid); };
  const auto any_of = [&](const std::vector<ProcessStat>& processes) { return std::any_of(processes.begin(), processes.end(), is_client); };
  trees_.look();
  if (build_pid_ != 0 && any_of(trees_.proc().tree(build_pid_))) return true;
  return std::any_of(children_.begin(), children_.end(), [&](const auto& child) { return any_of(trees_.members(child.first)); });
}

Result<void> UvExecutor::start_build(const BuildRequest& request) {
  BuildRequest with_socket = request;
  // Ours has a -j of its own and looks at none, its commands may be builds. make would warn of that, and serve them itself.
  if (jobs_ && surroundings_.tree->generator.starts_with("Ninja"))
    with_socket.environment.push_back("MAKEFLAGS= " + jobserver_words(request.jobs, pool_path(jobs_->path())));
  Result<std::string> socket = steps_.open();
  std::error_code error;
  if (socket) {
    with_socket.waiting = std::max(k_least_waiting, request.jobs);
    with_socket.environment.insert(with_socket.environment.end(),
                                   {std::move(*socket), "PTESTS_BUILD_DIRECTORY=" + surroundings_.tree->build_directory,
                                    "PTESTS_BUILD_LAUNCHER=" + fs::read_symlink("/proc/self/exe", error).string()});
  } else {
    push(BuildPrinted{fmt::format("ptests: compilers run beside the tests, without limits: {}", socket.error().message)});
  }
  if (Result<void> started = build_.start(with_socket, mark_limit(trees_.build_mark()), surroundings_.guard->build_output()); !started) {
    steps_.close();
    return started;
  }
  build_pid_ = build_.pid();
  // There was nothing to build.
  if (build_pid_ == 0) return {};
  trees_.add_helper(build_pid_);
  surroundings_.guard->add(build_pid_);
  surroundings_.guard->set_build(build_pid_);
  return {};
}

void UvExecutor::stop_build(int signal_number) {
  // Whoever is asked to end ends what it started; ninja gives each command a group of its own.
  std::vector<ProcessStat> members;
  if (signal_number == SIGKILL && build_pid_ != 0) members = trees_.proc().tree(build_pid_);
  build_.stop(signal_number);
  if (signal_number != SIGKILL) steps_.stop(signal_number);
  for (const ProcessStat& member : members) ::kill(member.pid, signal_number);
}

void UvExecutor::start_step(StepId step, const Limits& limits) {
  if (children_.empty() && !steps_.any_runs()) tick_.start(k_tick);
  steps_.start(step, limits);
}

/// A target that is ready when it is linked is told behind the end of the link.
void UvExecutor::on_step(Fact fact) {
  std::string linked;
  if (const auto* wanted = std::get_if<StepWanted>(&fact); wanted != nullptr && wanted->what.kind == BuildStep::Kind::link) {
    links_[wanted->step] = wanted->what.target;
  } else if (const auto* ended = std::get_if<StepEnded>(&fact)) {
    const bool is_well = !ended->result.is_lost && !ended->result.limit_hit && ended->result.exit.is_success();
    if (auto link = links_.extract(ended->step); link && is_well) linked = std::move(link.mapped());
  }
  push(std::move(fact));
  if (!linked.empty()) build_.linked(linked);
}

}  // namespace ptests
