#include "cli/drive.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>

#include "cli/cli.hpp"
#include "cli/ctest_cases.hpp"
#include "cli/settle_limits.hpp"
#include "cli/surroundings.hpp"
#include "cli/terminal.hpp"
#include "cli/thresholds.hpp"
#include "process/machine.hpp"
#include "process/share.hpp"
#include "report/console.hpp"
#include "report/ctest_files.hpp"
#include "report/journal.hpp"
#include "report/junit.hpp"
#include "report/multi.hpp"
#include "report/stress_summary.hpp"
#include "report/summary.hpp"
#include "run/launch.hpp"
#include "run/runner.hpp"
#include "run/uv_executor.hpp"
#include "schedule/plan.hpp"
#include "store/history_writer.hpp"
#include "suite/stress.hpp"

namespace ptests::cli {

namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Removes what the last run in this build directory left when it was killed together with its guard.
std::optional<std::string> recover(const Workspace& workspace) {
  const std::optional<RunRemains> remains = workspace.remains_of_last_run();
  if (!remains || identity_is_alive(remains->identity)) return std::nullopt;
  const Swept swept = sweep(*remains, CgroupRoots::probe());
  if (!swept.any()) return std::nullopt;
  return fmt::format("The last run here ({}) was killed. Removed of it: {} process{}, {} cgroup{}{}.", remains->run_id, swept.processes,
                     swept.processes == 1 ? "" : "es", swept.cgroups, swept.cgroups == 1 ? "" : "s",
                     swept.folder ? ", its temporary folder" : "");
}

/// Whether any test has a result, of this run or of the one that it goes on with.
class AnyResult final : public Reporter {
 public:
  explicit AnyResult(bool& any) : any_(&any) {}
  void on(const Event& event) override {
    *any_ |= std::holds_alternative<TestFinished>(event) || std::holds_alternative<ResultKept>(event);
  }

 private:
  bool* any_;
};

Result<MultiReporter> make_reporters(const Options& options, const Suite& suite, Task& task, const Workspace& workspace, Clock& clock) {
  MultiReporter reporters;
  // What the journal has heard is safe, whatever becomes of the others.
  // Copies are no tests that a later run could go on with, and the history does not hear of them.
  const fs::path events = options.stress ? workspace.directory() / "events-stress.jsonl" : workspace.journal();
  Result<std::unique_ptr<Journal>> journal = task.resumes.empty() ? Journal::open(events, clock) : Journal::open_again(events, clock);
  if (!journal) return tl::unexpected(journal.error());
  reporters.add_prompt(std::move(*journal));
  if (task.history) {
    HistoryWriterOptions writing;
    writing.host = host_name();
    reporters.add_optional(std::make_unique<HistoryWriter>(std::move(*task.history), std::move(writing)));
  }
  reporters.add(std::make_unique<Console>(console_options()));
  // Nor would `ctest --rerun-failed` find copies.
  if (!options.stress)
    reporters.add(std::make_unique<CTestFiles>(any_has_ctest_cases(suite) ? CTestNumbers(suite) : CTestFiles::Numbers()));
  const fs::path junit = options.junit.empty() ? workspace.directory() / "junit.xml" : fs::absolute(options.junit);
  reporters.add_beside(std::make_unique<JUnit>(JUnitOptions{.path = junit, .hostname = host_name()}));
  if (options.stress) reporters.add(std::make_unique<StressSummary>(print, original_name, options.stress->time));
  if (options.summary) reporters.add(make_summary({.write = print, .kind = *options.summary}));
  return reporters;
}

int exit_code_of(const RunSummary& summary) {
  if (summary.interrupted_by != 0) return 128 + summary.interrupted_by;
  if (summary.stop == RunSummary::Stop::to_protect || summary.stop == RunSummary::Stop::out_of_time) return k_stopped;
  if (summary.build_failed > 0 || summary.build_broken) return k_build_failed;
  return summary.failed > 0 ? k_tests_failed : k_passed;
}

/// Beside the tests we need some memory ourselves, and so does everybody else.
constexpr double k_memory_for_tests = 0.9;

/// Above this part of the tests, one look at the folder of logs takes less than one for each of them.
constexpr std::size_t k_worth_a_look = 4;

Budget make_budget(const Options& options, const MachineState& machine) {
  constexpr int k_least = 16;
  Budget budget{processors(options)};
  if (options.max_running > 0) {
    budget.most_running = options.max_running;
  } else if (budget.processors == 1) {
    budget.most_running = 1;  // who asks for one at a time gets that
  } else {
    budget.most_asleep = std::max(k_least, 8 * budget.processors);
    budget.most_running = budget.most_asleep + 2 * budget.processors;
  }
  budget.memory = static_cast<std::uint64_t>(k_memory_for_tests * static_cast<double>(machine.memory_available.value_or(0)));
  return budget;
}

RunOptions make_run_options(const Options& options, const Task& task, const RunRemains& remains, const MachineState& machine,
                            TempFolders& temporary) {
  RunOptions run;
  run.budget = make_budget(options, machine);
  run.pool = task.pool;
  run.run_id = remains.run_id;
  run.resumes = task.resumes;
  run.kept = task.kept;
  run.host = host_name();
  run.version = PTESTS_VERSION;
  run.shard = task.shard;
  run.retry = options.retry;
  run.early_end = options.early_end;
  run.explain = options.explain ? RunOptions::Explain::waiting : RunOptions::Explain::no;
  run.build = options.build ? RunOptions::Build::yes : RunOptions::Build::no;
  run.steps = options.steps;
  run.steps.known = task.targets;
  run.leak = options.leak;
  if (options.leak_grace) run.leak_grace = *options.leak_grace;
  run.backtrace = options.backtrace ? RunOptions::Backtrace::automatic : RunOptions::Backtrace::off;
  run.keep_temporary = options.keep_tmp ? RunOptions::KeepTemporary::of_failed : RunOptions::KeepTemporary::no;
  run.temporary = &temporary;
  run.cases.batches = options.batches;
  // Copies of a test are of its executable as a whole.
  if (options.stress) run.cases.batches.mode = BatchOptions::Mode::whole;
  if (options.shuffle) run.cases.order = {*options.shuffle, CaseOrder::By::chance};
  run.cases.is_wanted = task.is_wanted;
  run.cases.histories = &task.histories;
  run.cases.on_listed = [any_failed = false](const Test& parent, const CaseSet& set) mutable {
    const Result<void> written = write_ctest_cases(parent, set);
    if (!written && !any_failed) print_warning(fmt::format("ctest does not get the test cases: {}", written.error().message));
    any_failed |= !written;
  };
  return run;
}

/// The run itself, once everything around it stands.
int run_guarded(const Options& options, const Suite& suite, Task& task, Plan plan, const Workspace& workspace, const RunRemains& remains,
                const ExecutorSurroundings& surroundings, MachineShare* share) {
  const MachineState machine = read_machine(surroundings.logs);
  const Result<ProtectionThresholds> thresholds = make_thresholds(options, machine, processors(options));
  if (!thresholds) return report_error(thresholds.error(), k_usage);
  TempFolders temporary(remains.temporary);
  Result<std::unique_ptr<UvExecutor>> executor = UvExecutor::create(surroundings);
  if (!executor) return report_error(executor.error(), k_internal);
  SystemClock clock;
  Result<MultiReporter> reporters = make_reporters(options, suite, task, workspace, clock);
  if (!reporters) return report_error(reporters.error(), k_internal);
  bool any_result = false;
  reporters->add(std::make_unique<AnyResult>(any_result));
  for (const std::string& text : task.notices) reporters->on(Notice{text});
  RunOptions run = make_run_options(options, task, remains, machine, temporary);
  run.log_paths = make_log_paths(suite, surroundings.logs);
  run.has_later_attempts = task.tests.size() * k_worth_a_look < suite.tests.size() || has_later_attempts(surroundings.logs);
  if (options.protect) run.protection = *thresholds;
  run.share = share;
  Runner runner(suite, std::move(plan), **executor, *reporters, clock, std::move(run));
  const Result<RunSummary> summary = runner.run(task.tests);
  // The history and JUnit are written meanwhile.
  temporary.remove();
  const Result<void> written = reporters->finish();
  if (const std::optional<Error>& warning = reporters->warning())
    print(fmt::format("The history does not know all of this run: {}\n", warning->message));
  if (!summary) return report_error(summary.error(), k_internal);
  if (!written) return report_error(written.error(), k_internal);
  const int code = exit_code_of(*summary);
  // Of executables that were asked.
  if (code == k_passed && !any_result && task.is_wanted)
    return report_error({"none of the test cases is selected", "`ptests list --cases` lists them"}, k_no_tests);
  return code;
}

}  // namespace

