#pragma once

#include <string>

#include "core/build_step.hpp"

namespace ptests::unit {

inline BuildStep compiles(const std::string& target, const std::string& source) {
  return {target, BuildStep::Kind::compile, "CXX", target + ".dir/" + source + ".o", source, "c++ -c " + source};
}

inline BuildStep links(const std::string& target) {
  return {target, BuildStep::Kind::link, "CXX", "bin/" + target, "", "c++ -o bin/" + target};
}

/// A command that succeeded after `seconds`.
inline StepResult took(double seconds, std::uint64_t peak_rss_bytes = 0, int warnings = 0) {
  StepResult result;
  result.duration = Seconds(seconds);
  result.usage.peak_rss_bytes = peak_rss_bytes;
  result.warnings = warnings;
  return result;
}

inline StepResult failed_after(double seconds, ExitStatus exit = {ExitStatus::Kind::exited, 1}) {
  StepResult result = took(seconds);
  result.exit = exit;
  return result;
}

/// One whose launcher went without a word.
inline StepResult lost() {
  StepResult result;
  result.is_lost = true;
  return result;
}

/// A compiler or linker of a build, and how it ended.
struct Built {
  BuildStep what;
  StepResult result;
  int minute = 0;  ///< it began so long after FakeClock::k_start
};

}  // namespace ptests::unit
