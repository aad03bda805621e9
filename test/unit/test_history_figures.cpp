// What the history keeps of a test after each of its results.
#include <doctest/doctest.h>

#include "history_stage.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// The history of "a" after these results, each in a run of its own.
TestRecord after(const std::vector<TestResult>& results) {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  int number = 0;
  for (const TestResult& result : results) record_run(history, fmt::format("r{}", ++number), {{"a", result}});
  const auto ranked = history.rank(Ranking::duration, 1);
  REQUIRE(ranked);
  if (!ranked->empty()) return ranked->front();
  const auto read = history.read();
  REQUIRE(read);
  return {"a", read->at("a")};
}

}  // namespace

TEST_CASE("the latest attempt has half the weight in the means") {
  const TestRecord test = after({passed_in(8, 4), passed_in(4, 4), passed_in(2, 4)});
  CHECK(test.history.runs == 3);
  CHECK(test.history.duration == Seconds(4));                // ((8 + 4) / 2 + 2) / 2
  CHECK(test.history.processors == doctest::Approx(1.375));  // ((0.5 + 1) / 2 + 2) / 2
  CHECK(test.cpu_time == Seconds(4));
}

TEST_CASE("a test wants the processors it waited for") {
  TestResult crowded = passed_in(8, 4);
  crowded.usage.cpu_wait = std::chrono::microseconds(4'000'000);
  const TestRecord test = after({crowded});
  CHECK(test.history.processors == doctest::Approx(1));
  CHECK(test.cpu_time == Seconds(4));
}

TEST_CASE("the means are of attempts that passed, once there is one") {
  CHECK(after({ended_as(Status::timed_out, 10), ended_as(Status::failed, 2)}).history.duration == Seconds(6));
  CHECK(after({ended_as(Status::timed_out, 10), passed_in(2), ended_as(Status::failed, 50)}).history.duration == Seconds(2));
  CHECK(after({passed_in(4), ended_as(Status::leaked, 2)}).history.duration == Seconds(3));
  CHECK(after({passed_in(4), ended_as(Status::skipped, 0.1)}).history.duration == Seconds(4));
  CHECK(after({passed_in(4), ended_as(Status::interrupted, 0.1)}).history.duration == Seconds(4));
  CHECK(after({passed_in(0)}).history.processors == 1);
}

TEST_CASE("results are counted by what they mean") {
  struct Row {
    Status status;
    int runs, failures, flaky;
    Status last;
    bool outstanding;
  };
  for (const Row& row : std::vector<Row>{
           {Status::passed, 2, 0, 0, Status::passed, false},
           {Status::flaky, 2, 0, 1, Status::flaky, false},
           {Status::crashed, 2, 1, 0, Status::crashed, false},
           {Status::quarantined, 2, 0, 0, Status::quarantined, false},
           {Status::disabled, 1, 0, 0, Status::disabled, false},
           {Status::not_run, 1, 1, 0, Status::not_run, false},
           {Status::build_failed, 1, 1, 0, Status::build_failed, true},
           {Status::interrupted, 1, 0, 0, Status::passed, true},
       }) {
    CAPTURE(status_name(row.status));
    const TestHistory history = after({passed_in(1), ended_as(row.status, 1)}).history;
    CHECK(history.runs == row.runs);
    CHECK(history.failures == row.failures);
    CHECK(history.flaky == row.flaky);
    CHECK(history.last == row.last);
    CHECK(history.outstanding == row.outstanding);
  }
}

TEST_CASE("a result that turns from good to bad or back is a change") {
  CHECK(after({passed_in(1), passed_in(1)}).changes == 0);
  CHECK(after({ended_as(Status::failed, 1), ended_as(Status::crashed, 1)}).changes == 0);
  CHECK(after({passed_in(1), ended_as(Status::failed, 1), ended_as(Status::flaky, 1)}).changes == 2);
  CHECK(after({passed_in(1), ended_as(Status::quarantined, 1)}).changes == 1);
  CHECK(after({passed_in(1), ended_as(Status::skipped, 1), ended_as(Status::failed, 1)}).changes == 0);
}

TEST_CASE("the peak is the greatest of the last ten runs, whatever its attempts were") {
  const TempDir dir;
  History history = open_history(dir / "history.db");
  const auto peak = [&] { return history.read()->at("a").peak_rss_bytes; };
  const auto run = [&](int number, std::uint64_t bytes) {
    TestResult result = passed_in(1);
    result.usage.peak_rss_bytes = bytes;
    record_run(history, fmt::format("r{}", number), {{"a", result}});
  };
  run(0, 1'000'000'001);
  for (int i = 1; i <= 9; ++i) run(i, static_cast<std::uint64_t>(i));
  CHECK(peak() == 1'000'000'001);
  run(10, 5);
  CHECK(peak() == 9);

  Transaction transaction(history.database());
  RunRecorder recorder(history);
  recorder.begin_run(make_run("retries"), {"a"});
  for (int attempt = 1; attempt <= 12; ++attempt) {
    TestResult result = ended_as(Status::failed, 1);
    result.attempt = attempt;
    result.usage.peak_rss_bytes = attempt == 3 ? 8 : 2;
    recorder.add_attempt("a", result, attempt == 12 ? AttemptKind::final : AttemptKind::retried);
  }
  REQUIRE(transaction.commit());
  CHECK(peak() == 9);
  CHECK(history.read()->at("a").runs == 12);
}

TEST_CASE("peaks stand newest first, one a run, ten at most, and what is no number ends them") {
  const auto next = [](std::string peaks, std::uint64_t peak, bool is_new_run) {
    Aggregate known;
    known.peaks = std::move(peaks);
    known.peaks_run = 1;
    TestResult result = passed_in(1);
    result.usage.peak_rss_bytes = peak;
    known = with_attempt(std::move(known), result, is_new_run ? 2 : 1);
    CHECK(known.peaks_run == (is_new_run ? 2 : 1));
    return fmt::format("{}: {}", known.peaks, known.history.peak_rss_bytes);
  };
  CHECK(next("", 7, true) == "7: 7");
  CHECK(next("", 0, false) == "0: 0");
  CHECK(next("5", 7, true) == "7 5: 7");
  CHECK(next("5", 7, false) == "7: 7");
  CHECK(next("9", 7, false) == "9: 9");
  CHECK(next("5 9", 7, false) == "7 9: 9");
  CHECK(next("1 2 3 4 5 6 7 8 9", 3, true) == "3 1 2 3 4 5 6 7 8 9: 9");
  CHECK(next("1 2 3 4 5 6 7 8 9 99", 3, true) == "3 1 2 3 4 5 6 7 8 9: 9");
  CHECK(next("1 2 3 4 5 6 7 8 9 99", 3, false) == "3 2 3 4 5 6 7 8 9 99: 99");
  CHECK(next("1 2 3 4 5 6 7 8 9 10 11 12", 3, true) == "3 1 2 3 4 5 6 7 8 9: 9");
  CHECK(next("18446744073709551615 1", 3, true) == "3 18446744073709551615 1: 18446744073709551615");
  CHECK(next("4 x 9", 3, true) == "3 4: 4");
  CHECK(next("x", 3, true) == "3: 3");
  CHECK(next("x", 3, false) == "3: 3");
}
