#include <doctest/doctest.h>

#include <csignal>

#include "fakes.hpp"
#include "report/event_json.hpp"
#include "report/merge.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using std::chrono::seconds;

TestResult result_of(const Test& test, Status status, int attempt = 1) {
  TestResult result{&test, {status, ""}};
  result.started = FakeClock::k_start + seconds(1);
  result.duration = Seconds(2);
  result.attempt = attempt;
  return result;
}

/// The text of a journal, event by event.
class Writer {
 public:
  explicit Writer(const Suite& suite) : suite_(&suite) {}

  Writer& begin(std::string run_id, const std::vector<TestId>& tests, seconds later = {}) {
    RunStarted event{std::move(run_id), &suite_->tree, {}, 2, FakeClock::k_start + later};
    for (const TestId id : tests) event.tests.push_back(&suite_->tests[id]);
    event.shard = shard_;
    return add(event);
  }
  /// The runs that begin from now on are such a part of the tests.
  Writer& shard(ShardPart part) {
    shard_ = std::move(part);
    return *this;
  }
  /// It may use so much memory.
  Writer& start(TestId test, double memory) {
    Test limited = suite_->tests[test];
    limited.limits[LimitKind::memory] = memory;
    return add(TestStarted{&limited, 1, 0, FakeClock::k_start});
  }
  Writer& result(TestId test, Status status, int attempt = 1) { return add(TestFinished{result_of(suite_->tests[test], status, attempt)}); }
  Writer& retry(TestId test, Status status, int attempt) {
    return add(AttemptFinished{result_of(suite_->tests[test], status, attempt), Seconds(0)});
  }
  Writer& end(double duration = 3, int signal = 0, std::string stopped_by = "") {
    return add(RunFinished{Seconds(duration), FakeClock::k_start, signal, std::move(stopped_by)});
  }
  const std::string& text() const { return text_; }

 private:
  Writer& add(const Event& event) {
    append_event(text_, event, FakeClock::k_start);
    return *this;
  }
  const Suite* suite_;
  std::string text_;
  std::optional<ShardPart> shard_;
};

/// Files "1", "2" and so on, merged.
MergedRun merge(const Words& texts) {
  std::vector<ShardJournal> journals;
  for (const std::string& text : texts) {
    Result<ShardJournal> journal = parse_shard_journal(fmt::format("{}", journals.size() + 1), text);
    REQUIRE_MESSAGE(journal, message(journal));
    journals.push_back(std::move(*journal));
  }
  return merge_runs(journals);
}

/// "1:a=passed 2:b=failed".
std::string show(const MergedRun& run) {
  Words parts;
  for (const TestResult& result : run.results)
    parts.push_back(fmt::format("{}:{}={}", result.test->number, result.test->name, status_name(result.outcome.status)));
  return fmt::format("{}", fmt::join(parts, " "));
}

/// Four tests: a, b, c and d.
Suite four() { return make_suite({"a", "b", "c", "d"}); }

/// What reporters hear of it.
class Ears final : public Reporter {
 public:
  void on(const Event& event) override { events.push_back(event); }
  std::vector<Event> events;
};

}  // namespace

TEST_CASE("shards are merged in the order of the tests' numbers") {
  const Suite suite = four();
  const MergedRun run =
      merge({Writer(suite).begin("x", {1, 3}).result(3, Status::failed).result(1, Status::passed).end(3).text(),
             Writer(suite).begin("y", {0, 2}, seconds(5)).result(0, Status::passed).result(2, Status::skipped).end(9).text()});
  CHECK(show(run) == "1:a=passed 2:b=passed 3:c=skipped 4:d=failed");
  CHECK(run.missing() == 0);
  CHECK(show(run.notices) == "");
  CHECK(run.run_id == "x+y");
  CHECK(run.started == FakeClock::k_start);
  CHECK(run.duration == Seconds(9));
  CHECK(run.jobs == 4);
  CHECK(run.suite.tree.build_directory == "/b");
  CHECK(run.suite.tests[0].suite == "s");
}

