#include "cli/task.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <set>
#include <utility>

#include "build/tool.hpp"
#include "cli/case_choice.hpp"
#include "cli/resume.hpp"
#include "suite/changed.hpp"
#include "suite/quarantine.hpp"
#include "suite/stress.hpp"

namespace ptests::cli {

namespace {

Result<Selection> complete(const Suite& suite, const Options& options) {
  Selection selection = options.selection;
  for (const auto& [name, words] : options.retry.quarantined) selection.quarantined.insert(name);
  if (selection.changed_since.empty()) return selection;
  Result<Changed> changed = find_changed(suite, selection.changed_since);
  if (!changed) return tl::unexpected(changed.error());
  for (const std::string& note : changed->notes) print_warning(fmt::format("--changed-since: {}", note));
  selection.changed = std::move(changed->tests);
  return selection;
}

/// Whether the user chose among the tests.
bool chooses(const Options& options) {
  const Selection& selection = options.selection;
  const bool by_lists = !selection.names.empty() || !selection.not_names.empty() || !selection.labels.empty() ||
                        !selection.not_labels.empty() || !selection.suites.empty() || !selection.globs.empty() ||
                        !selection.expressions.empty() || !selection.levels.empty() || !selection.tags.empty() ||
                        !selection.priorities.empty();
  return by_lists || selection.only_slow || selection.only_skipped || selection.only_failed || !selection.changed_since.empty() ||
         options.shard || options.stress;
}

void take(Task& task, Resumed resumed) {
  task.tests = std::move(resumed.tests);
  task.kept = std::move(resumed.kept);
  task.case_tests = std::move(resumed.case_tests);
  if (!resumed.kept_cases.empty()) {
    task.is_wanted = [kept = std::move(resumed.kept_cases), others = std::move(task.is_wanted)](const Test& parent,
                                                                                                const std::vector<Test*>& cases) {
      std::vector<bool> wanted = others ? others(parent, cases) : std::vector<bool>(cases.size(), true);
      for (std::size_t i = 0; i < cases.size(); ++i)
        if (kept.contains(cases[i]->name)) wanted[i] = false;
      return wanted;
    };
  }
  task.resumes = std::move(resumed.run_id);
  if (!task.shard) task.shard = std::move(resumed.shard);
  task.notices.insert(task.notices.end(), resumed.notices.begin(), resumed.notices.end());
}

tl::expected<void, Refused> take_up(Task& task, const Suite& suite, const Workspace& workspace) {
  Result<Resumed> resumed = resume_run(suite, workspace.journal());
  if (!resumed) return tl::unexpected(Refused{resumed.error(), k_no_tests});
  take(task, std::move(*resumed));
  return {};
}

/// Those of all tests; nothing when the build tool cannot tell.
std::optional<std::set<std::string>> up_to_date_targets(const Suite& suite) {
  std::set<std::string> targets;
  for (const Test& test : suite.tests) targets.insert(test.targets.begin(), test.targets.end());
  const auto preview = make_build_tool(suite.tree)->prepare({{targets.begin(), targets.end()}, 1, {}});
  if (!preview) return std::nullopt;
  return std::set<std::string>(preview->up_to_date.begin(), preview->up_to_date.end());
}

/// A copy that runs again would hide the failure that is looked for.
void forbid_retries(Task& task, RetryOptions& retry) {
  if (retry.repeat || (retry.retries && retry.retries->count > 0))
    task.notices.emplace_back("--stress: each copy runs once, whatever --retries and --repeat say.");
  retry.retries = Retries{};
  retry.repeat.reset();
}

/// Copies of the chosen tests in place of them. They are no tests of the project: the history does not hear of them.
void multiply(Task& task, Suite& suite, Options& options) {
  Stressed stressed = stress(suite, task.tests, options.stress->copies_of_each(task.tests.size()));
  forbid_retries(task, options.retry);
  task.forecasts = stressed.take_from(task.forecasts);
  // All tests get their turn: in the order of the copies.
  for (Forecast& of_copy : task.forecasts) {
    of_copy.duration = {};
    of_copy.failed_before = false;
  }
  task.tests = std::move(stressed.tests);
  auto& quarantined = options.retry.quarantined;
  for (const Test& copy : stressed.suite.tests)
    if (const auto found = quarantined.find(original_name(copy)); found != quarantined.end()) quarantined.emplace(copy.name, found->second);
  task.history.reset();
  suite = std::move(stressed.suite);
  if (options.stress->time.count() <= 0) return;
  options.early_end.most_time = options.stress->time;
  options.early_end.at_time = EarlyEnd::AtTime::enough;
}

/// Tests start in an order that depends on the seed and their names only. Priorities and dependencies hold.
void shuffle(std::vector<Forecast>& forecasts, const Suite& suite, std::uint32_t seed) {
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    const std::string& name = suite.tests[id].name;
    // What takes longest starts first.
    forecasts[id].duration = Seconds(static_cast<double>(XXH3_64bits_withSeed(name.data(), name.size(), seed)) / 0x1p64);
    forecasts[id].failed_before = false;
  }
}

/// The slots that there are. A test whose RESOURCE_GROUPS never fit does not run.
Result<std::optional<ResourcePool>> read_pool(const Options& options, Suite& suite, const std::vector<TestId>& tests) {
  if (options.resource_spec_file.empty()) return std::optional<ResourcePool>();
  Result<ResourceSpec> spec = read_resource_spec(options.resource_spec_file);
  if (!spec) return tl::unexpected(spec.error());
  ResourcePool pool(std::move(*spec));
  for (const TestId id : tests) {
    Test& test = suite.tests[id];
    if (test.defect.empty() && !pool.can_ever_fit(test.requirements.resource_groups)) {
      test.defect = "Insufficient resources: " + pool.why_never(test.requirements.resource_groups);
      test.requirements.resource_groups.clear();
    }
  }
  return std::optional(std::move(pool));
}

/// What a task needs whose tests are chosen.
tl::expected<void, Refused> complete_task(Task& task, Suite& suite, const Options& options, Recalled recalled) {
  Result<std::optional<ResourcePool>> pool = read_pool(options, suite, task.tests);
  if (!pool) return tl::unexpected(Refused{pool.error()});
  task.pool = std::move(*pool);
  task.forecasts = forecast(suite, recalled.tests);
  task.histories = std::move(recalled.tests);
  task.history = std::move(recalled.history);
  task.targets = std::move(recalled.targets);
  return {};
}

}  // namespace

