#include "cli/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/text.hpp"
#include "report/journal_run.hpp"
#include "suite/select.hpp"

namespace ptests::cli {

namespace {

/// Finds tests by the names that a journal has; by the numbers too where a name stands for several.
class TestFinder {
 public:
  explicit TestFinder(const Suite& suite) : suite_(&suite) {
    for (TestId id = 0; id < suite.tests.size(); ++id) ids_[suite.tests[id].name].push_back(id);
  }
  std::optional<TestId> find(const std::string& name, int number) const {
    const auto found = ids_.find(name);
    if (found == ids_.end()) return std::nullopt;
    const std::vector<TestId>& ids = found->second;
    const auto same = std::find_if(ids.begin(), ids.end(), [&](TestId id) { return suite_->tests[id].number == number; });
    return same == ids.end() ? ids.front() : *same;
  }

 private:
  const Suite* suite_;
  std::unordered_map<std::string, std::vector<TestId>> ids_;
};

bool is_final(Status status) { return status != Status::interrupted && status != Status::build_failed; }

std::string name_some(const std::set<std::string>& names) {
  constexpr std::size_t k_most = 5;
  std::vector<std::string> some(names.begin(), std::next(names.begin(), static_cast<std::ptrdiff_t>(std::min(k_most, names.size()))));
  return join(some, ", ") + (names.size() > k_most ? fmt::format(" and {} more", names.size() - k_most) : "");
}

/// Attempts of a run that was interrupted before the test's end come again: they are none of `result`.
void put_before(TestResult& result, std::vector<TestResult> attempts) {
  std::erase_if(attempts, [&](const TestResult& attempt) { return attempt.attempt >= result.attempt; });
  for (TestResult& attempt : attempts) attempt.test = result.test;
  result.earlier = std::move(attempts);
}

/// By test: the last result counts, with the attempts before it.
std::unordered_map<TestId, TestResult> collect(const Suite& suite, JournalRun& run, const TestFinder& finder, std::set<std::string>& gone) {
  std::unordered_map<TestId, TestResult> results;
  std::unordered_map<TestId, std::vector<TestResult>> attempts;
  for (JournalResult& attempt : run.attempts)
    if (const auto id = finder.find(attempt.name, attempt.number)) attempts[*id].push_back(std::move(attempt.result));
  for (JournalResult& result : run.results) {
    const auto id = finder.find(result.name, result.number);
    if (!id) {
      gone.insert(result.name);
      continue;
    }
    if (!is_final(result.result.outcome.status)) continue;
    result.result.test = &suite.tests[*id];
    results[*id] = std::move(result.result);
  }
  for (auto& [id, earlier] : attempts)
    if (const auto found = results.find(id); found != results.end()) put_before(found->second, std::move(earlier));
  return results;
}

/// The results of test cases, which are kept by themselves while their executable is what it was; it stands in the run in the place of
/// those that have none.
void take_cases(const Suite& suite, JournalRun& run, const TestFinder& finder, const std::function<bool(TestId)>& is_as_before,
                Resumed& resumed) {
  if (run.parents.empty()) return;
  const auto parent_of = [&](const std::string& name) -> std::optional<TestId> {
    const auto found = run.parents.find(name);
    return found == run.parents.end() ? std::nullopt : finder.find(found->second, 0);
  };
  std::map<std::string, std::vector<TestResult>> attempts;
  for (JournalResult& attempt : run.attempts)
    if (run.parents.contains(attempt.name)) attempts[attempt.name].push_back(std::move(attempt.result));
  for (JournalResult& result : run.results) {
    const std::optional<TestId> parent = parent_of(result.name);
    if (!parent || !is_as_before(*parent) || !is_final(result.result.outcome.status)) continue;
    if (!resumed.kept_cases.insert(result.name).second) continue;
    Test& test = resumed.case_tests.emplace_back(suite.tests[*parent]);
    test.name = result.name;
    result.result.test = &test;
    put_before(result.result, std::move(attempts[result.name]));
    resumed.kept.push_back(std::move(result.result));
  }
  std::set<TestId> incomplete;
  for (const JournalTest& test : run.tests)
    if (const auto parent = parent_of(test.name); parent && !resumed.kept_cases.contains(test.name)) incomplete.insert(*parent);
  const auto is_of_case = [&](const auto& one) { return run.parents.contains(one.name); };
  std::erase_if(run.tests, is_of_case);
  std::erase_if(run.results, is_of_case);
  std::erase_if(run.attempts, is_of_case);
  for (const TestId id : incomplete) run.tests.push_back({suite.tests[id].number, suite.tests[id].name, suite.tests[id].suite});
}

/// Whether a result of `before` is one of `now`. What the command line, the source and the machine add is left out: it has not changed.
bool is_same_test(const Test& now, const Test& before) {
  return now.command == before.command && now.working_directory == before.working_directory && now.targets == before.targets &&
         now.environment == before.environment && now.environment_changes == before.environment_changes &&
         now.properties == before.properties;
}

/// "3 tests".
std::string count_tests(std::size_t count) { return fmt::format("{} test{}", count, count == 1 ? "" : "s"); }

/// Tests that came after a run of all tests. Of a run of some nobody knows what else there was.
std::set<std::string> find_new(const Suite& suite, const JournalRun& run) {
  std::set<std::string_view> known;
  for (const JournalTest& test : run.tests) known.insert(test.name);
  for (const JournalResult& result : run.results) known.insert(result.name);
  std::set<std::string> found;
  if (run.project_tests == 0 || known.size() < run.project_tests) return found;
  for (const Test& test : suite.tests)
    if (!known.contains(test.name)) found.insert(test.name);
  return found;
}

/// The tests of the run that have no result. The names of those that are there no longer go to `gone`.
std::vector<TestId> find_left(const JournalRun& run, const TestFinder& finder, const std::unordered_map<TestId, TestResult>& results,
                              std::set<std::string>& gone) {
  std::vector<TestId> left;
  for (const JournalTest& test : run.tests) {
    const auto id = finder.find(test.name, test.number);
    if (!id)
      gone.insert(test.name);
    else if (!results.contains(*id))
      left.push_back(*id);
  }
  return left;
}

/// Those of `left` and what they need run; the other results are kept.
Resumed resume_with(const Suite& suite, JournalRun run, const std::vector<TestId>& left, std::unordered_map<TestId, TestResult> results,
                    const std::set<std::string>& gone, Resumed resumed) {
  resumed.run_id = std::move(run.run_id);
  resumed.shard = std::move(run.shard);
  resumed.tests = left.empty() ? left : with_fixtures(suite, left);
  for (const TestId id : resumed.tests) results.erase(id);
  for (auto& [id, result] : results) resumed.kept.push_back(std::move(result));
  std::sort(resumed.kept.begin(), resumed.kept.end(), [](const auto& a, const auto& b) { return a.test->number < b.test->number; });
  if (!gone.empty())
    resumed.notices.push_back(fmt::format("{} of the run before {} there no longer: {}", count_tests(gone.size()),
                                          gone.size() == 1 ? "is" : "are", name_some(gone)));
  return resumed;
}

}  // namespace

Result<Resumed> resume_run(const Suite& suite, const fs::path& events_jsonl) {
  const auto nothing = [&](std::string_view why) {
    return fail(fmt::format("--resume: {}", why), "without --resume all tests run; --rerun-failed runs those that failed");
  };
  const Result<std::string> text = read_file(events_jsonl);
  if (!text) return nothing(fmt::format("there was no run here ({})", text.error().message));
  Result<JournalRun> run = parse_events(*text);
  if (!run) return fail(fmt::format("--resume: {}: {}", events_jsonl.string(), run.error().message), "run without --resume");
  if (run->run_id.empty()) return nothing("the last run here ended before it began with its tests");

  const TestFinder finder(suite);
  Resumed of_cases;
  take_cases(
      suite, *run, finder, [](TestId) { return true; }, of_cases);
  std::set<std::string> gone;
  std::unordered_map<TestId, TestResult> results = collect(suite, *run, finder, gone);
  const std::vector<TestId> left = find_left(*run, finder, results, gone);
  if (left.empty()) return nothing(fmt::format("the last run here ({}) is complete", run->run_id));
  std::set<std::string> fresh = find_new(suite, *run);
  Resumed resumed = resume_with(suite, std::move(*run), left, std::move(results), gone, std::move(of_cases));
  for (const TestId id : resumed.tests) fresh.erase(suite.tests[id].name);
  if (!fresh.empty())
    resumed.notices.push_back(fmt::format("{} {} new since the interrupted run and not part of it: {}; --rerun-failed runs new tests too.",
                                          count_tests(fresh.size()), fresh.size() == 1 ? "is" : "are", name_some(fresh)));
  return resumed;
}

std::string describe_gone_failures(const Suite& suite, const fs::path& events_jsonl) {
  const Result<std::string> text = read_file(events_jsonl);
  const Result<JournalRun> run = text ? parse_events(*text) : tl::unexpected(text.error());
  if (!run) return "";
  std::set<std::string> gone;
  for (const JournalTest& test : run->tests) gone.insert(test.name);
  for (const JournalResult& result : run->results)
    if (is_failure(result.result.outcome.status))
      gone.insert(result.name);
    else
      gone.erase(result.name);
  for (const Test& test : suite.tests) gone.erase(test.name);
  if (gone.empty()) return "";
  return fmt::format("{} that failed or did not run the last time {} there no longer: {}", count_tests(gone.size()),
                     gone.size() == 1 ? "is" : "are", name_some(gone));
}

Result<Resumed> resume_reconfigured(const Suite& suite, const Suite& before, const std::vector<TestId>& selected,
                                    const std::optional<std::set<std::string>>& up_to_date, const fs::path& events_jsonl) {
  const Result<std::string> text = read_file(events_jsonl);
  if (!text) return tl::unexpected(text.error());
  Result<JournalRun> run = parse_events(*text);
  if (!run) return fail(fmt::format("{}: {}", events_jsonl.string(), run.error().message));

  const TestFinder finder(suite);
  const TestFinder finder_before(before);
  const auto is_as_before = [&](TestId id) {
    const Test& now = suite.tests[id];
    const auto was = finder_before.find(now.name, now.number);
    const auto is_old = [&](const std::string& target) { return up_to_date && !up_to_date->contains(target); };
    return was && is_same_test(now, before.tests[*was]) && std::none_of(now.targets.begin(), now.targets.end(), is_old);
  };
  Resumed of_cases;
  take_cases(suite, *run, finder, is_as_before, of_cases);
  std::set<std::string> gone;
  std::unordered_map<TestId, TestResult> results = collect(suite, *run, finder, gone);
  std::erase_if(results, [&](const auto& entry) { return !is_as_before(entry.first); });
  const std::vector<TestId> of_run = find_left(*run, finder, results, gone);
  std::set<TestId> left(of_run.begin(), of_run.end());
  for (const TestId id : selected)
    if (!results.contains(id)) left.insert(id);
  return resume_with(suite, std::move(*run), {left.begin(), left.end()}, std::move(results), gone, std::move(of_cases));
}

}  // namespace ptests::cli
