#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "core/event.hpp"
#include "core/fact.hpp"
#include "core/outcome.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// What is left of an interrupted run.
struct Resumed {
  std::string run_id;
  std::vector<TestId> tests;         ///< those without a result, with the set-up and clean-up tests of their fixtures; CTest's order
  std::vector<TestResult> kept;      ///< the results that count for the whole; `test` points into the suite or to `case_tests`
  std::vector<std::string> notices;  ///< tests that are there no longer, or were not there yet
  std::set<std::string> kept_cases;  ///< names of those test cases that have a result: they do not run again
  std::deque<Test> case_tests;       ///< of these: `kept` points at them
  std::optional<ShardPart> shard;    ///< which part of the tests the run has
};

/// From the journal of the last run in this build directory. Tests are known by their names. An attempt that was interrupted, and a build
/// that failed, are no results. When it was of all tests, those that came since are named; else nobody knows which these are.
/// An error when that run is complete, when it ended before it began with tests, or when there was none.
Result<Resumed> resume_run(const Suite& suite, const fs::path& events_jsonl);

/// What is to be said of tests that failed or had no result in the last run in this build directory, and are there no longer; "" when
/// there are none.
std::string describe_gone_failures(const Suite& suite, const fs::path& events_jsonl);

/// What a run has left to do during which CMake configured the project anew: of `selected`, and of the tests of that run, those without a
/// result and those that are not what was run: another command, environment or expectation than the test of that name in `before`, or a
/// target that is not among `up_to_date` (nothing = the build tool cannot tell). No tests when the change is of no consequence.
Result<Resumed> resume_reconfigured(const Suite& suite, const Suite& before, const std::vector<TestId>& selected,
                                    const std::optional<std::set<std::string>>& up_to_date, const fs::path& events_jsonl);

}  // namespace ptests::cli
