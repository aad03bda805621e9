#include "run/uv_executor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/files.hpp"
#include "process/stacks.hpp"

namespace ptests {

namespace {

constexpr auto k_longest_farewell = std::chrono::seconds(1);  ///< the same for what is left at the end of the run
constexpr int k_most_looks = 5;
constexpr off_t k_large_log = 1 << 20;  ///< bytes

void start_timer(uv::Timer& timer, Seconds after) {
  constexpr Seconds k_longest{1e9};
  timer.start(std::chrono::duration_cast<std::chrono::nanoseconds>(std::min(after, k_longest)));
}

/// nohup and shells that start background jobs ask for that.
bool is_ignored(int signal_number) {
  struct sigaction action {};
  return ::sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// An empty file, whatever an earlier run has left there.
Result<UniqueFd> open_log(const std::string& path) {
  constexpr int k_flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  UniqueFd log(::open(path.c_str(), k_flags, 0666));
  // Most tests print nothing, and a look is ten times cheaper than O_TRUNC.
  struct stat status {};
  const bool is_known = log && ::fstat(log.get(), &status) == 0;
  if (is_known && status.st_size == 0) return log;
  // To truncate 10 MB takes 4 ms, and ext4 writes what comes into a truncated file to the disk when that is closed (auto_da_alloc).
  if (is_known && status.st_size >= k_large_log && ::unlink(path.c_str()) == 0) {
    close_aside(std::move(log));
    log = UniqueFd(::open(path.c_str(), k_flags | O_EXCL, 0666));
    if (log) return log;
  } else if (log && ::ftruncate(log.get(), 0) == 0) {
    return log;
  }
  return fail(describe_errno("writing", path, errno));
}

}  // namespace

Result<std::unique_ptr<UvExecutor>> UvExecutor::create(const ExecutorSurroundings& surroundings) {
  Result<Spawner> spawner = Spawner::create();
  if (!spawner) return tl::unexpected(spawner.error());
  UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return fail(describe_errno("opening", "/dev/null", errno));
  return std::unique_ptr<UvExecutor>(new UvExecutor(surroundings, std::move(*spawner), std::move(null)));
}

UvExecutor::UvExecutor(const ExecutorSurroundings& surroundings, Spawner spawner, UniqueFd null)
    : surroundings_(surroundings),
      spawner_(std::move(spawner)),
      null_(std::move(null)),
      trees_(Proc(), run_mark(surroundings.identity)),
      exits_(loop_, [this](std::uint64_t test) { on_exit(test); }),
      steps_(loop_, *surroundings.cgroups, surroundings.identity, [this](Fact fact) { on_step(std::move(fact)); }),
      build_(loop_, spawner_, *surroundings.tree, [this](Fact fact) { push(std::move(fact)); }) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1})
    if (!is_ignored(number)) signals_.emplace_back(loop_, number, [this, number] { push(SignalArrived{number}); });
  trees_.add_helper(surroundings_.guard->pid());
  trees_.on_adopted = [guard = surroundings_.guard](pid_t pid) { guard->add(pid); };
  trees_.on_gone = [guard = surroundings_.guard](pid_t pid) { guard->remove(pid); };
  ::sched_getaffinity(0, sizeof all_processors_, &all_processors_);
  CPU_ZERO(&taken_processors_);
  tick_ = uv::Timer(loop_, [this] { tick(); });
  ending_tick_ = uv::Timer(loop_, [this] { tick_endings(); });
  alarm_ = uv::Timer(loop_, [this] { push(AlarmRang{}); });
}

UvExecutor::~UvExecutor() {
  while (!children_.empty()) {
    const auto first = children_.begin();
    kill_everything(first->first, first->second);
    if (!first->second.has_exited) ::waitpid(first->second.process.pid, nullptr, 0);
    kill_everything(first->first, first->second);
    forget(first->first);
  }
  stop_build(SIGKILL);
  kill_strays();
}

