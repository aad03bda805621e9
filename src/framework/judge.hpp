#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/outcome.hpp"

namespace ptests {

/// Why a process was ended before it ended by itself, if it was.
struct Ended {
  enum class By : std::uint8_t {
    itself,
    limit,      ///< `limit` was exceeded, whoever enforced it
    interrupt,  ///< the run was interrupted
  };
  By by = By::itself;
  LimitKind limit = LimitKind::timeout;
  double measured = 0;  ///< in the limit's unit; 0 = not known; of a timeout, the one that was in force
};

/// Whether one of `regexes` is found in one of the files.
bool output_matches(const std::vector<std::string>& regexes, const std::vector<std::string>& output_files);

/// What the end of a test's process means, as CTest decides it: PASS_, FAIL_ and SKIP_REGULAR_EXPRESSION over the merged
/// output (each file by itself, where stdout and stderr are kept apart), then SKIP_RETURN_CODE, then exit code against WILL_FAIL; a matched
/// PASS_REGULAR_EXPRESSION ignores the exit code; WILL_FAIL never turns a crash or a limit into a pass. The output is read only when a
/// regular expression wants it, and of a program that speaks TAP: what that says counts as its exit code does. Source: cmake-properties(7),
/// "Properties on Tests"; behaviour of ctest 3.25.
Outcome judge(const Test& test, const ExitStatus& exit, const Ended& ended, const std::vector<std::string>& output_files);

}  // namespace ptests
