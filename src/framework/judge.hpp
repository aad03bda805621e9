#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/outcome.hpp"

namespace ptests {

/// Why a process was ended by us, if it was.
enum class EndedBy { itself, timeout, interrupt };

/// Whether one of `regexes` is found in the file.
bool output_matches(const std::vector<std::string>& regexes, const std::string& output_file);

/// What the end of a test's process means, as CTest decides it: PASS_, FAIL_ and SKIP_REGULAR_EXPRESSION over the merged
/// output, then SKIP_RETURN_CODE, then exit code against WILL_FAIL; a matched PASS_REGULAR_EXPRESSION ignores the exit code;
/// WILL_FAIL never turns a crash or a timeout into a pass. The output is read only when a regular expression wants it.
/// Source: cmake-properties(7), "Properties on Tests"; behaviour of ctest 3.25.
Outcome judge(const Test& test, const ExitStatus& exit, EndedBy ended_by, const std::string& output_file);

}  // namespace ptests
