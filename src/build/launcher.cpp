#include "build/launcher.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "base/unique_fd.hpp"
#include "build/launch_message.hpp"

namespace ptests {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int k_bad_usage = 2;
constexpr int k_not_executable = 126;  // as shells have it
constexpr int k_not_found = 127;
constexpr std::size_t k_most_output = std::size_t{16} * 1024 * 1024;
constexpr std::size_t k_piece = std::size_t{64} * 1024;
constexpr std::size_t k_most_in_pipe = std::size_t{1024} * 1024;  // what /proc/sys/fs/pipe-max-size lets a pipe hold
constexpr auto k_last_words = std::chrono::milliseconds(100);     // for what the command left running
constexpr auto k_own_end = std::chrono::milliseconds(500);        // for the command to end by a signal before we pass that on

constexpr std::string_view k_usage = "usage: ptests launch [--target=T] [--kind=compile|link] [--language=L] -- COMMAND...";

/// To stdout or stderr, which others may have made non-blocking. What cannot be written is lost, as for the command itself.
void write_out(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

void print_error(std::string_view message, std::string_view hint = {}) {
  write_out(STDERR_FILENO, fmt::format("ptests: error: launch: {}\n{}", message, hint.empty() ? "" : fmt::format("  hint: {}\n", hint)));
}

/// Nothing of ours may stand at 0, 1 or 2, even where these are closed: they become the command's.
UniqueFd away_from_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return UniqueFd(fd);
  const UniqueFd low(fd);
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// --- What we were asked for

struct Task {
  LaunchBegin begin;
  char** command = nullptr;
};

Result<Task> parse(int argc, char** argv) {
  Task task;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") {
      if (i + 1 == argc) return fail("no command behind --", std::string(k_usage));
      task.command = argv + i + 1;
      return task;
    }
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    const std::string value(word.substr(std::min(equals + 1, word.size())));
    if (name == "--target")
      task.begin.target = value;
    else if (name == "--language")
      task.begin.language = value;
    else if (name == "--kind" && (value == "compile" || value == "link"))
      task.begin.kind = value == "link" ? BuildStep::Kind::link : BuildStep::Kind::compile;
    else if (name == "--kind")
      return fail(fmt::format("{}: expected compile or link", word), std::string(k_usage));
    else
      return fail(fmt::format("unexpected \"{}\"", word), std::string(k_usage));
  }
  return fail("expected -- and a command", std::string(k_usage));
}

/// We become the command.
[[noreturn]] void become(char** command) {
  ::execvp(command[0], command);
  const int code = errno;
  print_error(fmt::format("Unable to start {}: {}", command[0], std::generic_category().message(code)));
  ::_exit(code == ENOENT || code == ENOTDIR ? k_not_found : k_not_executable);
}

// --- The other side

/// The ptests that runs the build. Once it is gone it answers nothing.
class Server {
 public:
  explicit Server(UniqueFd socket) : socket_(std::move(socket)) {}

  explicit operator bool() const { return static_cast<bool>(socket_); }
  int fd() const { return socket_.get(); }

  void tell(const LaunchMessage& message) {
    const Result<std::string> frame = encode(message);
    if (!frame) return socket_.reset();
    std::string_view bytes = *frame;
    while (socket_ && !bytes.empty()) {
      const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EINTR)
        socket_.reset();
    }
  }

  /// Blocks until there is something to read. Its next message, once that is complete; what we do not understand ends the talk.
  std::optional<LaunchMessage> read() {
    std::array<char, 4096> buffer{};
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) return std::nullopt;
    if (n > 0) {
      reader_.add({buffer.data(), static_cast<std::size_t>(n)});
      const Result<std::optional<std::string>> json = reader_.next();
      if (json && !*json) return std::nullopt;
      if (json)
        if (Result<LaunchMessage> message = decode_launch_message(**json)) return std::move(*message);
    }
    socket_.reset();
    return std::nullopt;
  }

 private:
  UniqueFd socket_;
  FrameReader reader_;
};

Server connect_to(const char* path) {
  const std::optional<sockaddr_un> address = socket_address(path);
  if (!address) return Server(UniqueFd());
  UniqueFd socket = away_from_standard(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) return Server(UniqueFd());
  return Server(std::move(socket));
}

// --- Signals

