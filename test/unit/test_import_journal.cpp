// The journal of a run that was killed, read into the history.
#include <doctest/doctest.h>

#include <array>

#include "build_steps.hpp"
#include "cli/import_journal.hpp"
#include "history_stage.hpp"
#include "report/event_json.hpp"
#include "report/journal_run.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::import_journal;

namespace {

/// A journal, as a run of `suite` writes it.
class Story {
 public:
  explicit Story(const Words& names) : suite_(make_suite(names)) {}

  Story& start(const std::string& run_id) {
    RunStarted started{run_id, &suite_.tree, {}, 4, FakeClock::k_start, "r0", 0, "elsewhere", "1.2"};
    for (const Test& test : suite_.tests) started.tests.push_back(&test);
    return add(started);
  }
  Story& finish(std::size_t test, Status status, int attempt = 1) { return add(TestFinished{result(test, status, attempt)}); }
  Story& retry(std::size_t test, int attempt = 1) { return add(AttemptFinished{result(test, Status::failed, attempt), Seconds(1)}); }
  Story& built(const BuildStep& what, const StepResult& result) { return add(StepFinished{1, &what, result, FakeClock::k_start}); }
  Story& end() { return add(RunFinished{Seconds(9), FakeClock::k_start, 15, "full"}); }
  Story& add(const Event& event) {
    append_event(text, event, FakeClock::k_start);
    return *this;
  }
  TestResult result(std::size_t test, Status status, int attempt) const {
    TestResult result = ended_as(status, 2, 1);
    result.test = &suite_.tests[test];
    result.attempt = attempt;
    result.usage.peak_rss_bytes = 4096;
    result.started += std::chrono::seconds(static_cast<int>(test));
    return result;
  }

  std::string text;

 private:
  Suite suite_;
};

struct Place {
  TempDir dir;
  fs::path journal = dir / "events.jsonl";
  History history = open_history(dir / "history.db");

  /// How many attempts were new, or the error.
  std::string import(const std::string& text) {
    write(journal, text);
    const Result<int> added = import_journal(history, journal);
    return added ? std::to_string(*added) : added.error().message;
  }
};

}  // namespace

TEST_CASE("tests without a result are outstanding, also of a run that was written down in part") {
  Place place;
  Story story({"a", "b", "c"});
  story.start("r1").finish(1, Status::passed);
  {
    Transaction transaction(place.history.database());
    RunRecorder recorder(place.history);
    recorder.begin_run(make_run("r1"), {"a", "b", "c"});
    recorder.end(RunRecorder::Outstanding::may_wait);
    REQUIRE(transaction.commit());
  }
  CHECK_FALSE(place.history.read()->at("a").outstanding);
  CHECK(place.import(story.text) == "1");
  CHECK(place.history.read()->at("a").outstanding);
  CHECK_FALSE(place.history.read()->at("b").outstanding);
  CHECK(place.history.read()->at("c").outstanding);
}

TEST_CASE("a run that nobody wrote down is read whole") {
  Place place;
  Story story({"a", "b", "c"});
  story.add(Notice{"first"}).start("r1").retry(0).finish(0, Status::flaky, 2).finish(1, Status::failed);
  CHECK(place.import(story.text) == "3");

  const auto runs = place.history.runs(10);
  REQUIRE(runs);
  REQUIRE(runs->size() == 1);
  const RunRecord& run = runs->front();
  CHECK(run.run_id == "r1");
  CHECK(run.state == RunState::killed);
  CHECK(run.started == FakeClock::k_start);
  CHECK(run.duration == Seconds(3));  // until b ended
  CHECK(run.jobs == 4);
  CHECK(run.build_directory == "/b");
  CHECK(run.host == "elsewhere");
  CHECK(run.version == "1.2");
  CHECK(run.resumes == "r0");
  CHECK(std::array{run.tests, run.passed, run.flaky, run.failed} == std::array{3, 0, 1, 1});

  const TestHistories histories = place.history.read().value();
  CHECK(histories.at("a").flaky == 1);
  CHECK(histories.at("a").duration == Seconds(2));
  CHECK(histories.at("a").processors == 0.5);
  CHECK(histories.at("a").peak_rss_bytes == 4096);
  CHECK(histories.at("b").last == Status::failed);
  CHECK_FALSE(histories.at("b").outstanding);
  CHECK(histories.at("c").outstanding);
}

