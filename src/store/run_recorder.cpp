#include "store/run_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace ptests {

namespace {

using std::chrono::microseconds;

std::int64_t micros(Seconds seconds) { return std::chrono::round<microseconds>(seconds).count(); }

std::optional<int> code_of(const std::optional<ExitStatus>& exit, ExitStatus::Kind kind) {
  return exit && exit->kind == kind ? std::optional<int>(exit->code) : std::nullopt;
}

bool has_succeeded(const StepResult& result) {
  return !result.is_lost && result.exit.kind == ExitStatus::Kind::exited && result.exit.code == 0;
}

/// To find one row by its name takes as long as to read so many.
constexpr std::size_t k_scan_factor = 2;

}  // namespace

RunRecorder::RunRecorder(History& history)
    : version_(history.database().prepare("PRAGMA data_version")),
      insert_run_(history.database().prepare(
          "INSERT OR IGNORE INTO runs (run_id, started, jobs, host, build_directory, configuration, version, resumes, tests)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")),
      find_run_(history.database().prepare("SELECT id FROM runs WHERE run_id = ?1")),
      has_run_(history.database().prepare("SELECT 1 FROM runs WHERE id = ?1")),
      count_(history.database().prepare("UPDATE runs SET passed = passed + ?2, flaky = flaky + ?3, failed = failed + ?4 WHERE id = ?1")),
      end_run_(history.database().prepare("UPDATE runs SET duration = ?2, signal = ?3, stopped_by = ?4, state = ?5 WHERE id = ?1")),
      find_test_(history.database().prepare(fmt::format("SELECT {} FROM tests WHERE name = ?1", k_row_columns))),
      find_cases_(history.database().prepare(fmt::format("SELECT {} FROM tests WHERE name > ?1 AND name < ?2", k_row_columns))),
      find_all_(history.database().prepare(fmt::format("SELECT {} FROM tests", k_row_columns))),
      last_id_(history.database().prepare("SELECT max(id) FROM tests")),
      insert_test_(history.database().prepare(fmt::format("INSERT INTO tests (name) VALUES (?1) RETURNING {}", k_row_columns))),
      set_outstanding_(history.database().prepare("UPDATE tests SET outstanding = ?2 WHERE id = ?1")),
      write_test_(history.database().prepare(
          "UPDATE tests SET runs = ?2, duration = ?3, cpu_time = ?4, processors = ?5, mean_of = ?6, peaks = ?7, peaks_run = ?8, last = ?9,"
          " failures = ?10, flaky = ?11, changes = ?12, outstanding = ?13, peak_rss = ?14 WHERE id = ?1")),
      insert_attempt_(
          history.database().prepare("INSERT OR IGNORE INTO attempts VALUES"
                                     " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)")),
      settle_attempt_(history.database().prepare("UPDATE attempts SET is_final = 1, status = ?4, reason = ?5"
                                                 " WHERE run = ?1 AND test = ?2 AND attempt = ?3 AND is_final = 0")),
      // A journal may tell of an older build than another run on the same history did.
      write_step_(history.database().prepare(
          "INSERT INTO build_steps (target, configuration, output, source, kind, language, started, duration, cpu_time, peak_rss, warnings)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
          " ON CONFLICT DO UPDATE SET kind = excluded.kind, language = excluded.language, started = excluded.started,"
          " duration = excluded.duration, cpu_time = excluded.cpu_time, peak_rss = excluded.peak_rss, warnings = excluded.warnings"
          " WHERE excluded.started >= build_steps.started")) {
  std::tie(known_version_, rows_) = history.take_rows();
}

void RunRecorder::begin() {
  const std::int64_t version = version_.bind().next() ? version_.integer(0) : 0;
  version_.reset();
  if (version != known_version_) {
    std::vector<std::string> outstanding;
    for (const auto& [name, row] : rows_)
      if (row.is_noted) outstanding.push_back(name);
    rows_.clear();
    noted_.clear();
    if (run_ != 0 && !has_run_.bind(run_).next()) {
      run_ = 0;
      was_dropped_ = true;
    }
    has_run_.reset();
    select({outstanding.begin(), outstanding.end()});
  }
  known_version_ = version;
}

void RunRecorder::end(Outstanding outstanding) {
  if (outstanding == Outstanding::is_written) {
    for (TestRow* const row : noted_) {
      if (!std::exchange(row->is_noted, false)) continue;
      set_outstanding_.bind(row->id, row->aggregate.history.outstanding ? 1 : 0).run();
    }
    noted_.clear();
  }
  if (counts_.any()) count_.bind(run_, counts_.passed, counts_.flaky, counts_.failed).run();
  counts_ = {};
}

void RunRecorder::begin_run(const RunRecord& run, const std::vector<std::string_view>& tests) {
  configuration_ = run.configuration;
  const int is_new = insert_run_
                         .bind(run.run_id, to_micros(run.started), run.jobs, run.host, run.build_directory, run.configuration, run.version,
                               run.resumes, tests.size())
                         .run();
  run_ = find_run_.bind(run.run_id).next() ? find_run_.integer(0) : 0;
  find_run_.reset();
  // A run that is made anew leaves its tests as they are: some have a result already.
  if (is_new == 0 || was_dropped_) return;
  select(tests);
}

