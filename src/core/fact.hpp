#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/build_step.hpp"
#include "core/launch.hpp"
#include "core/machine.hpp"

namespace ptests {

/// Index of a test in Suite::tests.
using TestId = std::size_t;

/// What happened outside, as the Executor tells it. Facts carry no decision.
/// The test's own process has ended.
struct ChildExited {
  TestId test = 0;
  ExitStatus status;
  Usage usage;
  bool left_processes = false;  ///< others it started live on: TreeEnded follows when the last of them is gone
  int pid = 0;
  std::optional<LimitKind> limit_hit;  ///< a limit that the kernel enforced on it
  std::uint64_t output_size = 0;       ///< bytes in its log
};
struct TreeEnded {
  TestId test = 0;
  std::optional<LimitKind> limit_hit;  ///< a limit that the kernel enforced on what was left
  std::uint64_t output_size = 0;       ///< bytes in its log, with what was added since ChildExited
};
/// The tree was found above one of its limits; it still runs.
struct LimitExceeded {
  TestId test = 0;
  LimitKind kind = LimitKind::memory;
  double measured = 0;
};
/// A running test needs no processor for now, or needs one again.
struct SleepChanged {
  TestId test = 0;
  bool is_asleep = false;
};
struct TimerFired {
  TestId test = 0;
};
/// The alarm that was set.
struct AlarmRang {};
/// The stacks of all threads of a test, as a debugger shows them; or why there are none.
struct StacksTaken {
  TestId test = 0;
  std::string text;
};
/// A signal for us: one that ends the run, SIGTSTP (we are to stop), SIGCONT (we go on) or SIGUSR1 (somebody asks what runs).
struct SignalArrived {
  int number = 0;
};
/// How the machine is doing; comes about every second while tests run.
struct MachineSampled {
  MachineState state;
};
/// A build in a test may have given back a processor that was waited for.
struct TokenReturned {};
/// How much there is to build, when the tool told that beforehand.
struct BuildPlanned {
  int commands = 0;  ///< that would run, custom commands included
};
/// A launcher of the build waits to be told to run its command.
struct StepWanted {
  StepId step = 0;
  BuildStep what;
};
/// One that was wanted has ended, or went away while it waited.
struct StepEnded {
  StepId step = 0;
  StepResult result;
};
/// A line the build tool printed.
struct BuildPrinted {
  std::string line;
  bool is_progress = false;  ///< only tells how far the build is
};
/// A wanted target is up to date: what needs it may start.
struct TargetBuilt {
  std::string target;
};
/// A wanted target was not built; `output` is what the failing commands printed.
struct TargetFailed {
  std::string target;
  std::string output;
};
/// The build is over; every wanted target had its TargetBuilt or TargetFailed. `error` says why, when the tool could not even try.
struct BuildEnded {
  int exit_code = 0;
  std::string error;
};

using Fact =
    std::variant<ChildExited, TreeEnded, LimitExceeded, SleepChanged, TimerFired, AlarmRang, StacksTaken, SignalArrived, MachineSampled,
                 TokenReturned, BuildPlanned, StepWanted, StepEnded, BuildPrinted, TargetBuilt, TargetFailed, BuildEnded>;

}  // namespace ptests