TEST_CASE("of several results the worst counts, and is said") {
  const Suite suite = four();
  const MergedRun run = merge({Writer(suite).begin("x", {0, 1}).result(0, Status::passed).result(1, Status::passed).end().text(),
                               Writer(suite).begin("y", {0, 2}).result(0, Status::crashed).result(2, Status::passed).end().text(),
                               Writer(suite).begin("z", {0, 3}).result(0, Status::passed).result(3, Status::passed).end().text()});
  CHECK(show(run) == "1:a=crashed 2:b=passed 3:c=passed 4:d=passed");
  CHECK(run.results[0].exit.has_value() == false);
  CHECK(show(run.notices) == "[1 test has a result in several files; the worst counts.\n  a: passed (1), crashed (2), passed (3)]");
}

TEST_CASE("a test's limits are those of the run that its result is from") {
  const Suite suite = four();
  const MergedRun run =
      merge({Writer(suite).begin("x", {0, 1}).start(0, 10).result(0, Status::passed).result(1, Status::passed).end().text(),
             Writer(suite).begin("y", {0}).start(0, 20).result(0, Status::crashed).end().text(),
             Writer(suite).begin("z", {0}).start(0, 30).result(0, Status::passed).end().text()});
  CHECK(run.suite.tests[0].limits[LimitKind::memory] == 20);
  CHECK_FALSE(run.suite.tests[1].limits.any());
}

TEST_CASE("results that agree are only counted") {
  const Suite suite = four();
  const std::string first = Writer(suite).begin("x", {0, 1}).result(0, Status::passed).result(1, Status::failed).end().text();
  const std::string second = Writer(suite).begin("y", {0, 1}).result(0, Status::passed).result(1, Status::failed).end().text();
  CHECK(show(merge({first, second}).notices) == "[2 tests have a result in several files; the worst counts.]");
  CHECK(show(merge({first, first}).notices) ==
        "[1 and 2 are of the same run, x.][2 tests have a result in several files; the worst counts.]");
}

TEST_CASE("how bad a result is") {
  const Suite suite = four();
  // Each is worse than the one before it.
  const std::vector<Status> order{Status::passed,      Status::leaked,  Status::flaky,        Status::skipped, Status::quarantined,
                                  Status::interrupted, Status::not_run, Status::build_failed, Status::failed};
  for (std::size_t i = 1; i < order.size(); ++i) {
    const std::string better = Writer(suite).begin("x", {0}).result(0, order[i - 1]).end().text();
    const std::string worse = Writer(suite).begin("y", {0}).result(0, order[i]).end().text();
    CHECK(merge({better, worse}).results[0].outcome.status == order[i]);
    CHECK(merge({worse, better}).results[0].outcome.status == order[i]);
  }
}

TEST_CASE("a run that goes on in the file of an interrupted one takes its results over") {
  const Suite suite = four();
  const std::string text = Writer(suite)
                               .begin("x", {0, 1, 2})
                               .result(0, Status::passed)
                               .result(1, Status::interrupted)
                               .end(3, SIGINT)
                               .begin("x2", {1, 2}, seconds(60))
                               .result(1, Status::passed)
                               .result(2, Status::passed)
                               .end(7)
                               .text();
  const MergedRun run = merge({text});
  CHECK(show(run) == "1:a=passed 2:b=passed 3:c=passed");
  CHECK(run.suite.tests[0].suite == "s");
  CHECK(run.signal == 0);
  CHECK(show(run.notices) == "");
}