int drive(const Options& options, Suite& suite, Task task, Workspace& workspace, const Guard& guard) {
  Result<Plan> plan = Plan::make(suite, task.tests, task.forecasts);
  if (!plan) return report_error(plan.error(), k_usage);
  // What whoever started us left open is no test's: a pipe held by one would keep its reader waiting.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (std::optional<std::string> recovered = recover(workspace)) task.notices.push_back(std::move(*recovered));
  const RunRemains remains = name_run();
  if (const Result<void> noted = workspace.note(remains); !noted) return report_error(noted.error(), k_internal);
  const bool uses_cgroups = any_wants_cgroup(suite, task.tests) || wants_cgroup(options.steps.limits);
  const GuardSpec known{remains, uses_cgroups ? GuardSpec::Cgroups::some : GuardSpec::Cgroups::none};
  if (const Result<void> told = guard.protect(known); !told) return report_error(told.error(), k_internal);

  const CgroupRoots cgroups = uses_cgroups ? CgroupRoots::probe() : CgroupRoots();
  const Result<std::vector<std::string>> dropped = settle_limits(options.limits_policy, suite, task.tests, cgroups);
  if (!dropped) return report_error(dropped.error(), k_usage);
  task.notices.insert(task.notices.end(), dropped->begin(), dropped->end());
  Result<std::unique_ptr<MachineShare>> share;
  if (options.share) share = MachineShare::open(options.share->empty() ? MachineShare::default_directory() : fs::path(*options.share));
  if (!share) return report_error(share.error(), k_usage);
  const int code = run_guarded(options, suite, task, std::move(*plan), workspace, remains,
                               {&suite.tree, &cgroups, &guard, remains.identity, workspace.logs().string()}, share->get());
  // Those that were busy when their test ended.
  if (uses_cgroups) cgroups.remove_of(remains.identity);
  return code;
}

}  // namespace ptests::cli
