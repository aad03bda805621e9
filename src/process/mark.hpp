#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "process/support.hpp"

namespace ptests {

/// A mark that every process of a test carries, wherever it goes: its soft RLIMIT_RTTIME, of which only the lowest bits differ from "no
/// limit" (it is read as 146,000 years). Limits pass through fork, setsid and exec, with whatever environment, and anybody may read them
/// in /proc/PID/limits; a test that clears its environment and becomes a daemon is found by it all the same.
struct Mark {
  std::uint32_t run = 0;     ///< tells runs apart
  std::uint32_t serial = 0;  ///< 0 = the build, else a start of a test; 24 bits
  bool operator==(const Mark&) const = default;
};

/// The run's part, from own_identity() of its maker.
std::uint32_t run_mark(const std::string& identity);
/// To be set in the child. Nothing where a hard limit stands against it.
std::optional<ProcessLimit> mark_limit(Mark mark);
/// The mark in the text of a /proc/PID/limits.
std::optional<Mark> parse_mark(std::string_view limits);

}  // namespace ptests
