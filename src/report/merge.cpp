#include "report/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "report/end_details.hpp"
#include "report/shard_fit.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_run_started = R"({"v":1,"event":"run_started",)";

/// A test's result in one journal.
struct Found {
  const ShardJournal* journal = nullptr;
  TestResult result;
};

/// What all journals tell of a test.
struct Known {
  int number = 0;
  std::string suite;
  std::vector<Found> found;  ///< one a journal
};
using KnownTests = std::map<std::string, Known>;

int badness(Status status) {
  switch (status) {
    case Status::passed: return 0;
    case Status::leaked: return 1;
    case Status::flaky: return 2;
    case Status::skipped:
    case Status::disabled: return 3;
    case Status::quarantined: return 4;
    case Status::interrupted: return 5;
    case Status::not_run: return 6;
    case Status::build_failed: return 7;
    default: return 8;
  }
}

bool is_less_bad(const Found& a, const Found& b) { return badness(a.result.outcome.status) < badness(b.result.outcome.status); }

/// Attempts of each test since it was last begun with.
using Attempts = std::unordered_map<std::string_view, std::vector<TestResult>>;

Attempts attempts_of(const JournalRun& run) {
  Attempts attempts;
  for (const JournalResult& ended : run.attempts) {
    std::vector<TestResult>& earlier = attempts[ended.name];
    if (!earlier.empty() && ended.result.attempt <= earlier.back().attempt) earlier.clear();
    earlier.push_back(ended.result);
  }
  return attempts;
}

void add_results(KnownTests& tests, const ShardJournal& journal) {
  Attempts attempts = attempts_of(journal.run);
  for (const JournalResult& ended : journal.run.results) {
    Known& known = tests[ended.name];
    if (known.number == 0) known.number = ended.number;
    if (known.found.empty() || known.found.back().journal != &journal) known.found.push_back({&journal, {}});
    TestResult& result = known.found.back().result = ended.result;
    for (const TestResult& earlier : attempts[ended.name])
      if (earlier.attempt < result.attempt) result.earlier.push_back(earlier);
  }
}

KnownTests collect(const std::vector<ShardJournal>& journals) {
  KnownTests tests;
  for (const ShardJournal& journal : journals) {
    for (const JournalTest& test : journal.tests) {
      Known& known = tests[test.name];
      if (known.number == 0) known.number = test.number;
      if (known.suite.empty()) known.suite = test.suite;
    }
    add_results(tests, journal);
  }
  return tests;
}

/// What is to be said of tests that have several results; "" when there are none.
std::string describe_repeated(const KnownTests& tests) {
  constexpr std::size_t k_most = 10;
  std::size_t count = 0;
  std::vector<std::string> differing;
  for (const auto& [name, known] : tests) {
    if (known.found.size() < 2) continue;
    ++count;
    const auto [best, worst] = std::minmax_element(known.found.begin(), known.found.end(), is_less_bad);
    if (!is_less_bad(*best, *worst)) continue;
    std::vector<std::string> words;
    for (const Found& found : known.found)
      words.push_back(fmt::format("{} ({})", status_name(found.result.outcome.status), found.journal->name));
    differing.push_back(fmt::format("\n  {}: {}", name, fmt::join(words, ", ")));
  }
  if (count == 0) return "";
  std::string text = fmt::format("{} {} a result in several files; the worst counts.", count, count == 1 ? "test has" : "tests have");
  for (std::size_t i = 0; i < std::min(k_most, differing.size()); ++i) text += differing[i];
  if (differing.size() > k_most) text += fmt::format("\n  and {} more", differing.size() - k_most);
  return text;
}

/// What is to be said of a run that has no end, or an early one.
std::optional<std::string> describe_early_end(const ShardJournal& journal) {
  const JournalRun& run = journal.run;
  if (run.finished && run.signal == 0 && run.stopped_by.empty()) return std::nullopt;
  const std::string why = !run.finished     ? "its run did not come to an end"
                          : run.signal != 0 ? fmt::format("its run was interrupted by {}", signal_name(run.signal))
                                            : fmt::format("its run was stopped {}", on_one_line(run.stopped_by));
  std::unordered_set<std::string_view> ended;
  for (const JournalResult& result : run.results) ended.insert(result.name);
  const auto count = std::count_if(journal.tests.begin(), journal.tests.end(), [&](const auto& test) { return ended.contains(test.name); });
  return fmt::format("{}: {}; {} of {} tests have a result.", journal.name, why, count, journal.tests.size());
}

std::vector<std::string> describe_same_runs(const std::vector<ShardJournal>& journals) {
  std::vector<std::string> notices;
  std::map<std::string_view, const ShardJournal*> by_id;
  for (const ShardJournal& journal : journals) {
    const auto [first, is_new] = by_id.emplace(journal.run.run_id, &journal);
    if (!is_new) notices.push_back(fmt::format("{} and {} are of the same run, {}.", first->second->name, journal.name, first->first));
  }
  return notices;
}

/// Of one without an end: until its last result.
Seconds known_duration(const JournalRun& run) {
  Seconds duration = run.duration;
  for (const JournalResult& ended : run.results)
    duration = std::max(duration, Seconds(ended.result.started - run.started) + ended.result.duration);
  return duration;
}