TEST_CASE("attempts come along, those of an earlier run left out") {
  const Suite suite = four();
  const std::string text = Writer(suite)
                               .begin("x", {0})
                               .retry(0, Status::crashed, 1)
                               .retry(0, Status::crashed, 2)
                               .begin("x2", {0})
                               .retry(0, Status::failed, 1)
                               .result(0, Status::flaky, 2)
                               .end()
                               .text();
  const MergedRun run = merge({text});
  REQUIRE(run.results.size() == 1);
  const TestResult& result = run.results[0];
  CHECK(result.attempt == 2);
  REQUIRE(result.earlier.size() == 1);
  CHECK(result.earlier[0].outcome.status == Status::failed);
  CHECK(result.earlier[0].test == result.test);
}

TEST_CASE("a run without its end is said, and how far it came") {
  const Suite suite = four();
  const std::string killed = Writer(suite).begin("x", {0, 1, 2}).result(0, Status::passed).text();
  const MergedRun run = merge({killed, Writer(suite).begin("y", {3}).result(3, Status::passed).end(1).text()});
  CHECK(show(run.notices) == "[1: its run did not come to an end; 1 of 3 tests have a result.]");
  CHECK(run.missing() == 2);
  CHECK(run.suite.tests.size() == 4);
  // Until its last result.
  CHECK(run.duration == Seconds(3));
  CHECK(run.signal == 0);
}

TEST_CASE("a run that was interrupted or stopped tells so") {
  const Suite suite = four();
  const MergedRun run = merge({Writer(suite).begin("x", {0}).end(1, 0, "to protect the\nmachine").text(),
                               Writer(suite).begin("y", {1}).result(1, Status::interrupted).end(1, SIGTERM).text(),
                               Writer(suite).begin("z", {2}).result(2, Status::passed).end(1, SIGINT).text()});
  CHECK(run.signal == SIGTERM);
  CHECK(run.stopped_by == "to protect the\nmachine");
  CHECK(show(run.notices) ==
        "[1: its run was stopped to protect the\\nmachine; 0 of 1 tests have a result.]"
        "[2: its run was interrupted by SIGTERM; 1 of 1 tests have a result.]"
        "[3: its run was interrupted by SIGINT; 1 of 1 tests have a result.]");
}

TEST_CASE("what is no journal of a run is an error that names the file") {
  CHECK(message(parse_shard_journal("f", "")) == "f: no run begins in it");
  CHECK(hint(parse_shard_journal("f", "")).find("events.jsonl") != std::string::npos);
  CHECK(message(parse_shard_journal("f", "hello\n")).starts_with("f: line 1: "));
  const Suite suite = four();
  const std::string text = Writer(suite).begin("x", {0}).result(0, Status::passed).end().text();
  CHECK(message(parse_shard_journal("f", text + "{}\n")).starts_with("f: line 4: v: "));
}

TEST_CASE("a journal cut anywhere is refused or gives what stands in it") {
  const Suite suite = four();
  const std::string text = Writer(suite).begin("x", {0, 1}).result(0, Status::passed).result(1, Status::failed).end().text();
  std::size_t most = 0;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Result<ShardJournal> journal = parse_shard_journal("f", text.substr(0, size));
    CAPTURE(size);
    if (!journal) continue;
    const MergedRun run = merge_runs({*journal});
    CHECK(run.suite.tests.size() == 2);
    CHECK(run.results.size() >= most);
    most = run.results.size();
  }
  CHECK(most == 2);
}

TEST_CASE("who is to be resumed goes before who failed") {
  const Suite suite = four();
  const std::string failed = Writer(suite).begin("x", {0}).result(0, Status::failed).end(1, 0, "by --fail-fast (1 failed)").text();
  const std::string late = Writer(suite).begin("y", {1}).end(1, 0, "by --max-time (5 s are over)").text();
  const std::string sheltered = Writer(suite).begin("z", {2}).end(1, 0, "to protect the machine (disk: 1.0 MiB free)").text();
  CHECK(merge({failed}).stopped_by == "by --fail-fast (1 failed)");
  CHECK(merge({failed, late, sheltered}).stopped_by == "by --max-time (5 s are over)");
  CHECK(merge({sheltered, failed, late}).stopped_by == "to protect the machine (disk: 1.0 MiB free)");
  CHECK(is_to_be_resumed(merge({late}).stopped_by));
  CHECK(is_to_be_resumed(merge({sheltered}).stopped_by));
  CHECK_FALSE(is_to_be_resumed(merge({failed}).stopped_by));
  CHECK_FALSE(is_to_be_resumed(""));
}

