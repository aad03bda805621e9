#pragma once

#include <sys/types.h>

#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/sweep.hpp"

namespace ptests {

struct GuardSpec {
  RunRemains remains;
  enum class Cgroups : std::uint8_t { none, some } cgroups = Cgroups::none;  ///< whether the run may make any
};

/// A small process of ours, in a session of its own, that sees our death (kill -9, out of memory) and then kills every tree of the run and
/// removes its cgroups and its temporary folder. It sleeps in one read(2) as long as we live.
class Guard {
 public:
  /// Before there are threads or an event loop, and while we are small: each page that both have is copied when we write to it.
  static Result<Guard> start();
  Guard(Guard&& other) noexcept;
  Guard& operator=(Guard&& other) noexcept;
  /// Tells it that all is well and waits for its end.
  ~Guard();

  /// What it is to remove from now on. Before that our death is none of its business.
  Result<void> protect(const GuardSpec& spec) const;
  pid_t pid() const { return pid_; }
  /// A process that must die with us: the leader of a test's group, or one that left its group. Costs no system call.
  void add(pid_t pid) const;
  void remove(pid_t pid) const;
  /// The leader of the build's group; 0 when none runs. It is asked to end first, with some time for it: a compiler that is killed leaves
  /// half an object behind, which make takes for a whole one.
  void set_build(pid_t pid) const;
  /// For what the build prints. The guard has its reading end too, which does not block: a build tool that is asked to end and finds nobody
  /// who reads is killed by SIGPIPE, before it has removed what is half made. Neither end is open when no descriptor was to be had.
  PipeEnds build_output() const;

 private:
  struct Table;
  Guard(pid_t pid, UniqueFd pipe, PipeEnds build_output, Table* table)
      : pid_(pid), pipe_(std::move(pipe)), build_output_(std::move(build_output)), table_(table) {}
  pid_t pid_ = -1;
  UniqueFd pipe_;
  PipeEnds build_output_;
  Table* table_ = nullptr;  ///< shared with it
};

}  // namespace ptests
