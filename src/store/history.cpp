#include "store/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "store/schema.hpp"

namespace ptests {

namespace {

constexpr std::array<std::pair<RunState, std::string_view>, 3> k_run_states{
    {{RunState::unfinished, "unfinished"}, {RunState::finished, "finished"}, {RunState::killed, "killed"}}};

RunState parse_run_state(std::string_view name) {
  for (const auto& [state, known] : k_run_states)
    if (known == name) return state;
  return RunState::unfinished;
}

/// Room for so many tests, whatever a broken database says.
constexpr std::int64_t k_most_expected = 1'000'000;

/// A column beside the only max() has its value from the row of that maximum (sqlite.org/lang_select.html#bareagg).
constexpr std::string_view k_targets =
    "SELECT target, compile, link, compile_rss, link_rss, warnings, sources, max(built) FROM ("
    "SELECT target, sum(iif(kind = 'compile', duration, 0)) AS compile, sum(iif(kind = 'link', duration, 0)) AS link,"
    " max(iif(kind = 'compile', peak_rss, 0)) AS compile_rss, max(iif(kind = 'link', peak_rss, 0)) AS link_rss, sum(warnings) AS warnings, "
    "sum(kind = 'compile') AS sources, max(started) AS built"
    " FROM build_steps GROUP BY target, configuration) GROUP BY target";

TargetHistory read_target(const Statement& row) {
  return {
      .compile = std::chrono::microseconds(row.integer(1)),
      .link = std::chrono::microseconds(row.integer(2)),
      .compile_rss_bytes = static_cast<std::uint64_t>(row.integer(3)),
      .link_rss_bytes = static_cast<std::uint64_t>(row.integer(4)),
      .warnings = row.small_integer(5),
  };
}

RunRecord read_run(const Statement& row) {
  RunRecord run;
  run.run_id = row.text(0);
  run.started = from_micros(row.integer(1));
  run.duration = std::chrono::microseconds(row.integer(2));
  run.jobs = row.small_integer(3);
  run.host = row.text(4);
  run.build_directory = row.text(5);
  run.configuration = row.text(6);
  run.version = row.text(7);
  run.resumes = row.text(8);
  run.state = parse_run_state(row.text(9));
  run.signal = row.small_integer(10);
  run.stopped_by = row.text(11);
  run.tests = row.small_integer(12);
  run.passed = row.small_integer(13);
  run.flaky = row.small_integer(14);
  run.failed = row.small_integer(15);
  return run;
}

/// What stands behind the columns in the question for a ranking.
std::string_view order_of(Ranking ranking) {
  switch (ranking) {
    case Ranking::duration: return " WHERE runs > 0 ORDER BY duration DESC, name LIMIT ?1";
    case Ranking::cpu_time: return " WHERE runs > 0 ORDER BY cpu_time DESC, name LIMIT ?1";
    case Ranking::peak_rss: return " WHERE runs > 0 ORDER BY peak_rss DESC, name LIMIT ?1";
    case Ranking::flakiness:
      return " WHERE runs > 0 AND flaky + changes > 0"
             " ORDER BY CAST(flaky + changes AS REAL) / runs DESC, flaky + changes DESC, name LIMIT ?1";
  }
  return "";
}

}  // namespace

std::string_view run_state_name(RunState state) { return k_run_states[static_cast<std::size_t>(state)].second; }

Result<History> History::open(const fs::path& path) {
  if (path.has_parent_path())
    if (const Result<void> made = make_directories(path.parent_path()); !made)
      return fail(made.error().message, "--history PATH names another place");
  Result<Database> database = Database::open(path);
  if (!database) return tl::unexpected(database.error());
  if (const Result<void> done = migrate(*database, path, k_schema_steps); !done) return tl::unexpected(done.error());
  return History(path, std::move(*database));
}

HistoryState History::state() { return {database_.ask("PRAGMA data_version"), database_.ask("SELECT total_changes()")}; }

Result<TestHistories> History::read() {
  TestHistories histories;
  rows_.clear();
  rows_state_ = state();
  // No test is ever dropped, and to count them takes longer.
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(database_.ask("SELECT max(id) FROM tests"), 0, k_most_expected));
  histories.reserve(count);
  rows_.reserve(count);
  Statement rows = database_.prepare(fmt::format("SELECT {} FROM tests", k_row_columns));
  while (rows.next()) {
    const auto& [name, row] = *rows_.emplace(read_name(rows), read_row(rows)).first;
    histories.emplace(name, row.aggregate.history);
  }
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return histories;
}

