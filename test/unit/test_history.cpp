// The history database: schema, what is refused and how, what is kept of a test, how long.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <unistd.h>

#include <array>

#include "history_stage.hpp"
#include "store/schema.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string open_error(const fs::path& path) {
  const auto history = History::open(path);
  return history ? "ok" : history.error().message + " | " + history.error().hint;
}

std::int64_t count(History& history, const std::string& table) { return history.database().ask("SELECT count(*) FROM " + table); }

}  // namespace

TEST_CASE("its state tells whether somebody has written since it was read") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  History history = open_history(path);
  record_run(history, "r", {{"a", passed_in(1)}});
  const HistoryState before = history.state();
  REQUIRE(history.read());
  CHECK(history.state() == before);
  SUBCASE("another") {
    History other = open_history(path);
    CHECK(history.state() == before);
    record_run(other, "s", {});
  }
  SUBCASE("we") { record_run(history, "s", {}); }
  CHECK(history.state() != before);
}

TEST_CASE("the rows that were read are there once, for as long as nobody has written") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  History history = open_history(path);
  record_run(history, "r", {{"a", passed_in(1)}});
  REQUIRE(history.read());
  const auto known = [&] {
    const auto [version, rows] = history.take_rows();
    return rows.size();
  };
  SUBCASE("once") {
    CHECK(known() == 1);
    CHECK(known() == 0);
  }
  SUBCASE("another has written since") {
    History other = open_history(path);
    record_run(other, "s", {{"a", passed_in(3)}});
    CHECK(known() == 0);
  }
  SUBCASE("we have written since") {
    record_run(history, "s", {{"a", passed_in(3)}});
    CHECK(known() == 0);
  }
}

TEST_CASE("what another process writes between the rows and the run that is recorded with them is not lost") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  History history = open_history(path);
  record_run(history, "r", {{"a", passed_in(1)}});
  REQUIRE(history.read());
  RunRecorder recorder(history);
  bool another_writes = false;
  SUBCASE("nobody") {}
  SUBCASE("another") { another_writes = true; }
  if (another_writes) {
    History other = open_history(path);
    record_run(other, "s", {{"a", passed_in(1)}});
  }
  Transaction transaction(history.database());
  recorder.begin();
  recorder.begin_run(make_run("t"), {"a"});
  recorder.add_attempt("a", passed_in(1), AttemptKind::final);
  recorder.end();
  REQUIRE(transaction.commit());
  CHECK(history.read()->at("a").runs == (another_writes ? 3 : 2));
}

TEST_CASE("a new history has the newest schema, and opening it again changes nothing") {
  const TempDir dir;
  const fs::path path = dir / "folders/that/are/made/history.db";
  {
    History history = open_history(path);
    record_run(history, "r", {{"a", passed_in(1)}});
  }
  History history = open_history(path);
  CHECK(history.database().ask("PRAGMA user_version") == k_schema_steps.size());
  CHECK(history.database().ask("PRAGMA application_id") == k_application_id);
  CHECK(history.database().ask("PRAGMA foreign_keys") == 0);
  CHECK(history.database().ask("PRAGMA synchronous") == 1);
  CHECK(count(history, "attempts") == 1);
}

TEST_CASE("the file is whole without others beside it when nobody uses it") {
  const TempDir dir;
  {
    History history = open_history(dir / "history.db");
    record_run(history, "r", {{"a", passed_in(1)}});
    CHECK(dir.names() == Words{"history.db", "history.db-shm", "history.db-wal"});
  }
  CHECK(dir.names() == Words{"history.db"});
}

TEST_CASE("every older schema is brought up to date, step by step") {
  const std::array<const char*, 3> steps{"CREATE TABLE t (a INTEGER)",
                                         "ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 2; INSERT INTO t (a) VALUES (1)",
                                         "UPDATE t SET b = b * 10"};
  for (std::size_t from = 0; from <= steps.size(); ++from) {
    CAPTURE(from);
    const TempDir dir;
    const fs::path path = dir / "x.db";
    {
      auto old = Database::open(path);
      REQUIRE(old);
      REQUIRE(migrate(*old, path, std::span(steps).first(from)));
    }
    auto database = Database::open(path);
    REQUIRE(database);
    CHECK(message(migrate(*database, path, steps)) == "ok");
    CHECK(database->ask("PRAGMA user_version") == 3);
    CHECK(database->ask("SELECT b FROM t") == 20);
    CHECK(database->ask("SELECT count(*) FROM t") == 1);
  }
}

