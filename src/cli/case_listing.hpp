#pragma once

#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/task.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// Tests in whose place stand those of their cases that are chosen.
struct CaseListing {
  Suite suite;
  std::vector<TestId> tests;  ///< of it
  int code = k_passed;  ///< k_tests_failed when an executable could not tell its cases: a warning has said why; 128 + a signal's number
};

/// Asks the executables whose cases are not known, `options.jobs` at a time. One that is not built stays as it is, which a warning says.
/// Nothing is built, and no report of an earlier run is touched; a run may be on in the same build directory.
Result<CaseListing> list_cases(const Options& options, const Suite& suite, const Chosen& chosen);

}  // namespace ptests::cli
