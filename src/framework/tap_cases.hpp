#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/outcome.hpp"
#include "core/test_case.hpp"
#include "framework/tap.hpp"

namespace ptests {

/// The stream in a file.
Result<TapStream> read_tap(const std::string& file);

/// The points as test cases, under unique names: "description", or its number where it has none; "description of its parent/..." in a
/// subtest.
std::vector<TestCase> tap_cases(const TapStream& stream);

/// Why a program failed that exited with `exit_code`, whatever its points say: bail out, plan, exit code; nothing when it did not.
std::optional<std::string> tap_fault(const TapStream& stream, int exit_code);

/// What the end of that program means: tap_fault(), points that failed, or that all of it is skipped.
Outcome judge_tap(const TapStream& stream, int exit_code);

}  // namespace ptests