TEST_CASE("of the steps to a newer schema all are taken or none") {
  const TempDir dir;
  const fs::path path = dir / "x.db";
  auto database = Database::open(path);
  REQUIRE(database);
  const std::array<const char*, 2> steps{"CREATE TABLE t (a INTEGER)", "ALTER TABLE missing ADD COLUMN b INTEGER"};
  CHECK(message(migrate(*database, path, steps)) == path.string() + ": no such table: missing");
  CHECK(database->ask("PRAGMA user_version") == 0);
  CHECK(database->ask("SELECT count(*) FROM sqlite_master") == 0);
}

TEST_CASE("what cannot be opened says why, and how to go on") {
  const TempDir dir;
  const std::string path = (dir / "history.db").string();
  SUBCASE("no database") {
    write(path, std::string(5000, 'x'));
    CHECK(open_error(path) == path + ": file is not a database | remove it, and ptests begins a new one; --history PATH names another");
  }
  SUBCASE("a short text") {
    write(path, "no database\n");
    CHECK(open_error(path) == path + ": file is not a database | remove it, and ptests begins a new one; --history PATH names another");
  }
  SUBCASE("a directory") {
    fs::create_directory(path);
    CHECK(open_error(path) == "opening " + path + ": Is a directory | its folder must be writable too; --history PATH names another place");
  }
  SUBCASE("below a file") {
    write(path, "");
    CHECK(open_error(path + "/history.db") == "creating " + path + ": Not a directory | --history PATH names another place");
  }
  SUBCASE("a newer version") {
    REQUIRE(open_history(path).database().execute("PRAGMA user_version = 7"));
    CHECK(open_error(path) ==
          fmt::format("{}: a newer ptests wrote it (version 7; this one knows {}) | use that one; --history PATH names another", path,
                      k_schema_steps.size()));
  }
  SUBCASE("another program's") {
    REQUIRE(Database::open(path)->execute("CREATE TABLE bookmarks (url TEXT)"));
    CHECK(open_error(path) == path + ": this is a database of another program | --history PATH names another");
  }
  SUBCASE("another program's that says so") {
    REQUIRE(Database::open(path)->execute("PRAGMA application_id = 5"));
    CHECK(open_error(path) == path + ": this is a database of another program | --history PATH names another");
  }
  SUBCASE("not to be written") {
    // Root writes all the same.
    if (::geteuid() == 0) return;
    open_history(path);
    ::chmod(path.c_str(), 0444);
    CHECK(open_error(path) ==
          path + ": attempt to write a readonly database | its folder must be writable too; --history PATH names another place");
  }
}

TEST_CASE("damage within the file is told by whoever meets it") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  {
    History history = open_history(path);
    std::vector<Ended> ended;
    for (int i = 0; i < 500; ++i) ended.push_back({fmt::format("test.with.a.long.name.{}", i), passed_in(1)});
    record_run(history, "r", ended);
  }
  std::string bytes = read(path);
  // All pages but the first, which holds the schema.
  std::fill(bytes.begin() + 4096, bytes.end(), 'x');
  write(path, bytes);
  auto history = History::open(path);
  REQUIRE(history);
  const auto histories = history->read();
  CHECK(message(histories) == path.string() + ": database disk image is malformed");
  CHECK(hint(histories) == "remove it, and ptests begins a new one; --history PATH names another");
}

TEST_CASE("two of us on one new file, one after the other in each step") {
  const TempDir dir;
  History one = open_history(dir / "history.db");
  History two = open_history(dir / "history.db");
  record_run(one, "r1", {{"a", passed_in(1)}});
  record_run(two, "r2", {{"a", passed_in(2)}, {"b", passed_in(1)}});
  record_run(one, "r3", {{"b", passed_in(3)}});
  const auto histories = two.read();
  REQUIRE(histories);
  CHECK(histories->at("a").duration == Seconds(1.5));
  CHECK(histories->at("b").duration == Seconds(2));
  CHECK(one.runs(10)->size() == 3);
}

TEST_CASE("a test that nobody ran is not known") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  CHECK(history.read()->empty());
  CHECK(history.rank(Ranking::duration, 10)->empty());
  CHECK(history.runs(10)->empty());
  CHECK_FALSE(*history.knows_end_of("r"));
}

