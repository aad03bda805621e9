#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/command.hpp"
#include "base/files.hpp"
#include "build/outer.hpp"
#include "build/tool.hpp"
#include "cli/cli.hpp"
#include "report/console.hpp"
#include "report/ctest_files.hpp"
#include "report/junit.hpp"
#include "report/multi.hpp"
#include "run/launch.hpp"
#include "run/runner.hpp"
#include "run/uv_executor.hpp"
#include "schedule/plan.hpp"
#include "suite/build_tree.hpp"

namespace ptests::cli {

namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall() override { return std::chrono::system_clock::now(); }
};

/// Our folder in the build directory, ours alone while the lock is held.
struct Workspace {
  fs::path directory;
  UniqueFd lock;
};

Result<Workspace> open_workspace(const std::string& build_directory) {
  Workspace workspace{fs::path(build_directory) / "paralleltests", UniqueFd()};
  if (Result<void> made = make_directories(workspace.directory / "logs"); !made) return tl::unexpected(made.error());
  const fs::path path = workspace.directory / "lock";
  workspace.lock = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!workspace.lock) return fail(describe_errno("opening", path, errno));
  if (::flock(workspace.lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(fmt::format("another ptests runs in {}", build_directory), "wait for it, or use another build directory");
  return workspace;
}

/// Build files older than CMakeLists.txt are made anew first, so that the manifest is the one of today.
Result<void> regenerate(const Options& options) {
  const Result<BuildTree> tree = read_cmake_cache(options.build_directory, options.configuration);
  if (!tree) return {};
  const CommandLine command = make_build_tool(*tree)->regenerate();
  const Result<CommandOutput> output = run_command(command, ".");
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return fail(fmt::format("configuring the project anew failed:\n{}{}", output->out, output->err));
  return {};
}

/// The manifests, brought up to date first when we build. A build tool that started us has done that.
Result<Manifests> current_manifests(const Options& options) {
  Manifests manifests = list_manifests(options.build_directory);
  const bool builds = options.build && !options.list && !options.from_build_tool;
  if (!builds || manifests.configurations.empty()) return manifests;
  if (const Result<void> done = regenerate(options); !done) return tl::unexpected(done.error());
  return update(std::move(manifests), options.build_directory);
}

bool use_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

MultiReporter make_reporters(const Options& options, const Workspace& workspace) {
  MultiReporter reporters;
  reporters.add(std::make_unique<Console>(ConsoleOptions{.write = print, .colour = use_colour()}));
  reporters.add(std::make_unique<CTestFiles>());
  const fs::path junit = options.junit.empty() ? workspace.directory / "junit.xml" : fs::absolute(options.junit);
  reporters.add(std::make_unique<JUnit>(JUnitOptions{.path = junit, .hostname = host_name()}));
  return reporters;
}

int exit_code_of(const RunSummary& summary) {
  if (summary.interrupted_by != 0) return 128 + summary.interrupted_by;
  if (summary.build_failed > 0 || summary.build_broken) return k_build_failed;
  return summary.failed > 0 ? k_tests_failed : k_passed;
}

int report_error(const Error& error, ExitCode code) {
  print_error(error);
  return code;
}

int run_selected(const Options& options, const Suite& suite, const std::vector<TestId>& selected, const Workspace& workspace) {
  Result<Plan> plan = Plan::make(suite, selected);
  if (!plan) return report_error(plan.error(), k_usage);
  Result<std::unique_ptr<UvExecutor>> executor = UvExecutor::create(suite.tree);
  if (!executor) return report_error(executor.error(), k_internal);

  RunOptions run_options;
  run_options.jobs = options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  run_options.build = options.build ? RunOptions::Build::yes : RunOptions::Build::no;
  run_options.log_paths = make_log_paths(suite, (workspace.directory / "logs").string());
  if (options.timeout) run_options.default_timeout = Seconds(*options.timeout);

  MultiReporter reporters = make_reporters(options, workspace);
  SystemClock clock;
  Runner runner(suite, std::move(*plan), **executor, reporters, clock, std::move(run_options));
  const Result<RunSummary> summary = runner.run(selected);
  const Result<void> written = reporters.finish();
  if (!summary) return report_error(summary.error(), k_internal);
  if (!written) return report_error(written.error(), k_internal);
  return exit_code_of(*summary);
}

}  // namespace

int run(Options options) {
  options.build_directory = absolute_build_directory(options.build_directory);
  if (options.from_build_tool)
    if (const Result<void> alone = refuse_other_goals(options.build_directory); !alone) return report_error(alone.error(), k_usage);
  const Result<Manifests> manifests = current_manifests(options);
  if (!manifests) return report_error(manifests.error(), k_build_failed);
  const Result<Suite> suite = load_suite(options, *manifests);
  if (!suite) return report_error(suite.error(), k_usage);
  const Result<Selected> selected = select(*suite, options.selection);
  if (!selected) return report_error(selected.error(), k_usage);
  if (selected->tests.empty()) return report_error(selected->why_none, k_no_tests);
  if (options.list) return list(*suite, selected->tests, options.format);

  const Result<Workspace> workspace = open_workspace(suite->tree.build_directory);
  if (!workspace) return report_error(workspace.error(), k_usage);
  return run_selected(options, *suite, selected->tests, *workspace);
}

}  // namespace ptests::cli
