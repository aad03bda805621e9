// What the history keeps of compilers and linkers, and what it makes of that for their targets.
#include <doctest/doctest.h>

#include "build_steps.hpp"
#include "history_stage.hpp"
#include "store/schema.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

void record_build(History& history, const std::vector<Built>& steps, const std::string& configuration = "Debug") {
  Transaction transaction(history.database());
  RunRecorder recorder(history);
  static int number = 0;
  RunRecord run = make_run(fmt::format("build{}", ++number));
  run.configuration = configuration;
  recorder.begin_run(run, {});
  for (const Built& step : steps) recorder.add_step(step.what, step.result, FakeClock::k_start + std::chrono::minutes(step.minute));
  const Result<void> done = transaction.commit();
  CHECK(message(done) == "ok");
}

std::int64_t count_steps(History& history) { return history.database().ask("SELECT count(*) FROM build_steps"); }

/// "app: 3+0.5 s, 7 B, 2 warnings; " in the order of the names.
std::string known(History& history) {
  const auto read = history.read_targets();
  REQUIRE_MESSAGE(read, message(read));
  std::string text;
  for (const auto& [name, target] : std::map<std::string, TargetHistory>(read->begin(), read->end()))
    text += fmt::format("{}: {:g}+{:g} s, {} B, {} warnings; ", name, target.compile.count(), target.link.count(), target.peak_rss_bytes(),
                        target.warnings);
  return text;
}

}  // namespace

TEST_CASE("a target is the sum of its sources and its link") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  CHECK(known(history) == "");
  record_build(history, {{compiles("app", "a.cpp"), took(2, 300, 1)},
                         {compiles("app", "b.cpp"), took(1.5, 500, 2)},
                         {links("app"), took(0.25, 400)},
                         {compiles("lib", "a.cpp"), took(4)}});
  CHECK(known(history) == "app: 3.5+0.25 s, 500 B, 3 warnings; lib: 4+0 s, 0 B, 0 warnings; ");
}

TEST_CASE("the latest build of a file counts, whenever it is told") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_build(history, {{compiles("app", "a.cpp"), took(2, 900, 5), 10}, {compiles("app", "b.cpp"), took(1), 10}});
  record_build(history, {{compiles("app", "a.cpp"), took(3, 100, 1), 20}});
  CHECK(known(history) == "app: 4+0 s, 100 B, 1 warnings; ");
  record_build(history, {{compiles("app", "a.cpp"), took(50, 9999, 9), 19}});
  CHECK(known(history) == "app: 4+0 s, 100 B, 1 warnings; ");
  CHECK(count_steps(history) == 2);
}

TEST_CASE("what failed or was lost tells nothing") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_build(history, {{compiles("app", "a.cpp"), took(2, 300, 1)}});
  record_build(history, {{compiles("app", "a.cpp"), failed_after(0.1), 1},
                         {compiles("app", "b.cpp"), failed_after(9, {ExitStatus::Kind::signaled, 9}), 1},
                         {compiles("app", "c.cpp"), failed_after(9, {ExitStatus::Kind::signaled, 0}), 1},
                         {links("app"), lost(), 1}});
  CHECK(known(history) == "app: 2+0 s, 300 B, 1 warnings; ");
}

TEST_CASE("commands that name no output are told apart by their sources") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  BuildStep one = compiles("app", "a.cpp");
  BuildStep two = compiles("app", "b.cpp");
  one.output = two.output = "";
  record_build(history, {{one, took(1)}, {two, took(2)}, {two, took(4), 1}});
  CHECK(known(history) == "app: 5+0 s, 0 B, 0 warnings; ");
}

TEST_CASE("of several configurations the one that was built last counts") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_build(history, {{compiles("app", "a.cpp"), took(1, 10, 1), 1}, {compiles("app", "b.cpp"), took(2), 1}, {links("app"), took(3), 1}},
               "Debug");
  record_build(history, {{compiles("app", "a.cpp"), took(10, 20), 2}, {links("app"), took(30), 2}}, "Release");
  CHECK(known(history) == "app: 10+30 s, 20 B, 0 warnings; ");
  record_build(history, {{compiles("app", "b.cpp"), took(4), 3}}, "Debug");
  CHECK(known(history) == "app: 5+3 s, 10 B, 1 warnings; ");
}