std::pair<std::int64_t, TestRows> History::take_rows() {
  TestRows rows = std::exchange(rows_, {});
  if (rows.empty() || state() != rows_state_) return {};
  return {rows_state_.others, std::move(rows)};
}

Result<TargetHistories> History::read_targets() {
  TargetHistories targets;
  Statement rows = database_.prepare(k_targets);
  while (rows.next()) targets.emplace(rows.text(0), read_target(rows));
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return targets;
}

Result<std::vector<RunRecord>> History::runs(int most) {
  std::vector<RunRecord> runs;
  Statement rows = database_.prepare(
      "SELECT run_id, started, duration, jobs, host, build_directory, configuration, version, resumes, state, signal, stopped_by, tests,"
      " passed, flaky, failed FROM runs ORDER BY started DESC, id DESC LIMIT ?1");
  rows.bind(most);
  while (rows.next()) runs.push_back(read_run(rows));
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return runs;
}

Result<std::vector<TestRecord>> History::rank(Ranking ranking, int most) {
  std::vector<TestRecord> tests;
  Statement rows = database_.prepare(fmt::format("SELECT {} FROM tests{}", k_row_columns, order_of(ranking)));
  rows.bind(most);
  while (rows.next()) {
    const Aggregate aggregate = read_row(rows).aggregate;
    tests.push_back({read_name(rows), aggregate.history, aggregate.cpu_time, aggregate.changes});
  }
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return tests;
}

Result<std::vector<TargetRecord>> History::slowest_to_compile(int most) {
  std::vector<TargetRecord> targets;
  Statement rows = database_.prepare(fmt::format("{} ORDER BY compile DESC, link DESC, target LIMIT ?1", k_targets));
  rows.bind(most);
  while (rows.next()) targets.push_back({rows.text(0), read_target(rows), rows.small_integer(6)});
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return targets;
}

Result<bool> History::knows_end_of(const std::string& run_id) {
  Statement row = database_.prepare("SELECT state FROM runs WHERE run_id = ?1");
  const bool knows = row.bind(run_id).next() && parse_run_state(row.text(0)) != RunState::unfinished;
  if (const Result<void> fine = database_.result(); !fine) return tl::unexpected(fine.error());
  return knows;
}

Result<void> History::retain(const Retention& retention, std::chrono::system_clock::time_point now, std::int64_t current) {
  Transaction transaction(database_);
  std::vector<std::int64_t> old;
  Statement runs = database_.prepare(
      "SELECT id FROM runs WHERE id != ?1 AND"
      " (started < ?2 OR id NOT IN (SELECT id FROM runs ORDER BY started DESC, id DESC LIMIT ?3))");
  runs.bind(current, to_micros(now - std::chrono::days(retention.days)), retention.runs);
  while (runs.next()) old.push_back(runs.integer(0));
  Statement drop_attempts = database_.prepare("DELETE FROM attempts WHERE run = ?1");
  Statement drop_run = database_.prepare("DELETE FROM runs WHERE id = ?1");
  for (const std::int64_t run : old) {
    drop_attempts.bind(run).run();
    drop_run.bind(run).run();
  }
  // An attempt is of a run no newer than the last one that used its executable.
  database_.prepare("DELETE FROM executables WHERE last_run < (SELECT ifnull(min(id), last_run + 1) FROM runs)").run();
  database_.prepare("DELETE FROM build_steps WHERE started < ?1").bind(to_micros(now - std::chrono::days(retention.step_days))).run();
  return transaction.commit();
}

}  // namespace ptests