/// Everything but the tests.
void merge_heads(MergedRun& merged, const std::vector<ShardJournal>& journals) {
  merged.suite.tree.build_directory = journals.front().run.build_directory;
  merged.suite.tree.configuration = journals.front().run.configuration;
  merged.started = journals.front().run.started;
  for (const ShardJournal& journal : journals) {
    const JournalRun& run = journal.run;
    merged.run_id += (merged.run_id.empty() ? "" : "+") + run.run_id;
    merged.started = std::min(merged.started, run.started);
    merged.duration = std::max(merged.duration, run.finished ? run.duration : known_duration(run));
    merged.jobs += run.jobs;
    if (merged.signal == 0) merged.signal = run.signal;
    if (merged.stopped_by.empty() || (is_to_be_resumed(run.stopped_by) && !is_to_be_resumed(merged.stopped_by)))
      merged.stopped_by = run.stopped_by;
    if (std::optional<std::string> early = describe_early_end(journal)) merged.notices.push_back(std::move(*early));
  }
}

/// `result` and its attempts are of `test`.
void assign(TestResult& result, const Test& test) {
  result.test = &test;
  for (TestResult& earlier : result.earlier) earlier.test = &test;
}

TestResult missing_result(const Test& test, const MergedRun& run) {
  TestResult result;
  result.test = &test;
  result.outcome = {Status::not_run, "no result"};
  result.started = run.started;
  return result;
}

}  // namespace

Result<ShardJournal> parse_shard_journal(std::string name, std::string_view text) {
  Result<JournalRun> run = parse_events(text);
  if (!run) return fail(fmt::format("{}: {}", name, run.error().message));
  if (run->run_id.empty())
    return fail(fmt::format("{}: no run begins in it", name), "name the journal of a run: BUILD_DIRECTORY/paralleltests/events.jsonl");
  ShardJournal journal{std::move(name), std::move(*run), {}};
  std::unordered_set<std::string> seen;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (!line.starts_with(k_run_started)) continue;
    const Result<JournalRun> begun = parse_events(line);
    if (!begun) continue;
    for (const JournalTest& test : begun->tests)
      if (seen.insert(test.name).second) journal.tests.push_back(test);
  }
  return journal;
}

MergedRun merge_runs(const std::vector<ShardJournal>& journals) {
  MergedRun merged;
  merge_heads(merged, journals);
  for (std::string& notice : describe_same_runs(journals)) merged.notices.push_back(std::move(notice));
  for (std::string& misfit : describe_misfits(journals)) {
    merged.notices.push_back(std::move(misfit));
    merged.is_whole = false;
  }
  KnownTests known = collect(journals);
  if (std::string repeated = describe_repeated(known); !repeated.empty()) merged.notices.push_back(std::move(repeated));
  for (const auto& [name, of_test] : known) {
    Test& test = merged.suite.tests.emplace_back();
    test.number = of_test.number;
    test.name = name;
    test.suite = of_test.suite;
  }
  std::stable_sort(merged.suite.tests.begin(), merged.suite.tests.end(), [](const Test& a, const Test& b) { return a.number < b.number; });
  for (Test& test : merged.suite.tests) {
    std::vector<Found>& found = known.find(test.name)->second.found;
    if (found.empty()) continue;
    const auto worst = std::max_element(found.begin(), found.end(), is_less_bad);
    const auto& limits = worst->journal->run.limits;
    if (const auto own = limits.find(test.name); own != limits.end()) test.limits = own->second;
    merged.results.push_back(std::move(worst->result));
    assign(merged.results.back(), test);
  }
  return merged;
}

bool is_to_be_resumed(std::string_view stopped_by) {
  // The Runner's words.
  return stopped_by.starts_with("to protect the machine") || stopped_by.starts_with("by --max-time");
}

void tell(const MergedRun& run, Reporter& reporter) {
  RunStarted started;
  started.run_id = run.run_id;
  started.tree = &run.suite.tree;
  started.jobs = run.jobs;
  started.time = run.started;
  for (const Test& test : run.suite.tests) started.tests.push_back(&test);
  reporter.on(started);
  for (const std::string& notice : run.notices) reporter.on(Notice{notice});
  auto next = run.results.begin();
  for (const Test& test : run.suite.tests) {
    const bool has_result = next != run.results.end() && next->test == &test;
    reporter.on(ResultKept{has_result ? *next++ : missing_result(test, run)});
  }
  const auto ended = run.started + std::chrono::duration_cast<std::chrono::system_clock::duration>(run.duration);
  reporter.on(RunFinished{run.duration, ended, 0, ""});
}

std::string describe_end(const MergedRun& run) {
  if (run.signal == 0 && run.stopped_by.empty() && run.missing() == 0)
    return run.is_whole ? "" : "Not a whole run: shards are missing or do not fit together, as told above.";
  const std::string why = run.signal != 0          ? fmt::format("Interrupted by {}", signal_name(run.signal))
                          : run.stopped_by.empty() ? "Stopped before the end"
                                                   : fmt::format("Stopped {}", on_one_line(run.stopped_by));
  return fmt::format("{}: {} of {} tests have a result.", why, run.results.size(), run.suite.tests.size());
}

}  // namespace ptests
