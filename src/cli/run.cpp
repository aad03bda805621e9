#include <fmt/format.h>

#include "base/command.hpp"
#include "build/outer.hpp"
#include "build/tool.hpp"
#include "cli/cli.hpp"
#include "cli/defaults.hpp"
#include "cli/drive.hpp"
#include "cli/recall.hpp"
#include "cli/task.hpp"
#include "cli/workspace.hpp"
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

/// The manifests, brought up to date first when we build. A build tool that started us has done that.
Result<Manifests> current_manifests(const Options& options) {
  Manifests manifests = list_manifests(options.build_directory);
  const bool builds = options.build && !options.list && !options.from_build_tool;
  if (!builds || manifests.configurations.empty()) return manifests;
  if (const Result<void> done = regenerate(options); !done) return tl::unexpected(done.error());
  return update(std::move(manifests), options.build_directory);
}

}  // namespace

/// Lists the tests without a trace.
int run_list(const Suite& suite, Options& options, const SourceAnnotations& annotations) {
  const Recalled recalled = recall(options);
  for (const std::string& text : recalled.notices) print_warning(text);
  if (const auto ended = take_quarantine(options, suite); !ended) return report_error(ended.error(), k_usage);
  const auto tests = choose_tests(suite, options, recalled.tests);
  if (!tests) return report_error(tests.error().error, tests.error().code);
  return list(suite, *tests, {options.format, options.show_tags ? &annotations : nullptr});
}

int run(Options options) {
  options.build_directory = absolute_build_directory(options.build_directory);
  if (options.from_build_tool)
    if (const Result<void> alone = refuse_other_goals(options.build_directory); !alone) return report_error(alone.error(), k_usage);
  const Result<Manifests> manifests = current_manifests(options);
  if (!manifests) return report_error(manifests.error(), k_build_failed);
  Result<Suite> suite = load_suite(options, *manifests);
  if (!suite) return report_error(suite.error(), k_usage);
  const SourceAnnotations annotations = apply_annotations(*suite);
  for (const std::string& text : annotations.warnings) print_warning(text);
  if (options.list) return run_list(*suite, options, annotations);

  Result<Workspace> workspace = Workspace::open(suite->tree.build_directory);
  if (!workspace) return report_error(workspace.error(), k_usage);
  apply_defaults(*suite, options);
  tl::expected<Task, Refused> task = make_task(*suite, options, *workspace, recall(options, *workspace));
  if (!task) return report_error(task.error().error, task.error().code);
  return drive(options, *suite, std::move(*task), *workspace);
}

}  // namespace ptests::cli
