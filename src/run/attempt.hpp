#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/fact.hpp"
#include "framework/judge.hpp"
#include "process/share.hpp"
#include "schedule/resources.hpp"

namespace ptests {

/// One running test, from its start to its result.
struct Attempt {
  enum class State : std::uint8_t {
    running,
    tracing,       ///< out of time; a debugger reads its stacks
    terminating,   ///< it got its signal and has its grace
    killed,        ///< everything of it gets SIGKILL
    draining,      ///< its process ended; others it started have LEAK_GRACE to end
    reading_core,  ///< it crashed; a debugger reads the core dump
  };
  using Time = std::chrono::steady_clock::time_point;

  Attempt(Lease of_test, int in_slot) : lease(std::move(of_test)), slot(in_slot) {}

  Lease lease;
  MachineShare::Hold shared;
  int slot;
  int number = 1;  ///< 1 = the first
  State state = State::running;
  Ended ended;
  bool is_shed = false;  ///< killed to protect the machine: no result, it runs again
  Time started;
  std::chrono::system_clock::time_point started_wall;
  Time clock_from;                 ///< what the timeout counts from; later when the clock stood still
  Seconds timeout{};               ///< 0 = none
  bool awaits_match = false;       ///< TIMEOUT_AFTER_MATCH has not matched yet
  std::uint64_t matched_size = 0;  ///< bytes of output looked at for it
  std::string log;                 ///< path of its output
  std::string executable;
  Seconds duration{};               ///< until its process ended
  std::optional<ChildExited> exit;  ///< its process ended
  std::vector<ProcessInfo> left;
  std::string stacks;
  std::string core_file;
};

}  // namespace ptests