/// The descriptor the test is to write to; when it is the far end of a drain, that is added to `ends`.
Result<int> UvExecutor::open_stream(Stream& stream, const std::string& path, Way way, std::vector<UniqueFd>& ends) {
  Result<UniqueFd> log = open_log(path);
  if (!log) return tl::unexpected(log.error());
  stream.log = std::move(*log);
  if (way == Way::straight) return stream.log.get();
  Result<Drain::Ends> drain = way == Way::pipe ? Drain::open_pipe() : Drain::open_terminal();
  if (!drain) return tl::unexpected(drain.error());
  stream.drain = Drain(loop_, std::move(drain->ours), stream.log.get());
  ends.push_back(std::move(drain->childs));
  return ends.back().get();
}

Result<void> UvExecutor::prepare_output(Child& child, SpawnSpec& process, const LaunchSpec& spec, std::vector<UniqueFd>& ends) {
  if (spec.capture == Capture::none) {
    // What an earlier run left would pass for the output of this one.
    ::unlink(spec.output_file.c_str());
    ::unlink(spec.error_file.c_str());
    process.stdout_fd = STDOUT_FILENO;
    process.stderr_fd = STDERR_FILENO;
    return {};
  }
  Way way = Way::straight;
  if (spec.capture == Capture::pipe || spec.is_split_drained) way = Way::pipe;
  if (spec.capture == Capture::pty) way = Way::terminal;
  const Result<int> output = open_stream(child.output, spec.output_file, way, ends);
  if (!output) return tl::unexpected(output.error());
  const Result<int> errors = spec.capture == Capture::split ? open_stream(child.errors, spec.error_file, way, ends) : output;
  if (!errors) return tl::unexpected(errors.error());
  process.stdout_fd = *output;
  process.stderr_fd = *errors;
  if (spec.capture == Capture::pty) process.session = SpawnSpec::Session::terminal;
  return {};
}

Result<void> UvExecutor::prepare_cgroup(Child& child, SpawnSpec& process, const LaunchSpec& spec) {
  if (spec.limits == nullptr || !wants_cgroup(*spec.limits) || surroundings_.cgroups->hierarchies().empty()) return {};
  Result<Cgroup> cgroup =
      Cgroup::create(*surroundings_.cgroups, fmt::format("ptests-{}-{}", surroundings_.identity, ++cgroups_made_), *spec.limits);
  if (!cgroup) return tl::unexpected(cgroup.error());
  child.cgroup = std::move(*cgroup);
  process.cgroups = child.cgroup->entrances();
  return {};
}

/// The first `count` processors that no other pinned test has; without so many free ones the test runs anywhere, as with ctest.
void UvExecutor::pin(Child& child, int count) {
  CPU_ZERO(&child.pinned);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&child.pinned) < count; ++cpu)
    if (CPU_ISSET(cpu, &all_processors_) && !CPU_ISSET(cpu, &taken_processors_)) CPU_SET(cpu, &child.pinned);
  child.is_pinned = count > 0 && CPU_COUNT(&child.pinned) == count;
  if (child.is_pinned) CPU_OR(&taken_processors_, &taken_processors_, &child.pinned);
}

/// Without it a build in there runs one job at a time, as it does for whoever finds no fifo.
void UvExecutor::serve_alone(Child& child, const LaunchSpec& spec) {
  Result<JobFifo> fifo = JobFifo::make(spec.own_jobs);
  if (!fifo) return;
  fifo->put(spec.own_tokens);
  child.own_jobs = std::move(*fifo);
}

