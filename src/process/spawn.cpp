#include "process/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/blocked_signals.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_stack_size = std::size_t{64} * 1024;
constexpr int k_exec_failed = 127;

enum class Step { none, joining_cgroup, changing_directory, redirecting, setting_priority, pinning, limiting, executing };

/// Shared with the child until it execs: it runs in our memory while we wait.
struct ChildHalf {
  const SpawnSpec* spec;
  bool needs_ptracer;
  const sigset_t* changed_signals;
  Step step = Step::none;
  int error = 0;
};

[[noreturn]] void give_up(ChildHalf& half, Step step) {
  half.error = errno;
  half.step = step;
  ::_exit(k_exec_failed);
}

/// The signals that are ignored or handled here. Asked once: whoever changes one does so before the first process is started.
sigset_t changed_signals() {
  sigset_t changed;
  ::sigemptyset(&changed);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) ::sigaddset(&changed, number);
  }
  return changed;
}

void reset_signals(const sigset_t& changed) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    if (::sigismember(&changed, number) == 1) ::sigaction(number, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Only calls that are safe between vfork and exec.
#if defined(__SANITIZE_ADDRESS__)
__attribute__((no_sanitize_address))
#endif
int run_child_half(void* argument) {
  ChildHalf& half = *static_cast<ChildHalf*>(argument);
  const SpawnSpec& spec = *half.spec;
  if (spec.session == SpawnSpec::Session::terminal) {
    ::setsid();
    ::ioctl(spec.stdout_fd, TIOCSCTTY, 0);
  } else {
    ::setpgid(0, 0);
  }
  for (const UniqueFd& cgroup : spec.cgroups)
    if (::write(cgroup.get(), "0", 1) != 1) give_up(half, Step::joining_cgroup);
  if (::dup2(spec.stdin_fd, 0) < 0 || ::dup2(spec.stdout_fd, 1) < 0 || ::dup2(spec.stderr_fd, 2) < 0) give_up(half, Step::redirecting);
  if (spec.working_directory != nullptr && ::chdir(spec.working_directory) != 0) give_up(half, Step::changing_directory);
  if (spec.nice != 0 && ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + spec.nice) != 0)
    give_up(half, Step::setting_priority);
  if (spec.processors != nullptr && ::sched_setaffinity(0, sizeof(cpu_set_t), spec.processors) != 0) give_up(half, Step::pinning);
  if (half.needs_ptracer) ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  reset_signals(*half.changed_signals);
  for (const ProcessLimit& limit : spec.limits) {
    const rlimit value{limit.soft, limit.hard};
    if (::prlimit(0, static_cast<__rlimit_resource>(limit.resource), &value, nullptr) != 0) give_up(half, Step::limiting);
  }
  ::execve(spec.command[0], const_cast<char* const*>(spec.command), const_cast<char* const*>(spec.environment));
  give_up(half, Step::executing);
}

/// The child is born with the mark that we have: should we be killed right then, it is found by it. Ours stays; nobody looks at it.
void take_mark(const std::optional<ProcessLimit>& mark) {
  if (!mark) return;
  const rlimit value{mark->soft, mark->hard};
  ::prlimit(0, static_cast<__rlimit_resource>(mark->resource), &value, nullptr);
}

