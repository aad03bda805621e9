#include "build/driver.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

namespace ptests {

namespace {

constexpr auto k_look = std::chrono::milliseconds(50);

}  // namespace

std::vector<std::string> build_environment(const std::vector<std::string>& more) {
  // MAKEFLAGS would name a jobserver we do not have; NINJA_STATUS would change the lines we read; make's words must be English.
  constexpr std::array<std::string_view, 10> k_dropped{"PTESTS_BUILD_SOCKET=",
                                                       "PTESTS_BUILD_LAUNCHER=",
                                                       "PTESTS_BUILD_DIRECTORY=",
                                                       "MAKEFLAGS=",
                                                       "MFLAGS=",
                                                       "MAKELEVEL=",
                                                       "NINJA_STATUS=",
                                                       "LC_ALL=",
                                                       "LC_MESSAGES=",
                                                       "LANGUAGE="};
  std::vector<std::string> result = more;
  const auto is_replaced = [&](std::string_view text) {
    const std::string_view name = text.substr(0, text.find('=') + 1);
    return std::any_of(more.begin(), more.end(), [&](const std::string& word) { return word.starts_with(name); });
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool is_dropped = std::any_of(k_dropped.begin(), k_dropped.end(), [&](std::string_view name) { return text.starts_with(name); });
    if (!is_dropped && !is_replaced(text)) result.emplace_back(text);
  }
  result.emplace_back("LC_ALL=C.UTF-8");
  return result;
}

BuildDriver::BuildDriver(uv::Loop& loop, Spawner& spawner, const BuildTree& tree, Sink sink)
    : loop_(&loop), spawner_(&spawner), tree_(&tree), sink_(std::move(sink)) {}

BuildDriver::~BuildDriver() {
  if (!process_.pidfd) return;
  stop(SIGKILL);
  ::waitpid(process_.pid, nullptr, 0);
}

Result<void> BuildDriver::start(const BuildRequest& request, const std::optional<ProcessLimit>& mark, PipeEnds output) {
  request_ = request;
  waiting_ = {request.targets.begin(), request.targets.end()};
  tool_ = make_build_tool(*tree_);
  const std::optional<BuildPreview> preview = tool_->prepare(request_);
  const bool has_work = !preview || preview->commands > 0;
  if (has_work) {
    if (Result<void> started = spawn(mark, std::move(output)); !started) return started;
    watch_progress();
  }
  if (preview) {
    sink_(BuildPlanned{preview->commands});
    tell_built(preview->up_to_date);
  }
  if (!has_work) sink_(BuildEnded{0, ""});
  return {};
}

Result<void> BuildDriver::spawn(const std::optional<ProcessLimit>& mark, PipeEnds output) {
  if (!output.reading) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(fmt::format("starting the build: {}", std::generic_category().message(errno)));
    output = {UniqueFd(ends[0]), UniqueFd(ends[1])};
    ::fcntl(output.reading.get(), F_SETFL, O_NONBLOCK);
  }
  output_ = std::move(output.reading);
  const UniqueFd write_end = std::move(output.writing);
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));

  const CommandLine words = tool_->build(request_);
  const std::vector<std::string> variables = build_environment(request_.environment);
  const std::vector<const char*> command = exec_array(words);
  const std::vector<const char*> environment = exec_array(variables);
  Result<Process> process = spawner_->spawn({.command = command.data(),
                                             .environment = environment.data(),
                                             .stdin_fd = null.get(),
                                             .stdout_fd = write_end.get(),
                                             .stderr_fd = write_end.get(),
                                             .mark = mark});
  if (!process) return tl::unexpected(process.error());
  process_ = std::move(*process);
  output_poll_ = uv::Poll(*loop_, output_.get(), [this] { process_.pidfd ? read_output() : drop_output(); });
  exit_poll_ = uv::Poll(*loop_, process_.pidfd.get(), [this] { on_exit(); });
  return {};
}

void BuildDriver::watch_progress() {
  const fs::path file = tool_->progress_file();
  if (file.empty()) return;
  const auto look = [this] { tell_built(tool_->take_built()); };
  progress_event_ = uv::FsEvent(*loop_, file.parent_path().string(), file.filename().string(), look);
  if (progress_event_) return;
  progress_timer_ = uv::Timer(*loop_, [this, look] {
    look();
    progress_timer_.start(k_look);
  });
  progress_timer_.start(k_look);
}

void BuildDriver::tell_built(const std::vector<std::string>& targets) {
  for (const std::string& target : targets)
    if (waiting_.erase(target) > 0) sink_(TargetBuilt{target});
}

void BuildDriver::linked(const std::string& target) {
  if (waiting_.contains(target) && tool_->is_ready_when_linked(target)) tell_built({target});
}

void BuildDriver::stop(int signal_number) {
  if (!process_.pidfd) return;
  stopped_ = true;
  ::kill(-process_.pid, signal_number);
}

void BuildDriver::read_output() {
  std::array<char, 16384> buffer{};
  ssize_t n = 0;
  while ((n = ::read(output_.get(), buffer.data(), buffer.size())) > 0) {
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
    for (std::size_t end = 0; (end = bytes.find('\n')) != bytes.npos; bytes.remove_prefix(end + 1)) {
      partial_line_ += bytes.substr(0, end);
      on_line(std::exchange(partial_line_, {}));
    }
    partial_line_ += bytes;
  }
  if (n == 0) output_poll_.close();
  tell_built(tool_->take_built());
}

/// Who still prints when the build is over is not to wait until somebody reads, and not to die of it.
void BuildDriver::drop_output() {
  std::array<char, 16384> buffer{};
  if (::read(output_.get(), buffer.data(), buffer.size()) == 0) output_poll_.close();
}

void BuildDriver::on_line(std::string_view line) {
  tool_->on_line(line);
  sink_(BuildPrinted{std::string(line), tool_->is_progress(line)});
}

void BuildDriver::on_exit() {
  // What a daemon it left behind may still print is not waited for.
  read_output();
  if (!partial_line_.empty()) on_line(std::exchange(partial_line_, {}));
  int status = 0;
  ::waitpid(process_.pid, &status, 0);
  exit_poll_.close();
  progress_event_.close();
  progress_timer_.close();
  process_ = {};
  const int exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  tell_built(tool_->take_built());
  tell_targets(exit_code);
  sink_(BuildEnded{exit_code, ""});
}

void BuildDriver::tell_targets(int exit_code) {
  if (stopped_) return;
  if (exit_code != 0) {
    const BuildRequest open{{waiting_.begin(), waiting_.end()}, request_.jobs, {}};
    for (TargetFailed& failure : tool_->failures(open))
      if (waiting_.erase(failure.target) > 0) sink_(std::move(failure));
    if (tool_->tells_all_built() || !tool_->came_to_its_end(exit_code))
      for (const std::string& target : std::exchange(waiting_, {}))
        sink_(TargetFailed{target, "The build tool ended before it had made this.\n"});
  }
  tell_built(request_.targets);
}

}  // namespace ptests
