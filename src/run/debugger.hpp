#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/uv.hpp"
#include "process/spawn.hpp"

namespace ptests {

/// One run of a debugger that prints stacks, bounded in time.
class Debugger {
 public:
  using Done = std::function<void(std::string stacks)>;
  /// Starts `command` (from process/stacks.hpp), its output in the file `output`, which is removed at the end. `done` is called
  /// once, from the loop; never before this returns. Nothing is returned when it could not be started.
  static std::unique_ptr<Debugger> start(uv::Loop& loop, Spawner& spawner, const std::vector<std::string>& command, std::string output,
                                         Done done);
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;
  /// Kills it if it still runs.
  ~Debugger();

  pid_t pid() const { return process_.pid; }

 private:
  Debugger(Process process, std::string output, Done done)
      : process_(std::move(process)), output_(std::move(output)), done_(std::move(done)) {}
  void on_exit();

  Process process_;
  std::string output_;
  Done done_;
  uv::Poll exit_poll_;
  uv::Timer timer_;
};

}  // namespace ptests