/// Lets us read the signals that would end us, and that of our child's end. What we were born to ignore, or not to hear, stays so.
class Signals {
 public:
  Signals() {
    ::sigprocmask(SIG_SETMASK, nullptr, &mask_before_);
    sigset_t read;
    ::sigemptyset(&read);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      struct sigaction action {};
      ::sigaction(number, nullptr, &action);
      if (action.sa_handler != SIG_IGN && ::sigismember(&mask_before_, number) == 0) ::sigaddset(&read, number);
    }
    // Children of a process that ignores it leave no status.
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &standard, &child_before_);
    ::sigaddset(&read, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &read, nullptr);
    fd_ = away_from_standard(::signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Signals() { restore(); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_.get(); }

  std::optional<signalfd_siginfo> take() const {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return std::nullopt;
    return info;
  }

  /// As it was before us.
  void restore() const {
    ::sigaction(SIGCHLD, &child_before_, nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  }

 private:
  UniqueFd fd_;
  sigset_t mask_before_{};
  struct sigaction child_before_ {};
};

/// By `number`, so that make and ninja see what happened; without a core dump, which the command has made already.
[[noreturn]] void end_by_signal(int number) {
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // A core_pattern that is a pipe knows no such limit.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::signal(number, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, number);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::kill(::getpid(), number);
  ::_exit(128 + number);
}

/// Whether, and how, we may start. Signals end us here as they end everybody.
std::optional<LaunchGo> wait_for_go(Server& server) {
  while (server) {
    const std::optional<LaunchMessage> message = server.read();
    if (!message) continue;
    if (const auto* go = std::get_if<LaunchGo>(&*message)) return *go;
    if (std::holds_alternative<LaunchStop>(*message)) end_by_signal(SIGINT);
    break;
  }
  return std::nullopt;
}

// --- The command

[[noreturn]] void run_child_half(char** command, const LaunchGo& go, int output, const Signals& signals, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(k_not_executable);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  for (const std::string& entrance : go.entrances) {
    const UniqueFd file(::open(entrance.c_str(), O_WRONLY | O_CLOEXEC));
    if (file && ::write(file.get(), "0", 1) == 1) continue;
    print_error(fmt::format("entering the cgroup of {}: {}", entrance, std::generic_category().message(errno)));
    ::_exit(k_not_executable);
  }
  signals.restore();
  become(command);
}

/// One run of the command, from its start to its end.
class Run {
 public:
  Run(const Signals& signals, int& ended_by) : signals_(&signals), ended_by_(&ended_by), output_(k_most_output) {}

  /// False when no process was to be had.
  bool start(char** command, const LaunchGo& go) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    pipe_ = away_from_standard(ends[0]);
    const UniqueFd write_end = away_from_standard(ends[1]);
    if (!pipe_ || !write_end) return false;
    ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
    const pid_t parent = ::getpid();
    started_ = Clock::now();
    child_ = ::fork();
    if (child_ == 0) run_child_half(command, go, write_end.get(), *signals_, parent);
    return child_ > 0;
  }

  void wait() {
    while (!has_ended_) {
      std::array<pollfd, 2> events{{{pipe_.get(), POLLIN, 0}, {signals_->fd(), POLLIN, 0}}};
      ::poll(events.data(), events.size(), milliseconds_until(pass_on_at_));
      if (pass_on_at_ && Clock::now() >= *pass_on_at_) pass_on();
      if (events[0].revents != 0) read_piece();
      if (events[1].revents != 0) read_signals();
    }
    read_rest();
  }

  const OutputEnds& output() const { return output_; }
  const StepResult& result() const { return result_; }

 private:
  static int milliseconds_until(const std::optional<Clock::time_point>& time) {
    if (!time) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*time - Clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(left, 0));
  }

  /// How many bytes there were; 0 when there are none now, and none will come once the pipe is closed.
  std::size_t read_piece() {
    std::array<char, k_piece> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
    const ssize_t n = ::read(pipe_.get(), buffer.data(), buffer.size());
    if (n > 0) {
      output_.add({buffer.data(), static_cast<std::size_t>(n)});
      return static_cast<std::size_t>(n);
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) pipe_.reset();
    return 0;
  }

  void read_signals() {
    while (const std::optional<signalfd_siginfo> signal = signals_->take()) {
      if (signal->ssi_signo == SIGCHLD) {
        take_end();
        continue;
      }
      *ended_by_ = static_cast<int>(signal->ssi_signo);
      // What the terminal sends goes to all; of what others sent nobody tells whether it was for the whole group.
      if (signal->ssi_code != SI_KERNEL) pass_on_at_ = Clock::now() + k_own_end;
    }
  }

  void pass_on() {
    ::kill(child_, *ended_by_);
    pass_on_at_.reset();
  }

  void take_end() {
    int status = 0;
    rusage usage{};
    if (has_ended_ || ::wait4(child_, &status, WNOHANG, &usage) != child_) return;
    has_ended_ = true;
    const bool signaled = WIFSIGNALED(status);
    result_.exit = {signaled ? ExitStatus::Kind::signaled : ExitStatus::Kind::exited, signaled ? WTERMSIG(status) : WEXITSTATUS(status),
                    signaled && WCOREDUMP(status)};
    result_.duration = Clock::now() - started_;
    const auto microseconds = [](const timeval& time) {
      return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    result_.usage.user = microseconds(usage.ru_utime);
    result_.usage.system = microseconds(usage.ru_stime);
    result_.usage.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  }

  /// What the command printed is in the pipe now. What it left running may hold that open for ever, and print.
  void read_rest() {
    const Clock::time_point until = Clock::now() + k_last_words;
    std::size_t read = 0;
    while (pipe_ && (read < k_most_in_pipe || Clock::now() < until)) {
      const std::size_t n = read_piece();
      read += n;
      if (n > 0 || !pipe_) continue;
      read = k_most_in_pipe;
      pollfd readable{pipe_.get(), POLLIN, 0};
      ::poll(&readable, 1, milliseconds_until(until));
    }
    pipe_.reset();
  }

  const Signals* signals_;
  int* ended_by_;  ///< the last signal that was to end us; 0 = none
  OutputEnds output_;
  StepResult result_;
  UniqueFd pipe_;
  pid_t child_ = -1;
  bool has_ended_ = false;
  Clock::time_point started_;
  std::optional<Clock::time_point> pass_on_at_;
};

