#include "cli/case_listing.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "base/text.hpp"
#include "cli/case_choice.hpp"
#include "cli/settle_limits.hpp"
#include "cli/surroundings.hpp"
#include "framework/adapter.hpp"
#include "process/guard.hpp"
#include "run/case_list.hpp"
#include "run/launch.hpp"
#include "run/runner.hpp"
#include "run/uv_executor.hpp"
#include "schedule/plan.hpp"

namespace ptests::cli {

namespace {

using CaseLists = std::map<TestId, std::vector<TestCase>>;

/// Says why executables could not tell their cases.
class ListingErrors final : public Reporter {
 public:
  void on(const Event& event) override {
    const auto* finished = std::get_if<TestFinished>(&event);
    if (finished == nullptr || !is_failure(finished->result.outcome.status)) return;
    any_ = true;
    print_warning(fmt::format("{}: {}", finished->result.test->name, finished->result.outcome.reason));
  }
  bool any() const { return any_; }

 private:
  bool any_ = false;
};

/// A folder that goes when this object does.
class Folder {
 public:
  static Result<Folder> make(const std::string& path) {
    Result<void> made = make_directories(path);
    if (!made) return tl::unexpected(made.error());
    return Folder(path);
  }
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    if (!path_.empty()) remove_tree(path_);
  }

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

bool is_built(const Test& test) {
  if (test.command.empty()) return false;
  return test.command[0].find('/') == std::string::npos || fs::exists(fs::path(test.working_directory) / test.command[0]);
}

void warn_of_unbuilt(const Suite& suite, const std::vector<TestId>& unbuilt) {
  if (unbuilt.empty()) return;
  std::vector<std::string> names;
  names.reserve(unbuilt.size());
  for (const TestId id : unbuilt) names.push_back(suite.tests[id].name);
  print_warning(fmt::format("not built, so that the test cases are not known: {}", join(names, ", ")));
}

RunOptions make_options(const Options& options, const RunRemains& remains, TempFolders& temporary) {
  RunOptions run;
  run.budget = Budget{processors(options)};
  run.budget.most_running = run.budget.processors;
  run.run_id = remains.run_id;
  run.version = PTESTS_VERSION;
  run.build = RunOptions::Build::no;
  run.leak = LeakPolicy::ignore;
  run.backtrace = RunOptions::Backtrace::off;
  run.temporary = &temporary;
  run.cases.only_list = true;
  return run;
}

/// Keeps what the executables `asked` tell in `lists`, and for the next time in `kept`, files by TestId.
Result<RunSummary> ask(const Options& options, Suite suite, const std::vector<TestId>& asked, const std::vector<std::string>& kept,
                       CaseLists& lists, Reporter& errors) {
  Result<Plan> plan = Plan::make(suite, asked);
  if (!plan) return tl::unexpected(plan.error());
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  const RunRemains remains = name_run();
  const bool uses_cgroups = any_wants_cgroup(suite, asked);
  const Result<Guard> guard = Guard::start();
  if (!guard) return tl::unexpected(guard.error());
  if (const auto told = guard->protect({remains, uses_cgroups ? GuardSpec::Cgroups::some : GuardSpec::Cgroups::none}); !told)
    return tl::unexpected(told.error());
  const CgroupRoots cgroups = uses_cgroups ? CgroupRoots::probe() : CgroupRoots();
  // A listing is no test of their limits.
  if (const auto settled = settle_limits(LimitsPolicy::best_effort, suite, asked, cgroups); !settled)
    return tl::unexpected(settled.error());
  const Result<Folder> folder = Folder::make(remains.temporary);
  if (!folder) return tl::unexpected(folder.error());
  const std::string logs = remains.temporary + "/list";
  if (const Result<void> made = make_directories(logs); !made) return tl::unexpected(made.error());

  TempFolders temporary(remains.temporary + "/tests");
  Result<std::unique_ptr<UvExecutor>> executor = UvExecutor::create({&suite.tree, &cgroups, &*guard, remains.identity, logs});
  if (!executor) return tl::unexpected(executor.error());
  SystemClock clock;
  RunOptions run = make_options(options, remains, temporary);
  run.log_paths = make_log_paths(suite, logs);
  run.cases.on_listed = [&](const Test& parent, const CaseSet& set) {
    lists[set.parent] = set.cases;
    if (identity_of_cases(parent) == set.identity) write_case_list(kept[set.parent], set.identity, {set.cases, set.has_listener});
  };
  Runner runner(suite, std::move(*plan), **executor, errors, clock, std::move(run));
  Result<RunSummary> summary = runner.run(asked);
  if (uses_cgroups) cgroups.remove_of(remains.identity);
  return summary;
}

/// As who looks at the list would run each of them.
std::vector<Test> tests_of(const Test& parent, const std::vector<TestCase>& cases) {
  const std::vector<LoneCase> commands = make_adapter(parent.framework)->lone_cases(cases);
  std::vector<Test> tests;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Test test = make_case_test(parent, cases[i]);
    test.command.insert(test.command.end(), commands[i].arguments.begin(), commands[i].arguments.end());
    std::vector<std::string> environment = test.environment;
    environment.insert(environment.end(), commands[i].environment.begin(), commands[i].environment.end());
    if (!environment.empty()) test.properties["ENVIRONMENT"] = dump_json(environment);
    if (!test.labels.empty()) test.properties["LABELS"] = dump_json(test.labels);
    if (test.disabled) test.properties["DISABLED"] = "true";
    tests.push_back(std::move(test));
  }
  return tests;
}

/// The cases in the place of their executables.
CaseListing extend(const Suite& suite, const Chosen& chosen, const CaseLists& lists) {
  CaseListing listing{suite, {}};
  for (const TestId id : chosen.tests) {
    const auto list = lists.find(id);
    if (list == lists.end()) {
      if (!chosen.for_cases.contains(id)) listing.tests.push_back(id);
      continue;
    }
    const Test& parent = suite.tests[id];
    std::vector<Test> tests = tests_of(parent, list->second);
    std::vector<Test*> pointers;
    pointers.reserve(tests.size());
    for (Test& test : tests) pointers.push_back(&test);
    const std::vector<bool> wanted = chosen.is_wanted ? chosen.is_wanted(parent, pointers) : std::vector<bool>(tests.size(), true);
    for (std::size_t i = 0; i < tests.size(); ++i) {
      if (!wanted[i]) continue;
      listing.tests.push_back(listing.suite.tests.size());
      listing.suite.tests.push_back(std::move(tests[i]));
    }
  }
  return listing;
}

}  // namespace

