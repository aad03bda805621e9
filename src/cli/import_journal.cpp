#include "cli/import_journal.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "report/journal_run.hpp"
#include "store/run_recorder.hpp"

namespace ptests::cli {

namespace {

constexpr std::string_view k_begin = R"({"v":1,"event":"run_started",)";
constexpr std::string_view k_run_id = R"("run_id":")";

/// The runs in a journal, each from its run_started on: one that resumed another one went on in its file.
std::vector<std::string_view> split_runs(std::string_view text) {
  std::vector<std::size_t> begins;
  for (std::size_t at = text.find(k_begin); at != text.npos; at = text.find(k_begin, at + 1))
    if (at == 0 || text[at - 1] == '\n') begins.push_back(at);
  std::vector<std::string_view> runs;
  for (std::size_t i = 0; i < begins.size(); ++i)
    runs.push_back(text.substr(begins[i], i + 1 < begins.size() ? begins[i + 1] - begins[i] : text.npos));
  return runs;
}

/// "" when its line is cut before it. Ours need no escape.
std::string run_id_of(std::string_view run) {
  const std::string_view line = run.substr(0, run.find('\n'));
  const std::size_t key = line.find(k_run_id);
  if (key == line.npos) return "";
  const std::size_t begin = key + k_run_id.size();
  const std::size_t end = line.find('"', begin);
  return end == line.npos ? "" : std::string(line.substr(begin, end - begin));
}

/// Until its last result, for a run without an end.
Seconds known_duration(const JournalRun& run) {
  Seconds duration{};
  for (const JournalResult& last : run.results)
    duration = std::max(duration, Seconds(last.result.started - run.started) + last.result.duration);
  return duration;
}

Result<int> import_run(History& history, const JournalRun& run) {
  RunRecord record;
  record.run_id = run.run_id;
  record.started = run.started;
  record.jobs = run.jobs;
  record.host = run.host;
  record.version = run.version;
  record.resumes = run.resumes;
  record.build_directory = run.build_directory;
  record.configuration = run.configuration;
  std::vector<std::string_view> tests;
  tests.reserve(run.tests.size());
  for (const JournalTest& test : run.tests) tests.push_back(test.name);

  Transaction transaction(history.database());
  RunRecorder recorder(history);
  recorder.begin_run(record, tests);
  int added = 0;
  for (const JournalResult& attempt : run.attempts) added += recorder.add_attempt(attempt.name, attempt.result, AttemptKind::retried);
  for (const JournalResult& result : run.results) added += recorder.add_attempt(result.name, result.result, AttemptKind::final);
  // The run may be there already, without them.
  std::unordered_set<std::string_view> with_result;
  for (const JournalResult& result : run.results) with_result.insert(result.name);
  std::erase_if(tests, [&](std::string_view name) { return with_result.contains(name); });
  recorder.add_outstanding(tests);
  for (const JournalStep& step : run.steps) recorder.add_step(step.what, step.result, step.started);
  if (run.finished) {
    recorder.end_run({run.duration, run.signal, run.stopped_by, RunState::finished});
  } else {
    recorder.end_run({known_duration(run), 0, "", RunState::killed});
  }
  if (const Result<void> done = transaction.commit(); !done) return tl::unexpected(done.error());
  return added;
}

}  // namespace

Result<int> import_journal(History& history, const fs::path& events_jsonl) {
  if (!fs::exists(events_jsonl)) return 0;
  const Result<MappedFile> file = MappedFile::open(events_jsonl);
  if (!file) return tl::unexpected(file.error());
  int added = 0;
  for (const std::string_view text : split_runs(file->text())) {
    const Result<bool> known = history.knows_end_of(run_id_of(text));
    if (!known) return tl::unexpected(known.error());
    if (*known) continue;
    const Result<JournalRun> run = parse_events(text);
    if (!run) return fail(events_jsonl.string() + ": " + run.error().message);
    // Its first line was cut.
    if (run->run_id.empty()) continue;
    const Result<int> more = import_run(history, *run);
    if (!more) return tl::unexpected(more.error());
    added += *more;
  }
  return added;
}

}  // namespace ptests::cli
