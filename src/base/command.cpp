#include "base/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

namespace {

std::string read_from_start(int fd) {
  std::string text;
  char buffer[16384];
  off_t offset = 0;
  ssize_t n = 0;
  while ((n = ::pread(fd, buffer, sizeof buffer, offset)) > 0) {
    text.append(buffer, static_cast<std::size_t>(n));
    offset += n;
  }
  return text;
}

}  // namespace

Result<CommandOutput> run_command(const std::vector<std::string>& command, const std::string& working_directory) {
  // Memory files, not pipes: nothing to drain, so nothing can block.
  const UniqueFd out(::memfd_create("out", MFD_CLOEXEC));
  const UniqueFd err(::memfd_create("err", MFD_CLOEXEC));
  if (!out || !err) return fail(fmt::format("running {}: {}", command[0], std::generic_category().message(errno)));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, working_directory.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.get(), 2);

  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(fmt::format("running {} in {}: {}", command[0], working_directory, std::generic_category().message(error)));

  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return CommandOutput{code, read_from_start(out.get()), read_from_start(err.get())};
}

bool is_executable_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> find_in_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  for (const std::string& directory : split(path == nullptr ? "" : path, ':'))
    if (const fs::path candidate = fs::path(directory) / name; is_executable_file(candidate)) return candidate.string();
  return std::nullopt;
}

}  // namespace ptests