void RunRecorder::add_cases(std::string_view parent, const std::vector<std::string_view>& cases, const std::optional<TestResult>& run) {
  TestRow& row = row_of(parent);
  // What bundles their sources has its cases under other names.
  read_rows(find_cases_.bind(std::string(parent) + "/", std::string(parent) + "0"));
  row.aggregate.history.outstanding = false;
  // A failure that is its own, and not of one of its cases, follows.
  row.aggregate.history.last = Status::passed;
  if (run) row.aggregate = with_attempt(std::move(row.aggregate), *run, run_);
  write(row);
  select(cases);
}

void RunRecorder::select(const std::vector<std::string_view>& tests) {
  const std::size_t unknown =
      static_cast<std::size_t>(std::count_if(tests.begin(), tests.end(), [&](std::string_view test) { return !rows_.contains(test); }));
  const std::int64_t known = last_id_.bind().next() ? last_id_.integer(0) : 0;
  last_id_.reset();
  if (unknown * k_scan_factor > static_cast<std::size_t>(known)) read_rows(find_all_.bind());
  for (const std::string_view test : tests) set_outstanding(row_of(test));
}

void RunRecorder::set_outstanding(TestRow& row) {
  if (std::exchange(row.aggregate.history.outstanding, true)) return;
  row.is_noted = true;
  noted_.push_back(&row);
}

/// All at once: one by one takes twice as long.
void RunRecorder::read_rows(Statement& found) {
  while (found.next()) {
    const auto [place, is_new] = rows_.try_emplace(read_name(found));
    if (is_new) place->second = read_row(found);
  }
  found.reset();
}

TestRow& RunRecorder::row_of(std::string_view test) {
  if (const auto known = rows_.find(test); known != rows_.end()) return known->second;
  TestRow& place = rows_[std::string(test)];
  Statement& row = find_test_.bind(test).next() ? find_test_ : insert_test_;
  if (&row == &find_test_ || insert_test_.bind(test).next()) place = read_row(row);
  row.reset();
  return place;
}

int RunRecorder::add_attempt(std::string_view test, const TestResult& attempt, AttemptKind kind, std::optional<std::int64_t> executable) {
  TestRow& row = row_of(test);
  const Usage& usage = attempt.usage;
  const std::string_view status = status_name(attempt.outcome.status);
  const bool is_new = insert_attempt_
                          .bind(run_, row.id, attempt.attempt, kind == AttemptKind::final ? 1 : 0, status, attempt.outcome.reason,
                                to_micros(attempt.started), micros(attempt.duration), usage.user.count(), usage.system.count(),
                                usage.peak_rss_bytes, usage.read_bytes, usage.written_bytes, usage.voluntary_switches,
                                usage.involuntary_switches, code_of(attempt.exit, ExitStatus::Kind::exited),
                                code_of(attempt.exit, ExitStatus::Kind::signaled), attempt.slot, executable)
                          .run() > 0;
  // An attempt that was to be followed by another one is the last after all when the run ends between them.
  const bool decides = kind == AttemptKind::final &&
                       (is_new || settle_attempt_.bind(run_, row.id, attempt.attempt, status, attempt.outcome.reason).run() > 0);
  if (!is_new && !decides) return 0;
  if (is_new) row.aggregate = with_attempt(std::move(row.aggregate), attempt, run_);
  if (decides) row.aggregate = with_result(std::move(row.aggregate), attempt);
  write(row);
  if (decides) count(attempt.outcome.status);
  return is_new ? 1 : 0;
}

void RunRecorder::write(TestRow& row) {
  row.is_noted = false;
  const Aggregate& aggregate = row.aggregate;
  const TestHistory& history = aggregate.history;
  write_test_
      .bind(row.id, history.runs, micros(history.duration), aggregate.cpu_time.count(), history.processors,
            static_cast<int>(aggregate.mean_of), aggregate.peaks, aggregate.peaks_run, status_name(history.last), history.failures,
            history.flaky, aggregate.changes, history.outstanding ? 1 : 0, history.peak_rss_bytes)
      .run();
}

void RunRecorder::count(Status status) {
  if (status == Status::passed || status == Status::leaked)
    ++counts_.passed;
  else if (status == Status::flaky)
    ++counts_.flaky;
  else if (is_failure(status) && status != Status::interrupted)
    ++counts_.failed;
}

void RunRecorder::add_step(const BuildStep& what, const StepResult& result, std::chrono::system_clock::time_point started) {
  if (!has_succeeded(result)) return;
  const Usage& usage = result.usage;
  write_step_
      .bind(what.target, configuration_, what.output, what.source, kind_name(what.kind), what.language, to_micros(started),
            micros(result.duration), (usage.user + usage.system).count(), usage.peak_rss_bytes, result.warnings)
      .run();
}

void RunRecorder::end_run(const RunEnd& how) {
  end();
  end_run_.bind(run_, micros(how.duration), how.signal, how.stopped_by, run_state_name(how.state)).run();
}

void RunRecorder::forget() {
  rows_.clear();
  noted_.clear();
  counts_ = {};
  run_ = 0;
}

}  // namespace ptests