TEST_CASE("what compilers took is read too, and only of those that succeeded") {
  Place place;
  Story story({"a"});
  story.start("r1").built(compiles("app", "1.cpp"), took(2, 100, 1)).built(compiles("app", "2.cpp"), failed_after(9));
  story.built(compiles("app", "3.cpp"), lost()).built(links("app"), took(0.5, 300));
  for (int i = 0; i < 2; ++i) {
    CHECK(place.import(story.text) == "0");
    const TargetHistories targets = place.history.read_targets().value();
    REQUIRE(targets.size() == 1);
    const TargetHistory& app = targets.at("app");
    CHECK(app.compile == Seconds(2));
    CHECK(app.link == Seconds(0.5));
    CHECK(app.peak_rss_bytes() == 300);
    CHECK(app.warnings == 1);
    REQUIRE(place.history.database().execute("UPDATE runs SET state = 'unfinished'"));
  }
}

TEST_CASE("reading it again adds nothing") {
  Place place;
  Story story({"a", "b"});
  story.start("r1").retry(0).finish(0, Status::flaky, 2);
  CHECK(place.import(story.text) == "2");
  CHECK(place.import(story.text) == "0");
  CHECK(place.history.read()->at("a").runs == 1);
}

TEST_CASE("what the run wrote itself before it was killed is not counted twice") {
  Place place;
  Story story({"a", "b"});
  record_run(place.history, "r1", {{"a", story.result(0, Status::failed, 1)}}, FakeClock::k_start,
             {Seconds(0), 0, "", RunState::unfinished});
  story.start("r1").finish(0, Status::failed).finish(1, Status::passed);
  CHECK(place.import(story.text) == "1");
  CHECK(place.history.read()->at("a").failures == 1);
  CHECK(place.history.read()->at("b").runs == 1);
  CHECK(place.history.runs(1)->front().failed == 1);
}

TEST_CASE("a run that ended is not parsed, unless the history missed its end") {
  Place place;
  Story story({"a"});
  story.start("r1").finish(0, Status::passed).end();
  SUBCASE("known") {
    record_run(place.history, "r1", {});
    CHECK(place.import(story.text + "no json\n") == "0");
  }
  SUBCASE("missed") {
    record_run(place.history, "r1", {}, FakeClock::k_start, {Seconds(0), 0, "", RunState::unfinished});
    CHECK(place.import(story.text) == "1");
    const RunRecord run = place.history.runs(1)->front();
    CHECK(run.state == RunState::finished);
    CHECK(run.duration == Seconds(9));
    CHECK(run.signal == 15);
    CHECK(run.stopped_by == "full");
  }
}

TEST_CASE("a run that resumed another one stands in its file, and each has its own results") {
  Place place;
  Story story({"a", "b"});
  story.start("r1").finish(0, Status::failed).start("r2").add(ResultKept{story.result(0, Status::failed, 1)}).finish(1, Status::passed);
  CHECK(place.import(story.text) == "2");
  const auto runs = place.history.runs(10);
  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  CHECK((*runs)[0].run_id == "r2");
  CHECK((*runs)[0].passed == 1);
  CHECK((*runs)[0].failed == 0);
  CHECK((*runs)[1].run_id == "r1");
  CHECK((*runs)[1].failed == 1);
  CHECK(place.history.read()->at("a").runs == 1);
}

TEST_CASE("cut at any byte, a journal gives what is whole in it") {
  Story story({"a", "b"});
  story.start("r1").finish(0, Status::passed).finish(1, Status::passed);
  Place place;
  for (std::size_t size = 0; size <= story.text.size(); ++size) {
    CAPTURE(size);
    REQUIRE(place.history.database().execute("UPDATE runs SET state = 'unfinished'"));
    const std::string added = place.import(story.text.substr(0, size));
    CHECK((added == "0" || added == "1"));
  }
  CHECK(place.history.read()->at("a").runs == 1);
  CHECK(place.history.read()->at("b").runs == 1);
}

TEST_CASE("no journal is nothing new; what is none is an error that names it") {
  Place place;
  CHECK(import_journal(place.history, place.dir / "missing") == 0);
  CHECK(place.import("") == "0");
  CHECK(place.import("something else\n") == "0");
  Story story({"a"});
  story.start("r1");
  CHECK(place.import(story.text + "no json\n").starts_with(place.journal.string() + ": line 2: "));
  CHECK(place.history.runs(10)->empty());
}
