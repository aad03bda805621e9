#pragma once

#include <sched.h>
#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/support.hpp"

namespace ptests {

/// A process we started, leader of a process group of its own.
struct Process {
  pid_t pid = 0;
  UniqueFd pidfd;  ///< readable when the process has ended
};

/// What the child's half needs; every pointer outlives the call.
struct SpawnSpec {
  const char* const* command = nullptr;      ///< null-terminated; command[0] is a path
  const char* const* environment = nullptr;  ///< null-terminated
  const char* working_directory = nullptr;   ///< nullptr: ours
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
  enum class Session { group, terminal } session = Session::group;  ///< terminal: a session of its own, on the terminal that stdout is
  std::span<const UniqueFd> cgroups = {};                           ///< open cgroup.procs files to enter
  std::optional<ProcessLimit> mark = std::nullopt;                  ///< what tells whose it is (mark.hpp)
  std::span<const ProcessLimit> limits = {};
  int nice = 0;                           ///< added to ours
  const cpu_set_t* processors = nullptr;  ///< nullptr: ours
};

/// Starts processes by a vfork-like clone: the child borrows our memory until it execs, so the cost does not grow with our
/// size, and the pidfd comes in the same call. One at a time; not for use from several threads.
class Spawner {
 public:
  static Result<Spawner> create();
  Spawner(Spawner&& other) noexcept;
  Spawner& operator=(Spawner&& other) noexcept;
  ~Spawner();

  /// An error names what failed in the child before its exec ("changing to /x", "executing /y") and why.
  Result<Process> spawn(const SpawnSpec& spec);

 private:
  Result<Process> try_spawn(const SpawnSpec& spec, int& exec_error);

  explicit Spawner(void* stack) : stack_(stack) {}
  void* stack_;  ///< for the child's half
};

/// `words`, then `more`, as exec wants them.
std::vector<const char*> exec_array(const std::vector<std::string>& words, const std::vector<std::string>& more = {});

}  // namespace ptests
