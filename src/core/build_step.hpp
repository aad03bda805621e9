#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/outcome.hpp"

namespace ptests {

/// One command of the build that a launcher of ours runs; unique within a run.
using StepId = std::uint64_t;

/// A compiler's or linker's command that waits to be run.
struct BuildStep {
  enum class Kind : std::uint8_t { compile, link };
  std::string target;  ///< CMake's name of the target it belongs to
  Kind kind = Kind::compile;
  std::string language;  ///< CMake's: "CXX", "C"
  std::string output;    ///< the file it makes, as its command names it (behind -o); "" when it names none
  std::string source;    ///< the file it compiles (behind -c); "" for a link
  std::string command;   ///< as a person would type it in a shell
};

/// "compile", "link".
constexpr std::string_view kind_name(BuildStep::Kind kind) { return kind == BuildStep::Kind::link ? "link" : "compile"; }

/// What became of a step.
struct StepResult {
  ExitStatus exit;
  Usage usage;                         ///< of the command and all it started; `peak_rss_bytes` of the largest process
  Seconds duration{};                  ///< from its start to its end
  std::string output;                  ///< what it printed, stdout and stderr in order; long output without its middle
  int warnings = 0;                    ///< of the compiler and linker
  std::optional<LimitKind> limit_hit;  ///< what the command was killed for: memory or timeout
  bool is_lost = false;                ///< its launcher went without a word: nothing else of this is known
};

}  // namespace ptests