TEST_CASE("a command is kept with its figures") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  StepResult result = took(1.5, 4096, 7);
  result.usage.user = std::chrono::microseconds(20);
  result.usage.system = std::chrono::microseconds(3);
  record_build(history, {{compiles("app", "a.cpp"), result}, {links("app"), took(2)}});
  Statement rows = history.database().prepare(
      "SELECT target, configuration, output, source, kind, language, duration, cpu_time, peak_rss, warnings FROM build_steps"
      " ORDER BY kind");
  const auto row = [&] {
    REQUIRE(rows.next());
    std::string text;
    for (int column = 0; column < 10; ++column) text += rows.text(column) + " ";
    return text;
  };
  CHECK(row() == "app Debug app.dir/a.cpp.o a.cpp compile CXX 1500000 23 4096 7 ");
  CHECK(row() == "app Debug bin/app  link CXX 2000000 0 0 0 ");
  CHECK_FALSE(rows.next());
  CHECK(from_micros(history.database().ask("SELECT started FROM build_steps")) == FakeClock::k_start);
}

TEST_CASE("targets by the time to compile them") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  CHECK(history.slowest_to_compile(10)->empty());
  record_build(history, {{compiles("b", "1.cpp"), took(2)},
                         {compiles("a", "1.cpp"), took(2, 50, 4)},
                         {compiles("sum", "1.cpp"), took(1.25)},
                         {compiles("sum", "2.cpp"), took(1.25)},
                         {links("linked"), took(9)},
                         {compiles("c", "1.cpp"), took(2)},
                         {links("c"), took(1)}});
  const auto named = [&](int most) {
    const auto ranked = history.slowest_to_compile(most);
    REQUIRE_MESSAGE(ranked, message(ranked));
    std::string text;
    for (const TargetRecord& target : *ranked) text += fmt::format("{} {}, ", target.name, target.sources);
    return text;
  };
  CHECK(named(10) == "sum 2, c 1, a 1, b 1, linked 0, ");
  CHECK(named(2) == "sum 2, c 1, ");
  const TargetRecord a = history.slowest_to_compile(10)->at(2);
  CHECK(a.history.compile == Seconds(2));
  CHECK(a.history.peak_rss_bytes() == 50);
  CHECK(a.history.warnings == 4);
}

TEST_CASE("what was not built for a year is forgotten, and nothing younger") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  record_build(history, {{compiles("app", "a.cpp"), took(1), 0}, {compiles("app", "b.cpp"), took(2), 1}});
  REQUIRE(history.retain({.runs = 0, .days = 0}, FakeClock::k_start + std::chrono::days(365)));
  CHECK(known(history) == "app: 3+0 s, 0 B, 0 warnings; ");
  REQUIRE(history.retain({}, FakeClock::k_start + std::chrono::days(365) + std::chrono::seconds(1)));
  CHECK(known(history) == "app: 2+0 s, 0 B, 0 warnings; ");
}

TEST_CASE("a history of the first version keeps what it knows and learns of targets") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  {
    auto old = Database::open(path);
    REQUIRE(old);
    REQUIRE(migrate(*old, path, std::span(k_schema_steps).first(1)));
    REQUIRE(old->execute("INSERT INTO tests (name, runs, duration) VALUES ('t', 3, 1000000)"));
    REQUIRE(old->ask("SELECT count(*) FROM sqlite_master WHERE name = 'build_steps'") == 0);
  }
  History history = open_history(path);
  CHECK(history.read()->at("t").runs == 3);
  record_build(history, {{compiles("app", "a.cpp"), took(1)}});
  CHECK(known(history) == "app: 1+0 s, 0 B, 0 warnings; ");
}

TEST_CASE("a table that is gone is told by its name") {
  const TempDir dir;
  const fs::path path = dir / "history.db";
  History history = open_history(path);
  REQUIRE(history.database().execute("DROP TABLE build_steps"));
  CHECK(message(history.read_targets()) == path.string() + ": no such table: build_steps");
  CHECK(message(history.slowest_to_compile(1)) == path.string() + ": no such table: build_steps");
}
