#include "run/debugger.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/files.hpp"
#include "process/stacks.hpp"

namespace ptests {

namespace {

constexpr auto k_longest = std::chrono::seconds(10);
constexpr std::size_t k_most_output = std::size_t{256} * 1024;

}  // namespace

std::unique_ptr<Debugger> Debugger::start(uv::Loop& loop, Spawner& spawner, const std::vector<std::string>& command, std::string output,
                                          Done done) {
  if (command.empty()) return nullptr;
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd file(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!null || !file) return nullptr;
  const std::vector<const char*> words = exec_array(command);
  Result<Process> process = spawner.spawn(
      {.command = words.data(), .environment = environ, .stdin_fd = null.get(), .stdout_fd = file.get(), .stderr_fd = file.get()});
  if (!process) return nullptr;
  std::unique_ptr<Debugger> debugger(new Debugger(std::move(*process), std::move(output), std::move(done)));
  Debugger* const self = debugger.get();
  self->exit_poll_ = uv::Poll(loop, self->process_.pidfd.get(), [self] { self->on_exit(); });
  self->timer_ = uv::Timer(loop, [self] { ::kill(-self->process_.pid, SIGKILL); });
  self->timer_.start(k_longest);
  return debugger;
}

void Debugger::on_exit() {
  ::kill(-process_.pid, SIGKILL);
  ::waitpid(process_.pid, nullptr, 0);
  exit_poll_.close();
  process_.pidfd.reset();
  timer_.close();
  const Result<std::string> output = read_ends(output_, k_most_output);
  // May destroy this object: nothing follows it.
  const Done done = std::move(done_);
  done(output ? clean_stacks(*output) : "");
}

Debugger::~Debugger() {
  if (process_.pidfd) {
    ::kill(-process_.pid, SIGKILL);
    ::waitpid(process_.pid, nullptr, 0);
  }
  ::unlink(output_.c_str());
}

}  // namespace ptests
