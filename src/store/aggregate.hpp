#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/history.hpp"

namespace ptests {

/// What the means of a test are of. The values stand in databases.
enum class MeanOf : std::uint8_t {
  nothing = 0,
  any_attempts = 1,  ///< none has passed so far
  passes = 2,
};

/// What is kept of a test from all its attempts so far.
struct Aggregate {
  TestHistory history;
  std::chrono::microseconds cpu_time{};  ///< mean, of the attempts that history.duration is of
  int changes = 0;                       ///< see TestRecord
  MeanOf mean_of = MeanOf::nothing;
  std::string peaks;           ///< "1048576 2097152": bytes; of the last ten runs, newest first
  std::int64_t peaks_run = 0;  ///< the run that the first of these is of
};

/// After one more attempt, in run number `run`. One that was interrupted tells nothing.
Aggregate with_attempt(Aggregate known, const TestResult& attempt, std::int64_t run);
/// After one more result of the test, whose attempts were added before. One that was interrupted leaves it outstanding.
Aggregate with_result(Aggregate known, const TestResult& result);

}  // namespace ptests
