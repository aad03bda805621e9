#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// Documented in `ptests --help`. 128 + signal number when a signal interrupted the run.
enum ExitCode : int {
  k_passed = 0,
  k_tests_failed = 1,
  k_usage = 2,
  k_build_failed = 3,
  k_no_tests = 4,
  k_internal = 5,
};

/// Words in (without the program's name), exit code out.
int main(const std::vector<std::string>& words);

/// The subcommands.
int run(Options options);
int list(const Suite& suite, const std::vector<TestId>& selected, Format format);

/// `directory` ("" = the current one) as CMake writes it: absolute, no `/` at the end.
std::string absolute_build_directory(const std::string& directory);
/// Whether the CMake module was used in the build directory.
bool has_manifest(const std::string& build_directory);

/// The tests of the build directory: from the manifest, from CTest, or from both. An error is for exit code k_usage.
Result<Suite> load_suite(const Options& options);

/// "ptests: error: ...", "  hint: ..." on stderr.
void print_error(const Error& error);
void print(std::string_view text);

/// `suite` as `ctest --show-only=json-v1` prints it.
std::string to_ctest_json(const Suite& suite, const std::vector<TestId>& selected);

}  // namespace ptests::cli