TEST_CASE("how a run ended that has no end, or an early one") {
  const Suite suite = four();
  const auto end_of = [&](int signal, const std::string& stopped_by) {
    return describe_end(merge({Writer(suite).begin("x", {0, 1}).result(0, Status::passed).end(1, signal, stopped_by).text()}));
  };
  CHECK(end_of(0, "") == "Stopped before the end: 1 of 2 tests have a result.");
  CHECK(end_of(0, "by --max-time\n(5 s)") == "Stopped by --max-time\\n(5 s): 1 of 2 tests have a result.");
  CHECK(end_of(SIGINT, "") == "Interrupted by SIGINT: 1 of 2 tests have a result.");
  CHECK(describe_end(merge({Writer(suite).begin("x", {0}).result(0, Status::failed).end().text()})) == "");
}

TEST_CASE("reporters hear one run, and of what has no result that it did not run") {
  const Suite suite = four();
  Ears ears;
  const MergedRun run = merge({Writer(suite).begin("x", {0, 1, 2}).result(1, Status::passed).text()});
  tell(run, ears);
  REQUIRE(ears.events.size() == 6);
  const auto* const started = std::get_if<RunStarted>(&ears.events[0]);
  REQUIRE(started != nullptr);
  CHECK(started->tests.size() == 3);
  CHECK(started->tests[1] == &run.suite.tests[1]);
  CHECK(started->tree == &run.suite.tree);
  CHECK(std::holds_alternative<Notice>(ears.events[1]));
  Words kept;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto* const event = std::get_if<ResultKept>(&ears.events[2 + i]);
    REQUIRE(event != nullptr);
    CHECK(event->result.test == &run.suite.tests[i]);
    kept.push_back(std::string(status_name(event->result.outcome.status)));
  }
  CHECK(show(kept) == "[not_run][passed][not_run]");
  const auto* const finished = std::get_if<RunFinished>(&ears.events[5]);
  REQUIRE(finished != nullptr);
  CHECK(finished->stopped_by == "");
  CHECK(finished->signal == 0);
}

namespace {

/// A shard of `count`, in which these tests of four() passed. The hashes stand for what was divided, and how.
std::string shard_text(ShardPart part, const std::vector<TestId>& tests) {
  const Suite suite = four();
  Writer writer(suite);
  writer.shard(std::move(part)).begin("x", tests);
  for (const TestId id : tests) writer.result(id, Status::passed);
  return writer.end().text();
}
ShardPart part(int index, int count) { return {index, count, 4, "all", "one way"}; }

/// What is to be said of these files, in which all tests passed; and it is no whole when something is.
std::string misfits(const Words& texts) {
  Words notices;
  const MergedRun run = merge(texts);
  for (const std::string& notice : run.notices)
    if (notice.find("result in several files") == std::string::npos && notice.find("of the same run") == std::string::npos)
      notices.push_back(notice);
  CHECK(run.is_whole == notices.empty());
  CHECK((describe_end(run) == "") == run.is_whole);
  return unit::show(notices);
}

}  // namespace

TEST_CASE("shards that fit together are a whole") {
  CHECK(misfits({shard_text(part(1, 2), {0, 1}), shard_text(part(2, 2), {2, 3})}) == "");
  CHECK(misfits({shard_text(part(2, 2), {0, 3}), shard_text(part(1, 2), {1, 2, 3})}) == "");
  CHECK(misfits({shard_text(part(1, 1), {0, 1, 2, 3})}) == "");
  // One without a test has no run.
  CHECK(misfits({shard_text(part(1, 3), {0, 1}), shard_text(part(3, 3), {2, 3})}) == "");
}