Result<void> UvExecutor::start(TestId test, const LaunchSpec& spec) {
  Child child(spec.limits, std::chrono::steady_clock::now());
  SpawnSpec process;
  std::vector<UniqueFd> ends;
  if (Result<void> ready = prepare_output(child, process, spec, ends); !ready) return ready;
  if (Result<void> ready = prepare_cgroup(child, process, spec); !ready) return ready;
  pin(child, spec.pinned_processors);
  if (!spec.own_jobs.empty()) serve_alone(child, spec);

  const std::vector<const char*> command = exec_array(spec.command);
  static const std::vector<std::string> k_nothing;
  const std::vector<const char*> environment = exec_array(spec.inherited != nullptr ? *spec.inherited : k_nothing, spec.environment);
  const std::vector<ProcessLimit> limits = spec.limits != nullptr ? process_limits(*spec.limits) : std::vector<ProcessLimit>{};
  const Mark mark = trees_.next_mark();
  process.mark = mark_limit(mark);
  process.command = command.data();
  process.environment = environment.data();
  process.working_directory = spec.working_directory.c_str();
  process.stdin_fd = null_.get();
  process.limits = limits;
  if (spec.limits != nullptr) process.nice = static_cast<int>((*spec.limits)[LimitKind::nice].value_or(0));
  process.processors = child.is_pinned ? &child.pinned : nullptr;
  Result<Process> started = spawner_.spawn(process);
  if (!started) {
    if (child.is_pinned) CPU_XOR(&taken_processors_, &taken_processors_, &child.pinned);
    return tl::unexpected(started.error());
  }
  child.process = std::move(*started);
  surroundings_.guard->add(child.process.pid);
  trees_.add(test, child.process.pid, mark);
  exits_.add(child.process.pidfd.get(), test);
  if (children_.empty() && !steps_.any_runs()) tick_.start(k_tick);
  children_.emplace(test, std::move(child));
  return {};
}

void UvExecutor::kill(TestId test, int signal_number) {
  const auto found = children_.find(test);
  if (found == children_.end()) return;
  Child& child = found->second;
  if (signal_number == SIGKILL) {
    kill_everything(test, child);
    schedule_endings();
  } else if (!child.has_exited) {
    ::kill(-child.process.pid, signal_number);
    ::kill(-child.process.pid, SIGCONT);  // a stopped one would never hear it
  }
}

void UvExecutor::kill_everything(TestId test, Child& child) {
  if (!child.is_killing) child.killing_since = std::chrono::steady_clock::now();
  child.is_killing = true;
  // Once the leader is reaped its number, and so its group's, may belong to somebody else.
  if (!child.has_exited) ::kill(-child.process.pid, SIGKILL);
  if (child.cgroup) child.cgroup->kill();
  trees_.look();
  for (const ProcessStat& member : trees_.members(test)) ::kill(member.pid, SIGKILL);
}

