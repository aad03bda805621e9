#pragma once

#include <string>
#include <variant>

#include "core/launch.hpp"

namespace ptests {

/// Index of a test in Suite::tests.
using TestId = std::size_t;

/// What happened outside, as the Executor tells it. Facts carry no decision.
struct ChildExited {
  TestId test = 0;
  ExitStatus status;
  Usage usage;
};
struct TimerFired {
  TestId test = 0;
};
/// A signal for us: SIGINT, SIGTERM or SIGHUP.
struct SignalArrived {
  int number = 0;
};
/// A line the build tool printed.
struct BuildPrinted {
  std::string line;
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

using Fact = std::variant<ChildExited, TimerFired, SignalArrived, BuildPrinted, TargetBuilt, TargetFailed, BuildEnded>;

}  // namespace ptests