/// The head of a file, up to the size of what the kernel looks at.
std::string read_head(const char* path) {
  std::array<char, 256> buffer{};
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t n = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : 0;
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

/// Yama lets nobody but an ancestor read a process, and the debugger is none.
bool needs_ptracer() {
  const std::string scope = read_head("/proc/sys/kernel/yama/ptrace_scope");
  return !scope.empty() && scope[0] != '0';
}

bool is_text(const char* path) {
  const std::string head = read_head(path);
  return !head.empty() && head.find('\0') == std::string::npos &&
         !head.starts_with(
             "\x7f"
             "ELF");
}

/// The interpreter that a `#!` line names, or "".
std::string interpreter_of(const char* path) {
  const std::string head = read_head(path);
  if (!head.starts_with("#!")) return {};
  const std::size_t start = head.find_first_not_of(" \t", 2);
  return start == std::string::npos ? std::string{} : head.substr(start, head.find_first_of(" \t\r\n", start) - start);
}

Error describe(const ChildHalf& half) {
  const std::string why = std::generic_category().message(half.error);
  if (half.step == Step::executing && half.error == ENOENT) {
    if (const std::string interpreter = interpreter_of(half.spec->command[0]); !interpreter.empty())
      return {fmt::format("Unable to start executable {}: its interpreter {} is missing", half.spec->command[0], interpreter), ""};
  }
  switch (half.step) {
    case Step::changing_directory:
      return {fmt::format("Failed to change working directory to {}: {}", half.spec->working_directory, why), ""};
    case Step::redirecting: return {fmt::format("redirecting the output: {}", why), ""};
    case Step::joining_cgroup: return {fmt::format("entering its cgroup: {}", why), ""};
    case Step::setting_priority: return {fmt::format("setting its NICE value: {}", why), "a negative one needs the right to it"};
    case Step::pinning: return {fmt::format("pinning it to processors: {}", why), ""};
    case Step::limiting: return {fmt::format("setting its limits: {}", why), "`ptests doctor` tells what can be set here"};
    default: return {fmt::format("Unable to start executable {}: {}", half.spec->command[0], why), ""};
  }
}

}  // namespace

Result<Spawner> Spawner::create() {
  void* stack = ::mmap(nullptr, k_stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail(fmt::format("no memory for starting processes: {}", std::generic_category().message(errno)));
  return Spawner(stack);
}

Spawner::Spawner(Spawner&& other) noexcept : stack_(std::exchange(other.stack_, nullptr)) {}

Spawner& Spawner::operator=(Spawner&& other) noexcept {
  std::swap(stack_, other.stack_);
  return *this;
}

Spawner::~Spawner() {
  if (stack_ != nullptr) ::munmap(stack_, k_stack_size);
}

Result<Process> Spawner::spawn(const SpawnSpec& spec) {
  int error = 0;
  Result<Process> process = try_spawn(spec, error);
  if (process || error != ENOEXEC || !is_text(spec.command[0])) return process;
  // A script without `#!`: the shell runs it, as execvp(3) and every shell do.
  std::vector<const char*> command{"/bin/sh"};
  for (const char* const* word = spec.command; *word != nullptr; ++word) command.push_back(*word);
  command.push_back(nullptr);
  SpawnSpec through_shell = spec;
  through_shell.command = command.data();
  return try_spawn(through_shell, error);
}

Result<Process> Spawner::try_spawn(const SpawnSpec& spec, int& exec_error) {
  static const bool k_needs_ptracer = needs_ptracer();
  static const sigset_t k_changed_signals = changed_signals();
  ChildHalf half{&spec, k_needs_ptracer, &k_changed_signals};
  int pidfd = -1;
  pid_t pid = -1;
  int error = 0;
  {
    // No signal handler of ours may run in the child while it has our memory.
    const BlockedSignals blocked;
    take_mark(spec.mark);
    pid = ::clone(run_child_half, static_cast<char*>(stack_) + k_stack_size, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &half, &pidfd);
    error = errno;
  }
  if (pid < 0) return fail(fmt::format("Unable to start a process: {}", std::generic_category().message(error)));
  Process process{pid, UniqueFd(pidfd)};
  if (half.step == Step::none) return process;
  ::waitpid(pid, nullptr, 0);
  if (half.step == Step::executing) exec_error = half.error;
  return tl::unexpected(describe(half));
}

std::vector<const char*> exec_array(const std::vector<std::string>& words, const std::vector<std::string>& more) {
  std::vector<const char*> array;
  array.reserve(words.size() + more.size() + 1);
  for (const std::string& word : words) array.push_back(word.c_str());
  for (const std::string& word : more) array.push_back(word.c_str());
  array.push_back(nullptr);
  return array;
}

}  // namespace ptests