Result<CaseListing> list_cases(const Options& options, const Suite& suite, const Chosen& chosen) {
  CaseLists lists;
  std::vector<TestId> asked;
  std::vector<TestId> unbuilt;
  std::vector<std::string> kept;
  for (const std::string& log : make_log_paths(suite, suite.tree.build_directory + "/paralleltests/logs"))
    kept.push_back(case_list_file(log));
  for (const TestId id : chosen.tests) {
    const Test& test = suite.tests[id];
    if (!tells_cases(test)) continue;
    if (std::optional<CaseList> known = read_case_list(kept[id], identity_of_cases(test)))
      lists[id] = std::move(known->cases);
    else
      (is_built(test) ? asked : unbuilt).push_back(id);
  }
  warn_of_unbuilt(suite, unbuilt);
  ListingErrors errors;
  int code = k_passed;
  if (!asked.empty()) {
    const Result<RunSummary> summary = ask(options, suite, asked, kept, lists, errors);
    if (!summary) return tl::unexpected(summary.error());
    if (errors.any()) code = k_tests_failed;
    if (summary->interrupted_by != 0) code = 128 + summary->interrupted_by;
  }
  CaseListing listing = extend(suite, chosen, lists);
  listing.code = code;
  return listing;
}

}  // namespace ptests::cli