Result<std::vector<std::string>> take_quarantine(Options& options, const Suite& suite) {
  const Result<Quarantine> quarantine = read_quarantine(suite.tree.source_directory);
  if (!quarantine) return tl::unexpected(quarantine.error());
  const auto today = date_of(std::chrono::system_clock::now());
  options.retry.quarantined = quarantine->active(today);
  std::vector<std::string> notices;
  for (const Quarantine::Entry& entry : quarantine->expired(today))
    notices.push_back(
        fmt::format("The quarantine of {} ended on {} ({}): the test counts again.", entry.name, format_date(entry.until), entry.reason));
  return notices;
}

tl::expected<Chosen, Refused> choose_tests(const Suite& suite, const Options& options, const TestHistories& histories) {
  const Result<Selection> selection = complete(suite, options);
  if (!selection) return tl::unexpected(Refused{selection.error()});
  Result<ChosenCases> chosen = select_with_cases(suite, *selection, histories);
  if (!chosen) return tl::unexpected(Refused{chosen.error()});
  Selected* selected = &chosen->selected;
  CaseFilter is_wanted = chooses(options) ? std::move(chosen->is_wanted) : CaseFilter();
  if (selected->tests.empty()) return tl::unexpected(Refused{selected->why_none, k_no_tests});
  if (!options.shard) return Chosen{std::move(selected->tests), std::move(is_wanted), std::move(chosen->for_cases), {}};
  // The history of this build directory is not that of the other shards.
  const auto known = options.history.empty() || histories.empty() ? HistoryKnown::no : HistoryKnown::yes;
  ShardTests sharded = shard_tests(suite, selected->tests, forecast(suite, histories), known, *options.shard);
  if (!sharded.tests.empty())
    return Chosen{std::move(sharded.tests), std::move(is_wanted), std::move(chosen->for_cases), std::move(sharded.part)};
  return tl::unexpected(Refused{{fmt::format("--shard {}/{} has no test", options.shard->index, options.shard->count),
                                 fmt::format("{} tests are selected; make fewer shards of them", selected->tests.size())},
                                k_no_tests});
}

tl::expected<Task, Refused> make_task(Suite& suite, Options& options, const Workspace& workspace, Recalled recalled) {
  Task task;
  task.notices = std::move(recalled.notices);
  sum_up_cases(suite, recalled.tests);
  const Result<std::vector<std::string>> ended = take_quarantine(options, suite);
  if (!ended) return tl::unexpected(Refused{ended.error()});
  task.notices.insert(task.notices.end(), ended->begin(), ended->end());
  if (options.resume && chooses(options))
    return tl::unexpected(Refused{{"--resume goes on with the tests of the interrupted run: no others can be chosen",
                                   "leave out -R, -L, names and the like; or leave out --resume"}});
  if (options.resume) {
    if (const auto done = take_up(task, suite, workspace); !done) return tl::unexpected(done.error());
  } else {
    if (options.rerun_failed)
      if (const std::string gone = describe_gone_failures(suite, workspace.journal()); !gone.empty())
        print_warning("--rerun-failed: " + gone);
    auto chosen = choose_tests(suite, options, recalled.tests);
    if (!chosen) return tl::unexpected(std::move(chosen.error()));
    task.tests = std::move(chosen->tests);
    task.is_wanted = std::move(chosen->is_wanted);
    task.shard = std::move(chosen->shard);
  }
  if (const auto done = complete_task(task, suite, options, std::move(recalled)); !done) return tl::unexpected(done.error());
  if (options.stress) multiply(task, suite, options);
  if (options.shuffle) {
    task.notices.push_back(fmt::format("A random order: --shuffle={} repeats it.", *options.shuffle));
    shuffle(task.forecasts, suite, *options.shuffle);
  }
  return task;
}

tl::expected<Task, Refused> make_task_of_rest(Suite& suite, const Suite& before, Options& options, const Workspace& workspace,
                                              Recalled recalled) {
  Task task;
  sum_up_cases(suite, recalled.tests);
  if (const auto ended = take_quarantine(options, suite); !ended) return tl::unexpected(Refused{ended.error()});
  std::vector<TestId> selected;
  if (!options.resume) {
    if (auto chosen = choose_tests(suite, options, recalled.tests)) {
      selected = std::move(chosen->tests);
      task.is_wanted = std::move(chosen->is_wanted);
      task.shard = std::move(chosen->shard);
    }
  }
  Result<Resumed> rest = resume_reconfigured(suite, before, selected, up_to_date_targets(suite), workspace.journal());
  if (!rest) return tl::unexpected(Refused{rest.error(), k_internal});
  take(task, std::move(*rest));
  if (const auto done = complete_task(task, suite, options, std::move(recalled)); !done) return tl::unexpected(done.error());
  if (options.shuffle) shuffle(task.forecasts, suite, *options.shuffle);
  return task;
}

}  // namespace ptests::cli
