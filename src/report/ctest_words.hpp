#pragma once

#include <chrono>
#include <string>

#include "core/outcome.hpp"

namespace ptests {

/// CTest's words for an outcome, and words in their manner for outcomes CTest does not know. Source: output of ctest 3.25.
/// In a result line: "   Passed  ", "***Failed  ", "***Exception: SegFault", "***Not Run (Disabled) ", "***Memory limit ".
std::string result_column(const TestResult& result);
/// In the list at the end: "Failed", "SEGFAULT", "Timeout", "Not Run", "Disabled", "Leaked".
std::string list_word(const TestResult& result);
/// Whether CTest would call it passed: a leaked one too, but none that was skipped.
bool counts_as_passed(Status status);

/// "Nov 21 04:43 UTC" in the local time zone.
std::string short_time(std::chrono::system_clock::time_point time);
/// "2026-11-21T04:43:27" in UTC.
std::string iso_time(std::chrono::system_clock::time_point time);

/// How many columns the decimal number takes.
int decimal_width(int number);

}  // namespace ptests