TEST_CASE("a selected test is outstanding until it has a result") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_run(history, "r1", {{"a", passed_in(1)}, {"b", passed_in(1)}});
  Transaction transaction(history.database());
  RunRecorder recorder(history);
  recorder.begin_run(make_run("r2"), {"a", "b", "new"});
  recorder.add_attempt("a", passed_in(1), AttemptKind::final);
  recorder.add_attempt("b", ended_as(Status::failed, 1), AttemptKind::retried);
  recorder.end();
  REQUIRE(transaction.commit());
  const TestHistories histories = history.read().value();
  CHECK_FALSE(histories.at("a").outstanding);
  CHECK(histories.at("b").outstanding);
  CHECK(histories.at("new").outstanding);
  CHECK(histories.at("new").runs == 0);
  CHECK(history.runs(1)->front().state == RunState::unfinished);
}

TEST_CASE("that a test is outstanding may be written with a later transaction") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  RunRecorder recorder(history);
  {
    Transaction transaction(history.database());
    recorder.begin();
    recorder.begin_run(make_run("r"), {"a", "b"});
    recorder.end(RunRecorder::Outstanding::may_wait);
    REQUIRE(transaction.commit());
  }
  CHECK_FALSE(history.read()->at("a").outstanding);
  CHECK(recorder.owes_outstanding());
  // Another process writes: what was read before it is read again.
  History of_others = open_history(dir / "history.db");
  record_run(of_others, "other", {{"a", ended_as(Status::failed, 3)}});
  Transaction transaction(history.database());
  recorder.begin();
  recorder.add_attempt("b", passed_in(1), AttemptKind::final);
  recorder.end();
  REQUIRE(transaction.commit());
  CHECK(history.read()->at("a").outstanding);
  CHECK(history.read()->at("a").failures == 1);
  CHECK_FALSE(history.read()->at("b").outstanding);
  CHECK_FALSE(recorder.owes_outstanding());
}

TEST_CASE("nothing is counted twice") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  for (int i = 0; i < 2; ++i) record_run(history, "r", {{"a", ended_as(Status::failed, 3)}});
  const TestHistory test = history.read()->at("a");
  CHECK(test.runs == 1);
  CHECK(test.failures == 1);
  CHECK(history.runs(10)->front().failed == 1);
  CHECK(count(history, "attempts") == 1);
}

TEST_CASE("the attempt before a retry that never came is the result") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  const TestResult failed = ended_as(Status::failed, 3);
  Transaction transaction(history.database());
  RunRecorder recorder(history);
  recorder.begin_run(make_run("r"), {"a"});
  CHECK(recorder.add_attempt("a", failed, AttemptKind::retried) == 1);
  CHECK(recorder.add_attempt("a", failed, AttemptKind::final) == 0);
  CHECK(recorder.add_attempt("a", failed, AttemptKind::final) == 0);
  REQUIRE(transaction.commit());
  CHECK(history.read()->at("a").failures == 1);
  CHECK_FALSE(history.read()->at("a").outstanding);
  CHECK(history.database().ask("SELECT is_final FROM attempts") == 1);
  CHECK(count(history, "attempts") == 1);
}

TEST_CASE("a run is kept with what it was and how it ended") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_run(history, "r1", {{"a", passed_in(1)}}, FakeClock::k_start);
  record_run(history, "r2",
             {{"a", passed_in(1)},
              {"b", ended_as(Status::leaked, 1)},
              {"c", ended_as(Status::flaky, 1)},
              {"d", ended_as(Status::failed, 1)},
              {"e", ended_as(Status::interrupted, 1)},
              {"f", ended_as(Status::skipped, 1)}},
             FakeClock::k_start + std::chrono::hours(1), {Seconds(2.5), 15, "no disk", RunState::finished});
  const auto runs = history.runs(10);
  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  const RunRecord& run = runs->front();
  CHECK(run.run_id == "r2");
  CHECK(run.started == FakeClock::k_start + std::chrono::hours(1));
  CHECK(run.duration == Seconds(2.5));
  CHECK(run.jobs == 4);
  CHECK(run.host == "host");
  CHECK(run.build_directory == "/b");
  CHECK(run.configuration == "Debug");
  CHECK(run.version == "1.2");
  CHECK(run.resumes == "r0");
  CHECK(run.state == RunState::finished);
  CHECK(run.signal == 15);
  CHECK(run.stopped_by == "no disk");
  CHECK(std::array{run.tests, run.passed, run.flaky, run.failed} == std::array{6, 2, 1, 1});
  CHECK(history.runs(1)->size() == 1);
  CHECK(*history.knows_end_of("r2"));
}