/// The server's word about what ended: how to start once more, or nothing. A signal is an answer too.
std::optional<LaunchGo> wait_for_answer(Server& server, const Signals& signals, int& ended_by) {
  while (server && ended_by == 0) {
    std::array<pollfd, 2> events{{{server.fd(), POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    ::poll(events.data(), events.size(), -1);
    if (events[1].revents != 0)
      while (const std::optional<signalfd_siginfo> signal = signals.take())
        if (signal->ssi_signo != SIGCHLD) ended_by = static_cast<int>(signal->ssi_signo);
    if (events[0].revents == 0) continue;
    const std::optional<LaunchMessage> message = server.read();
    if (!message) continue;
    if (const auto* go = std::get_if<LaunchGo>(&*message)) return *go;
    break;
  }
  return std::nullopt;
}

/// The command as a child of ours, as often as the server wants it.
int run_for(Server& server, char** command, std::optional<LaunchGo> go) {
  int ended_by = 0;
  std::string output;
  ExitStatus exit;
  {
    const Signals signals;
    while (go) {
      Run run(signals, ended_by);
      if (signals.fd() < 0 || !run.start(command, *go)) {
        signals.restore();
        become(command);
      }
      run.wait();
      output = run.output().text(k_most_output);
      exit = run.result().exit;
      StepResult result = run.result();
      result.output = run.output().text(k_most_reported_output);
      result.warnings = count_warnings(output);
      server.tell(LaunchEnd{std::move(result)});
      go = wait_for_answer(server, signals, ended_by);
    }
  }
  write_out(STDOUT_FILENO, output);
  if (exit.kind == ExitStatus::Kind::signaled) end_by_signal(exit.code);
  if (ended_by != 0) end_by_signal(ended_by);
  return exit.code;
}

}  // namespace

int launch(int argc, char** argv) {
  Result<Task> task = parse(argc, argv);
  if (!task) {
    print_error(task.error().message, task.error().hint);
    return k_bad_usage;
  }
  const char* path = std::getenv(k_launch_socket_variable);
  if (path == nullptr) become(task->command);
  Server server = connect_to(path);
  // A launcher behind us (of a wrapper, of a build that the command runs) would ask for what we have been given.
  ::unsetenv(k_launch_socket_variable);
  if (server) {
    for (char** word = task->command; *word != nullptr; ++word) task->begin.command.emplace_back(*word);
    std::error_code error;
    task->begin.directory = std::filesystem::current_path(error).string();
    server.tell(std::move(task->begin));
  }
  std::optional<LaunchGo> go = wait_for_go(server);
  if (!go) become(task->command);
  return run_for(server, task->command, std::move(go));
}

}  // namespace ptests