TEST_CASE("a shard that is missing is named, with the cure") {
  CHECK(misfits({shard_text(part(1, 2), {0, 1, 2})}) == "[Shard 2 of 2 is missing, and with it 1 of 4 tests: name its events.jsonl too.]");
  CHECK(misfits({shard_text(part(3, 4), {0}), shard_text(part(1, 4), {2})}) ==
        "[Shards 2, 4 of 4 are missing, and with them 2 of 4 tests: name their events.jsonl too.]");
  CHECK(misfits({shard_text(part(1, 2'000'000'000), {0})}) ==
        "[Shards 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1999999989 more of 2000000000 are missing, and with them 3 of 4 tests: name their "
        "events.jsonl too.]");
  const MergedRun run = merge({shard_text(part(1, 2), {0, 1, 2})});
  CHECK(run.missing() == 0);
  CHECK(describe_end(run) == "Not a whole run: shards are missing or do not fit together, as told above.");
}

TEST_CASE("a shard that is there twice is named") {
  const std::string first = shard_text(part(1, 2), {0, 1});
  const std::string second = shard_text(part(2, 2), {2, 3});
  CHECK(misfits({first, second, first}) == "[Shard 1 of 2 is there 2 times (1, 3): name one events.jsonl of each shard.]");
  CHECK(misfits({first, first}) ==
        "[Shard 1 of 2 is there 2 times (1, 2): name one events.jsonl of each shard.]"
        "[Shard 2 of 2 is missing, and with it 2 of 4 tests: name its events.jsonl too.]");
}

TEST_CASE("shards that were not divided in the same way are named") {
  const std::string first = shard_text(part(1, 2), {0, 1});
  CHECK(misfits({first, shard_text({2, 2, 4, "all", "another way"}, {1, 2})}) ==
        "[1 (shard 1 of 2) and 2 (shard 2 of 2) divided the tests in different ways, so some may be in no shard: run all shards without "
        "--history, or give each its own copy of the same one.]");
  CHECK(misfits({first, shard_text({2, 2, 3, "some", "one way"}, {2})}) ==
        "[1 (shard 1 of 2) and 2 (shard 2 of 2) divided different tests, 4 and 3: run all shards with the same selection, of the same "
        "project.]");
  CHECK(misfits({first, shard_text({2, 3, 4, "all", "a third way"}, {2})}) ==
        "[1 (shard 1 of 2) and 2 (shard 2 of 3) do not belong together: run all shards with the same number of them.]");
}

TEST_CASE("other runs, and other whole divisions, may be there too") {
  const Suite suite = four();
  const std::string first = shard_text(part(1, 2), {0, 1});
  const std::string other = shard_text({1, 1, 2, "two", "whole"}, {0, 3});
  const std::string no_shard = Writer(suite).begin("y", {3}).result(3, Status::passed).end().text();
  CHECK(misfits({first, other, no_shard, shard_text(part(2, 2), {2, 3})}) == "");
  CHECK(misfits({no_shard}) == "");
  CHECK(misfits({first, other, no_shard}) == "[Shard 2 of 2 is missing, and with it 2 of 4 tests: name its events.jsonl too.]");
}

TEST_CASE("a shard that was resumed has the tests of all its runs") {
  const Suite suite = four();
  const std::string resumed = Writer(suite)
                                  .shard(part(1, 2))
                                  .begin("x", {0, 1})
                                  .result(0, Status::passed)
                                  .end(1, SIGINT)
                                  .begin("x2", {1})
                                  .result(1, Status::passed)
                                  .end()
                                  .text();
  CHECK(misfits({resumed, shard_text(part(2, 2), {2, 3})}) == "");
}