TEST_CASE("an attempt is kept with its figures") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  TestResult result = ended_as(Status::crashed, 1.5);
  result.outcome.reason = "SEGFAULT";
  result.exit = ExitStatus{ExitStatus::Kind::signaled, 11};
  result.usage = {.user = std::chrono::microseconds(1),
                  .system = std::chrono::microseconds(2),
                  .peak_rss_bytes = 3,
                  .read_bytes = 4,
                  .written_bytes = 5,
                  .voluntary_switches = 6,
                  .involuntary_switches = 7};
  result.started = from_micros(8);
  result.attempt = 9;
  result.slot = 10;
  record_run(history, "r", {{"a", result}});
  Statement row = history.database().prepare("SELECT * FROM attempts");
  REQUIRE(row.next());
  std::string text;
  for (int column = 2; column < 19; ++column) text += (row.is_null(column) ? "-" : row.text(column)) + " ";
  CHECK(text == "9 1 crashed SEGFAULT 8 1500000 1 2 3 4 5 6 7 - 11 10 - ");
}

TEST_CASE("ranked by each figure, the greatest first") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  TestResult large = passed_in(1, 1);
  large.usage.peak_rss_bytes = 100;
  record_run(history, "r1",
             {{"long", passed_in(9, 1)},
              {"busy", passed_in(2, 8)},
              {"large", large},
              {"broken", ended_as(Status::failed, 1)},
              {"unstable", ended_as(Status::failed, 1)},
              {"disabled", ended_as(Status::disabled, 0)}});
  record_run(history, "r2", {{"unstable", ended_as(Status::flaky, 1)}, {"large", ended_as(Status::flaky, 1)}});
  const auto names = [&](Ranking ranking, int most) {
    const auto ranked = history.rank(ranking, most);
    REQUIRE(ranked);
    Words result;
    for (const TestRecord& test : *ranked) result.push_back(test.name);
    return show(result);
  };
  CHECK(names(Ranking::duration, 2) == "[long][busy]");
  CHECK(names(Ranking::duration, 10) == "[long][busy][broken][large][unstable]");
  CHECK(names(Ranking::cpu_time, 2) == "[busy][long]");
  CHECK(names(Ranking::peak_rss, 1) == "[large]");
  CHECK(names(Ranking::flakiness, 10) == "[unstable][large]");
}

TEST_CASE("old runs go with their attempts; what is known of a test stays") {
  using std::chrono::days;
  const TempDir dir;
  History history = open_history(dir / "history.db");
  for (int day = 0; day < 6; ++day)
    record_run(history, fmt::format("r{}", day), {{"a", passed_in(1)}, {"b", passed_in(1)}}, FakeClock::k_start + days(day));
  const auto kept = [&] {
    std::string text;
    const auto runs = history.runs(10);
    for (const RunRecord& run : *runs) text += run.run_id + " ";
    return text;
  };
  const auto now = FakeClock::k_start + days(5);
  REQUIRE(history.retain({.runs = 100, .days = 30}, now));
  CHECK(kept() == "r5 r4 r3 r2 r1 r0 ");
  REQUIRE(history.retain({.runs = 100, .days = 3}, now));
  CHECK(kept() == "r5 r4 r3 r2 ");
  REQUIRE(history.retain({.runs = 2, .days = 3}, now));
  CHECK(kept() == "r5 r4 ");
  CHECK(count(history, "attempts") == 4);
  CHECK(history.read()->at("a").runs == 6);
  REQUIRE(history.retain({.runs = 0, .days = 3}, now));
  CHECK(count(history, "attempts") == 0);
}

TEST_CASE("an executable goes with the last run that used it") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  write(dir / "old", "1");
  write(dir / "both", "2");
  const auto run = [&](const std::string& run_id, const Words& files) {
    Transaction transaction(history.database());
    RunRecorder recorder(history);
    Executables executables(history);
    recorder.begin_run(make_run(run_id), {"a"});
    for (const std::string& file : files) executables.note((dir / file).string(), recorder.run());
    REQUIRE(transaction.commit());
  };
  run("r1", {"old", "both"});
  run("r2", {"both"});
  REQUIRE(history.retain({.runs = 2}, FakeClock::k_start));
  CHECK(count(history, "executables") == 2);
  REQUIRE(history.retain({.runs = 1}, FakeClock::k_start));
  CHECK(count(history, "executables") == 1);
  REQUIRE(history.retain({.runs = 0}, FakeClock::k_start));
  CHECK(count(history, "executables") == 0);
}
