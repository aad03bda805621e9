#include "run/uv_executor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/files.hpp"

namespace ptests {

namespace {

std::chrono::microseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// The kernel floors a child's ru_maxrss by the size of the process it was cloned from: only more than our own peak says something.
std::uint64_t peak_rss_bytes(const rusage& usage) {
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  return usage.ru_maxrss > own.ru_maxrss ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

ExitStatus to_exit_status(int status) {
  if (WIFSIGNALED(status)) return {ExitStatus::Kind::signaled, WTERMSIG(status), WCOREDUMP(status)};
  return {ExitStatus::Kind::exited, WEXITSTATUS(status), false};
}

/// nohup and shells that start background jobs ask for that.
bool is_ignored(int signal_number) {
  struct sigaction action {};
  return ::sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Result<std::unique_ptr<UvExecutor>> UvExecutor::create(const BuildTree& tree) {
  Result<Spawner> spawner = Spawner::create();
  if (!spawner) return tl::unexpected(spawner.error());
  UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return fail(describe_errno("opening", "/dev/null", errno));
  return std::unique_ptr<UvExecutor>(new UvExecutor(tree, std::move(*spawner), std::move(null)));
}

UvExecutor::UvExecutor(const BuildTree& tree, Spawner spawner, UniqueFd null)
    : spawner_(std::move(spawner)), null_(std::move(null)), build_(loop_, spawner_, tree, [this](Fact fact) { push(std::move(fact)); }) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    if (!is_ignored(number)) signals_.emplace_back(loop_, number, [this, number] { push(SignalArrived{number}); });
}

UvExecutor::~UvExecutor() {
  for (auto& [test, child] : children_) {
    ::kill(-child.process.pid, SIGKILL);
    ::waitpid(child.process.pid, nullptr, 0);
  }
}

Result<void> UvExecutor::start(TestId test, const LaunchSpec& spec) {
  const UniqueFd output(::open(spec.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
  if (!output) return fail(describe_errno("writing", spec.output_file, errno));
  const std::vector<const char*> command = exec_array(spec.command);
  const std::vector<const char*> environment = spec.environment ? exec_array(*spec.environment) : std::vector<const char*>{};
  Result<Process> process = spawner_.spawn({command.data(), spec.environment ? environment.data() : environ, spec.working_directory.c_str(),
                                            null_.get(), output.get(), output.get()});
  if (!process) return tl::unexpected(process.error());
  Child& child = children_[test];
  child.process = std::move(*process);
  child.exit_poll = uv::Poll(loop_, child.process.pidfd.get(), [this, test] { on_exit(test); });
  return {};
}

void UvExecutor::kill(TestId test, int signal_number) {
  const auto found = children_.find(test);
  if (found == children_.end()) return;
  found->second.kill_rest = true;
  ::kill(-found->second.process.pid, signal_number);
}

void UvExecutor::set_timer(TestId test, Seconds after) {
  const auto found = children_.find(test);
  if (found == children_.end()) return;
  uv::Timer& timer = found->second.timer;
  if (!timer) timer = uv::Timer(loop_, [this, test] { push(TimerFired{test}); });
  constexpr Seconds k_longest{1e9};
  timer.start(std::chrono::duration_cast<std::chrono::nanoseconds>(std::min(after, k_longest)));
}

void UvExecutor::on_exit(TestId test) {
  const auto found = children_.find(test);
  const Child& child = found->second;
  // Before it is reaped its number, and so its group's, cannot belong to anyone else.
  if (child.kill_rest) ::kill(-child.process.pid, SIGKILL);
  int status = 0;
  rusage usage{};
  if (::wait4(child.process.pid, &status, WNOHANG, &usage) <= 0) return;
  children_.erase(found);
  push(ChildExited{test, to_exit_status(status), {to_duration(usage.ru_utime), to_duration(usage.ru_stime), peak_rss_bytes(usage)}});
}

Result<void> UvExecutor::start_build(const BuildRequest& request) { return build_.start(request); }

void UvExecutor::stop_build(int signal_number) { build_.stop(signal_number); }

Fact UvExecutor::wait() {
  while (facts_.empty()) loop_.run_once();
  Fact fact = std::move(facts_.front());
  facts_.pop_front();
  return fact;
}

}  // namespace ptests
