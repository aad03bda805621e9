#include <fmt/format.h>

#include <future>
#include <optional>
#include <string>

#include "base/command.hpp"
#include "build/outer.hpp"
#include "build/tool.hpp"
#include "cli/case_choice.hpp"
#include "cli/case_listing.hpp"
#include "cli/cli.hpp"
#include "cli/defaults.hpp"
#include "cli/drive.hpp"
#include "cli/recall.hpp"
#include "cli/task.hpp"
#include "cli/terminal.hpp"
#include "cli/tool_version.hpp"
#include "cli/workspace.hpp"
#include "process/jobserver.hpp"
#include "suite/annotations.hpp"
#include "suite/build_tree.hpp"

namespace ptests::cli {

namespace {

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

struct Loaded {
  Manifests manifests;
  Suite suite;
  SourceAnnotations annotations;
};

/// The tests, of manifests that are brought up to date first when we build. A build tool that started us has done that.
tl::expected<Loaded, Refused> load_current(const Options& options) {
  Manifests manifests = list_manifests(options.build_directory);
  const bool builds = options.build && !options.list && !options.from_build_tool;
  std::future<Result<Manifest>> ahead;
  if (builds && !manifests.configurations.empty()) {
    // As a rule there is nothing to do, which takes a build tool as long as it takes to read a thousand tests.
    ahead = read_ahead(options, manifests);
    if (const Result<void> done = regenerate(options); !done) return tl::unexpected(Refused{done.error(), k_build_failed});
    const Manifests now = update(manifests, options.build_directory);
    if (now.folder_changed != manifests.folder_changed) ahead = {};
    manifests = now;
  }
  Result<Suite> suite = load_suite(options, manifests, std::move(ahead));
  if (!suite) return tl::unexpected(Refused{suite.error(), k_usage});
  SourceAnnotations annotations = apply_annotations(*suite);
  for (const std::string& text : annotations.warnings) print_warning(text);
  return Loaded{std::move(manifests), std::move(*suite), std::move(annotations)};
}

bool serves_jobs(const Options& options, const BuildTree& tree) {
  if (options.jobserver != JobserverMode::automatic) return options.jobserver == JobserverMode::on;
  const fs::path folder = fs::path(options.build_directory) / "paralleltests";
  const std::optional<std::string> make = tool_version("make", folder / "make-version.txt");
  if (make) return tools_know_fifo(make, std::nullopt);
  const bool has_ninja = tree.generator.starts_with("Ninja") && !tree.build_tool.empty();
  return tools_know_fifo(make, tool_version(has_ninja ? tree.build_tool : "ninja", folder / "ninja-version.txt"));
}

/// The tests that are new or different since CMake configured the project anew while the last drive, which ended with `code`, was on:
/// the build tool, an IDE or somebody else started it. They are run too, with reports of the whole.
int go_on(Options& options, Suite suite, const Manifests& manifests, Workspace& workspace, const Guard& guard, int code) {
  constexpr int k_most = 5;
  auto written = manifests.written;
  for (int round = 0; round < k_most; ++round) {
    const bool came_to_its_end = code == k_passed || code == k_tests_failed || code == k_build_failed;
    if (!options.build || options.stress || !came_to_its_end) return code;
    const Manifests now = list_manifests(options.build_directory);
    if (now.configurations.empty() || now.written == written) return code;
    written = now.written;
    Result<Suite> anew = load_suite(options, now);
    if (!anew) return report_error(anew.error(), k_usage);
    apply_annotations(*anew);
    apply_defaults(*anew, options);
    tl::expected<Task, Refused> task = make_task_of_rest(*anew, suite, options, workspace, recall(options, workspace));
    if (!task) return report_error(task.error().error, task.error().code);
    if (task->tests.empty()) return code;
    print(fmt::format("\nCMake configured the project anew meanwhile: {} test{} new, different or not run.\n", task->tests.size(),
                      task->tests.size() == 1 ? " is" : "s are"));
    suite = std::move(*anew);
    code = drive(options, suite, std::move(*task), workspace, guard);
  }
  return code;
}

/// Lists the tests without a trace.
int run_list(Options options) {
  const tl::expected<Loaded, Refused> loaded = load_current(options);
  if (!loaded) return report_error(loaded.error().error, loaded.error().code);
  const Suite& suite = loaded->suite;
  Recalled recalled = recall(options);
  for (const std::string& text : recalled.notices) print_warning(text);
  sum_up_cases(suite, recalled.tests);
  if (const auto ended = take_quarantine(options, suite); !ended) return report_error(ended.error(), k_usage);
  const auto chosen = choose_tests(suite, options, recalled.tests);
  if (!chosen) return report_error(chosen.error().error, chosen.error().code);
  const ListOptions how{options.format, options.show_tags ? &loaded->annotations : nullptr};
  if (!options.list_cases) {
    std::vector<TestId> tests = chosen->tests;
    std::erase_if(tests, [&](TestId id) { return chosen->for_cases.contains(id); });
    if (tests.empty() && !chosen->for_cases.empty())
      return report_error({"no test that is known is selected", "`ptests list --cases` asks test executables for their cases"}, k_no_tests);
    return list(suite, tests, how);
  }
  const Result<CaseListing> listing = list_cases(options, suite, *chosen);
  if (!listing) return report_error(listing.error(), k_internal);
  if (listing->code > 128) return listing->code;
  if (listing->tests.empty())
    return report_error({"no test case is selected", "`ptests list --cases` without a selection lists all of them"}, k_no_tests);
  list(listing->suite, listing->tests, how);
  return listing->code;
}

int run_tests(Options options) {
  const Result<Guard> guard = Guard::start();
  if (!guard) return report_error(guard.error(), k_internal);
  std::future<Recalled> recalled = recall_ahead(options);
  tl::expected<Loaded, Refused> loaded = load_current(options);
  if (!loaded) return report_error(loaded.error().error, loaded.error().code);
  Suite& suite = loaded->suite;

  Result<Workspace> workspace = Workspace::open(suite.tree.build_directory);
  if (!workspace) return report_error(workspace.error(), k_usage);
  apply_defaults(suite, options);
  tl::expected<Task, Refused> task = make_task(suite, options, *workspace, recall(options, *workspace, std::move(recalled)));
  if (!task) return report_error(task.error().error, task.error().code);
  options.steps.serve_jobs = serves_jobs(options, suite.tree);
  options.steps.keep_colours = console_options().colour;
  const int code = drive(options, suite, std::move(*task), *workspace, *guard);
  return go_on(options, std::move(suite), loaded->manifests, *workspace, *guard, code);
}

}  // namespace

int run(Options options) {
  options.build_directory = absolute_build_directory(options.build_directory);
  if (options.from_build_tool)
    if (const Result<void> alone = refuse_other_goals(options.build_directory); !alone) return report_error(alone.error(), k_usage);
  return options.list ? run_list(std::move(options)) : run_tests(std::move(options));
}

}  // namespace ptests::cli
