#pragma once

#include <future>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "cli/options.hpp"
#include "core/suite.hpp"
#include "suite/annotations.hpp"
#include "suite/manifest.hpp"

namespace ptests::cli {

/// Documented in `ptests --help`. 128 + signal number when a signal interrupted the run.
enum ExitCode : int {
  k_passed = 0,
  k_tests_failed = 1,
  k_usage = 2,
  k_build_failed = 3,
  k_no_tests = 4,
  k_internal = 5,
  k_stopped = 42,  ///< stopped to protect the machine; can be resumed
};

/// Words in (without the program's name), exit code out.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(const std::vector<std::string>& words);

/// How tests are listed.
struct ListOptions {
  Format format = Format::human;
  /// Shows each test's level, priority and tags, and what its sources say; nullptr = not.
  const SourceAnnotations* tags = nullptr;
};

/// The subcommands.
int run(Options options);
int list(const Suite& suite, const std::vector<TestId>& selected, const ListOptions& options);
/// The runs that are recorded.
int history(const std::vector<std::string>& words);
/// The tests that are first by some figure of their history.
int stats(const std::vector<std::string>& words);
/// Which tests are known to fail: adds one, removes one, lists them.
int quarantine(const std::vector<std::string>& words);
/// One report of the journals of several runs, `options.selection.globs`.
int merge(Options options);
/// What this machine can enforce and how to get more. Always k_passed.
int doctor(const Options& options);

/// `directory` ("" = the current one) as CMake writes it: absolute, no `/` at the end.
std::string absolute_build_directory(const std::string& directory);

/// The manifests of a build directory, as they were when its folder was listed.
struct Manifests {
  /// Sorted; "" for the one without a name. Empty when the CMake module was not used.
  std::vector<std::string> configurations;
  fs::file_time_type folder_changed;
  fs::file_time_type written;  ///< the latest of them
};
Manifests list_manifests(const std::string& build_directory);
/// `known`, listed anew only when the folder has changed since.
Manifests update(Manifests known, const std::string& build_directory);

/// Reads the one that load_suite() will want, in a thread, while something else goes on. Nothing (not valid) when none is wanted.
std::future<Result<Manifest>> read_ahead(const Options& options, const Manifests& manifests);
/// The tests of the build directory: from one of its manifests, from CTest, or from both. `ahead`: that manifest, when it was read before.
/// An error is for exit code k_usage.
Result<Suite> load_suite(const Options& options, const Manifests& manifests, std::future<Result<Manifest>> ahead = {});

/// "ptests: error: ...", "  hint: ..." on stderr.
void print_error(const Error& error);
/// The same; returns `code`.
int report_error(const Error& error, ExitCode code);
void print(std::string_view text);
/// "ptests: warning: ..." on stderr.
void print_warning(std::string_view text);

/// `suite` as `ctest --show-only=json-v1` prints it.
std::string to_ctest_json(const Suite& suite, const std::vector<TestId>& selected);

}  // namespace ptests::cli
