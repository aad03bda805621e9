#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/launch.hpp"
#include "core/suite.hpp"

namespace ptests {

/// How `test` is to be started, or why it cannot be: a required file or the executable is missing (CTest's words).
Result<LaunchSpec> make_launch(const Test& test, std::string output_file);

/// `base` with ENVIRONMENT and then ENVIRONMENT_MODIFICATION applied. Source: cmake-properties(7).
std::vector<std::string> apply_environment(const std::vector<std::string>& base, const Test& test);

/// A log file for each test of the suite, in `directory`, different for different tests even when their names are the same.
std::vector<std::string> make_log_paths(const Suite& suite, const std::string& directory);

}  // namespace ptests