/// Again and again, as they may be starting others.
void UvExecutor::kill_strays() {
  const Time end = std::chrono::steady_clock::now() + k_longest_farewell;
  for (trees_.look(); trees_.has_strays() && std::chrono::steady_clock::now() < end; trees_.look()) {
    for (const ProcessStat& stray : trees_.strays()) ::kill(stray.pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Its cgroup knows those too that took off the mark and left the group.
std::vector<pid_t> UvExecutor::members(TestId test) const {
  std::vector<pid_t> pids;
  for (const ProcessStat& member : trees_.members(test)) pids.push_back(member.pid);
  const auto found = children_.find(test);
  if (found == children_.end() || !found->second.cgroup) return pids;
  for (const pid_t pid : found->second.cgroup->processes())
    if (std::find(pids.begin(), pids.end(), pid) == pids.end()) pids.push_back(pid);
  return pids;
}

std::vector<ProcessInfo> UvExecutor::processes(TestId test) {
  std::vector<ProcessInfo> processes;
  // One that goes on in another process again and again may be between two when it is looked for.
  for (int i = 0; processes.empty() && i < k_most_looks; ++i) {
    trees_.look();
    for (const pid_t pid : members(test)) processes.push_back(trees_.proc().info(pid));
    if (!trees_.has_orphans(test)) break;
  }
  return processes;
}

Usage UvExecutor::usage(TestId test) {
  const auto found = children_.find(test);
  if (found == children_.end()) return {};
  const TreeSample now = sum_up(trees_.members(test));
  Usage usage;
  usage.user = std::chrono::duration_cast<std::chrono::microseconds>(Seconds(now.cpu_seconds));
  usage.peak_rss_bytes = now.rss_bytes;
  usage.most_processes = now.processes;
  return usage;
}

void UvExecutor::start_debugger(TestId test, const std::vector<std::string>& command) {
  end_debugger(test);
  const std::string output = fmt::format("{}/stacks-{}", surroundings_.logs, test);
  std::unique_ptr<Debugger> debugger = Debugger::start(loop_, spawner_, command, output, [this, test](std::string stacks) {
    end_debugger(test);
    push(StacksTaken{test, std::move(stacks)});
  });
  if (!debugger) {
    push(StacksTaken{test, ""});
    return;
  }
  trees_.add_helper(debugger->pid());
  surroundings_.guard->add(debugger->pid());
  debuggers_[test] = std::move(debugger);
}

/// Its number may be another process's from now on.
void UvExecutor::end_debugger(TestId test) {
  const auto found = debuggers_.find(test);
  if (found == debuggers_.end()) return;
  const pid_t pid = found->second->pid();
  debuggers_.erase(found);
  trees_.remove_helper(pid);
  surroundings_.guard->remove(pid);
}

void UvExecutor::take_stacks(TestId test) {
  const std::vector<pid_t> pids = members(test);
  start_debugger(test, pids.empty() ? std::vector<std::string>{} : stacks_command(pids));
}

void UvExecutor::take_core_stacks(TestId test, const CoreDump& core) {
  start_debugger(test, core_stacks_command(core.executable, core.file));
}

void UvExecutor::set_timer(TestId test, Seconds after) {
  const auto found = children_.find(test);
  if (found == children_.end()) return;
  uv::Timer& timer = found->second.timer;
  if (!timer) timer = uv::Timer(loop_, [this, test] { on_timer(test); });
  start_timer(timer, after);
}

/// libuv looks at timers first. When we come late, a test that has ended is judged by its end.
void UvExecutor::on_timer(TestId test) {
  const auto found = children_.find(test);
  if (found == children_.end()) return;
  pollfd ended{found->second.has_exited ? -1 : found->second.process.pidfd.get(), POLLIN, 0};
  if (::poll(&ended, 1, 0) != 1) push(TimerFired{test});
}

void UvExecutor::set_alarm(Seconds after) { start_timer(alarm_, after); }

void UvExecutor::signal_everything(int signal_number) {
  for (auto& [test, child] : children_) {
    if (!child.has_exited) ::kill(-child.process.pid, signal_number);
    for (const pid_t pid : members(test)) ::kill(pid, signal_number);
  }
  if (build_pid_ != 0) {
    ::kill(-build_pid_, signal_number);
    for (const ProcessStat& member : trees_.proc().tree(build_pid_)) ::kill(member.pid, signal_number);
  }
}

void UvExecutor::pause() {
  signal_everything(SIGSTOP);
  const Time stopped = std::chrono::steady_clock::now();
  ::kill(::getpid(), SIGSTOP);
  const Time::duration pause = std::chrono::steady_clock::now() - stopped;
  for (auto& [test, child] : children_) child.watch.paused_for(pause);
  steps_.paused_for(pause);
  signal_everything(SIGCONT);
}

Fact UvExecutor::wait() {
  while (facts_.empty()) loop_.run_once();
  Fact fact = std::move(facts_.front());
  facts_.pop_front();
  if (std::holds_alternative<BuildEnded>(fact)) {
    if (build_pid_ != 0) {
      surroundings_.guard->remove(build_pid_);
      surroundings_.guard->set_build(0);
      trees_.remove_helper(build_pid_);
      build_pid_ = 0;
    }
    steps_.close();
  }
  return fact;
}

}  // namespace ptests
