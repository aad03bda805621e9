#include "run/case_run.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <numeric>

#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Kind = CaseEvent::Kind;
using Choice = Adapter::Choice;
using Indices = std::vector<std::size_t>;

std::vector<TestCase> make_cases(std::size_t count, const Indices& disabled = {}) {
  std::vector<TestCase> cases(count);
  for (std::size_t i = 0; i < count; ++i) cases[i].name = cases[i].id = fmt::format("case {}", i);
  for (const std::size_t index : disabled) cases[index].disabled = true;
  return cases;
}

Indices first(std::size_t count) {
  Indices indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

CaseEvent event(Kind kind, std::size_t index, Status status = Status::passed, std::string message = "") {
  CaseEvent made;
  made.kind = kind;
  made.index = index;
  made.status = status;
  made.message = std::move(message);
  return made;
}

/// These passed, one after the other.
std::vector<CaseEvent> passed(const Indices& indices) {
  std::vector<CaseEvent> events;
  for (const std::size_t index : indices) {
    events.push_back(event(Kind::started, index));
    events.push_back(event(Kind::ended, index));
  }
  return events;
}

BatchEnd exited(int code) { return {{ExitStatus::Kind::exited, code, false}, {}}; }
BatchEnd killed(int signal_number) { return {{ExitStatus::Kind::signaled, signal_number, false}, {}}; }
BatchEnd out_of_time(double seconds) {
  return {{ExitStatus::Kind::signaled, SIGTERM, false}, {Ended::By::limit, LimitKind::timeout, seconds}};
}
BatchEnd interrupted() { return {{ExitStatus::Kind::signaled, SIGINT, false}, {Ended::By::interrupt}}; }

std::string show(const Indices& indices) { return fmt::format("{}", fmt::join(indices, " ")); }

std::string show(const std::optional<Outcome>& outcome) {
  return outcome ? fmt::format("{}: {}", status_name(outcome->status), outcome->reason) : "none";
}

/// "3 failed: reason (again)"
std::string show(const std::vector<CaseVerdict>& verdicts) {
  Words words;
  for (const CaseVerdict& verdict : verdicts)
    words.push_back(fmt::format("{} {}{}{}{}", verdict.index, status_name(verdict.outcome.status),
                                verdict.outcome.reason.empty() ? "" : ": ", verdict.outcome.reason, verdict.is_final ? "" : " (again)"));
  return fmt::format("{}", fmt::join(words, "; "));
}

std::string show_next(CaseRun& run) {
  const auto batch = run.next();
  return batch ? show(batch->cases) : "none";
}

/// All that wait, in the order of their start.
std::string show_waiting(CaseRun& run) {
  Words words;
  while (const auto batch = run.next()) words.push_back(show(batch->cases));
  return fmt::format("{}", fmt::join(words, "|"));
}

CaseRun make_run(const std::vector<TestCase>& cases, int processes = 1, Choice choice = Choice::any, const BatchOptions& options = {}) {
  return {cases, first(cases.size()), {}, processes, choice, options};
}

std::string tell_all(CaseRun& run, std::size_t batch, const std::vector<CaseEvent>& events, const BatchEnd& end) {
  const std::string told = show(run.handle(batch, events));
  return told + show(run.ended(batch, end));
}

std::vector<CaseEvent> operator+(std::vector<CaseEvent> left, const CaseEvent& right) {
  left.push_back(right);
  return left;
}

}  // namespace

TEST_CASE("case run: cases that pass have their verdicts as they are told") {
  const auto cases = make_cases(3);
  CaseRun run = make_run(cases);
  CHECK(run.has_next());
  CHECK(show_next(run) == "0 1 2");
  CHECK_FALSE(run.has_next());
  CHECK_FALSE(run.done());
  CHECK(show(run.handle(0, passed({0}))) == "0 passed");
  CHECK(show(run.handle(0, {event(Kind::started, 1), event(Kind::ended, 1, Status::skipped, "\nno network\nat all\n")})) ==
        "1 skipped: no network");
  CHECK(show(run.handle(0, passed({2}))) == "2 passed");
  CHECK(show(run.ended(0, exited(0))).empty());
  CHECK(run.done());
  CHECK(show(run.executable_fault()) == "none");
}

TEST_CASE("case run: a verdict says when and where in the log") {
  const auto cases = make_cases(2);
  CaseRun run = make_run(cases);
  run.next();
  CaseEvent begin = event(Kind::started, 0);
  begin.at = Seconds(10);
  begin.output_offset = 100;
  run.handle(0, {begin});
  REQUIRE(run.current(0));
  CHECK(run.current(0)->index == 0);
  CHECK(run.current(0)->since == Seconds(10));
  CaseEvent end = event(Kind::ended, 0);
  end.at = Seconds(12);
  end.output_offset = 150;
  const auto verdicts = run.handle(0, {end});
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].started == Seconds(10));
  CHECK(verdicts[0].duration == Seconds(2));
  CHECK(verdicts[0].output_begin == 100);
  CHECK(verdicts[0].output_end == 150);
  CHECK_FALSE(run.current(0));
  CHECK_FALSE(run.current(7));
  begin.index = 1;
  run.handle(0, {begin});
  const auto of_crash = run.ended(0, killed(SIGSEGV));
  REQUIRE(of_crash.size() == 1);
  CHECK(of_crash[0].output_begin == 100);
  CHECK_FALSE(of_crash[0].output_end);
  CHECK_FALSE(of_crash[0].duration);
}

TEST_CASE("case run: a crash is charged to the case that ran, the rest runs in one process, the case alone") {
  const auto cases = make_cases(5);
  CaseRun run = make_run(cases, 2);
  CHECK(show_waiting(run) == "0 1 2|3 4");
  CHECK(tell_all(run, 1, passed({3, 4}), exited(0)) == "3 passed; 4 passed");
  run.handle(0, {event(Kind::started, 0), event(Kind::noted, 0, Status::passed, "SIGSEGV - segmentation violation")});
  const auto verdicts = run.ended(0, killed(SIGSEGV));
  CHECK(show(verdicts) == "0 crashed: SIGSEGV (again)");
  CHECK(verdicts.back().is_charged);
  CHECK(verdicts[0].message == "SIGSEGV - segmentation violation");
  CHECK(show_waiting(run) == "1 2|0");
  CHECK(tell_all(run, 2, passed({1, 2}), exited(0)) == "1 passed; 2 passed");
  CHECK(tell_all(run, 3, {event(Kind::started, 0)}, {{ExitStatus::Kind::signaled, SIGABRT, true}, {}}) ==
        "0 crashed: SIGABRT, core dumped");
  CHECK(run.done());
}

TEST_CASE("case run: what a case does alone counts") {
  const auto cases = make_cases(2);
  const auto after = [&](const std::vector<CaseEvent>& events, const BatchEnd& end, const std::vector<CaseEvent>& alone,
                         const BatchEnd& alone_end, BatchOptions::OrderDependent order_dependent) {
    CaseRun run = make_run(cases, 1, Choice::any, {.order_dependent = order_dependent});
    run.next();
    run.handle(0, passed({0}));
    const std::string in_batch = tell_all(run, 0, events, end);
    CHECK(show_next(run) == "1");
    return in_batch + " -> " + tell_all(run, 1, alone, alone_end);
  };
  using enum BatchOptions::OrderDependent;
  const auto began = event(Kind::started, 1);
  const auto failed = event(Kind::ended, 1, Status::failed, "a.cpp:3: 1 == 2");
  const auto well = passed({1});

  CHECK(after({began, failed}, exited(1), {began, failed}, exited(1), fail) ==
        "1 failed: a.cpp:3: 1 == 2 (again) -> 1 failed: a.cpp:3: 1 == 2");
  CHECK(after({began, failed}, exited(1), well, exited(0), fail) ==
        "1 failed: a.cpp:3: 1 == 2 (again) -> 1 order_dependent: failed in a batch, passes alone");
  CHECK(after({began, failed}, exited(1), well, exited(0), pass) ==
        "1 failed: a.cpp:3: 1 == 2 (again) -> 1 passed: failed in a batch, passes alone");
  CHECK(after({began}, killed(SIGSEGV), well, exited(0), fail) ==
        "1 crashed: SIGSEGV (again) -> 1 order_dependent: crashed (SIGSEGV) in a batch, passes alone");
  CHECK(after({began}, out_of_time(5), well, exited(0), fail) ==
        "1 timed_out: no end within 5 s (again) -> 1 order_dependent: timed out (no end within 5 s) in a batch, passes alone");
  CHECK(after({began}, exited(0), well, exited(0), fail) ==
        "1 failed: ended its process (exit code 0) (again) -> 1 order_dependent: ended its process (exit code 0) in a batch, passes alone");
  CHECK(after({began}, exited(0), {began}, exited(3), fail) ==
        "1 failed: ended its process (exit code 0) (again) -> 1 failed: ended its process (exit code 3)");
  CHECK(after({began}, killed(SIGSEGV), {began, event(Kind::ended, 1, Status::skipped)}, exited(0), fail) ==
        "1 crashed: SIGSEGV (again) -> 1 order_dependent: crashed (SIGSEGV) in a batch, is skipped alone");
  CHECK(after({began}, killed(SIGSEGV), {began}, out_of_time(5), fail) == "1 crashed: SIGSEGV (again) -> 1 timed_out: no end within 5 s");
}

TEST_CASE("case run: an order-dependent case keeps the message of its failure") {
  const auto cases = make_cases(2);
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, passed({0}));
  run.handle(0, {event(Kind::started, 1), event(Kind::ended, 1, Status::failed, "what failed")});
  CHECK(run.has_next());  // its second run need not wait for the end of the first
  run.next();
  const auto verdicts = run.handle(1, passed({1}));
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].message == "what failed");
  CHECK(verdicts[0].batch == 1);
}

TEST_CASE("case run: a limit is told in the words of a test's") {
  const auto cases = make_cases(1);
  Limits limits;
  limits[LimitKind::memory] = 1 << 30;
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, {event(Kind::started, 0)});
  const BatchEnd end{{ExitStatus::Kind::signaled, SIGKILL, false}, {Ended::By::limit, LimitKind::memory, 0x1p31}, &limits};
  CHECK(show(run.ended(0, end)) == "0 memory_limit: used 2.0 GiB of memory, the limit is 1.0 GiB");
  CHECK(run.done());
}

TEST_CASE("case run: after an interruption nothing follows") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases, 1);
  run.next();
  run.handle(0, passed({0}) + event(Kind::started, 1));
  CHECK(show(run.stop()).empty());
  CHECK(show(run.ended(0, interrupted())) == "1 interrupted: the run was interrupted");
  CHECK(run.done());
  CHECK(show(run.stop()) == "2 3");
  CHECK(show(run.stop()).empty());
}

TEST_CASE("case run: once stopped, the failure of a batch is final") {
  const auto cases = make_cases(6);
  CaseRun run = make_run(cases, 2);
  run.next();
  const auto failed = event(Kind::ended, 0, Status::failed);
  CHECK(show(run.handle(0, {event(Kind::started, 0), failed})) == "0 failed (again)");
  CHECK(show(run.stop()) == "0 3 4 5");
  CHECK_FALSE(run.next());
  CHECK(show(run.handle(0, {event(Kind::started, 1), event(Kind::ended, 1, Status::failed), event(Kind::started, 2)})) == "1 failed");
  run.retry(1);
  CHECK_FALSE(run.has_next());
  CHECK(show(run.ended(0, killed(SIGSEGV))) == "2 crashed: SIGSEGV");
  CHECK(run.done());
}

TEST_CASE("case run: a process killed by us runs again with what had not ended") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, passed({0}) + event(Kind::started, 1));
  run.requeue(0);
  CHECK(show(run.handle(0, passed({1}))).empty());
  CHECK(show_next(run) == "1 2 3");
  CHECK(tell_all(run, 1, passed({1, 2, 3}), exited(0)) == "1 passed; 2 passed; 3 passed");
  CHECK(run.done());
}

TEST_CASE("case run: a case runs once more alone, whatever it did in a batch") {
  const auto cases = make_cases(2);
  CaseRun run = make_run(cases);
  run.next();
  CHECK(tell_all(run, 0, passed({0}) + event(Kind::started, 1), killed(SIGSEGV)) == "0 passed1 crashed: SIGSEGV (again)");
  run.next();
  CHECK(tell_all(run, 1, {event(Kind::started, 1)}, killed(SIGSEGV)) == "1 crashed: SIGSEGV");
  CHECK(run.done());
  run.retry(1);
  CHECK_FALSE(run.done());
  CHECK(show_next(run) == "1");
  CHECK(tell_all(run, 2, passed({1}), exited(0)) == "1 passed");
}

TEST_CASE("case run: events that make no sense change nothing") {
  const auto cases = make_cases(4);
  CaseRun run(cases, {1, 3}, {}, 1, Choice::any, {});
  run.next();
  CHECK(show(run.handle(5, passed({1}))).empty());
  CHECK(show(run.handle(0, passed({0, 2, 99}))).empty());
  CHECK(show(run.handle(0, passed({1, 1}) + event(Kind::ended, 1, Status::failed))) == "1 passed");
  CHECK(show(run.handle(0, {event(Kind::started, 3), event(Kind::started, 1), event(Kind::started, 3)})).empty());
  REQUIRE(run.current(0));
  CHECK(run.current(0)->index == 3);
  CHECK(show(run.handle(0, {event(Kind::ended, 3)})) == "3 passed");
  CHECK(show(run.ended(0, exited(0))).empty());
  CHECK(show(run.ended(0, exited(0))).empty());
  CHECK(run.done());
}

TEST_CASE("case run: a case that told no end while others began runs alone") {
  const auto cases = make_cases(3);
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, {event(Kind::started, 0), event(Kind::started, 1), event(Kind::ended, 1)});
  run.handle(0, passed({2}));
  CHECK(show(run.ended(0, exited(0))).empty());
  CHECK(show_next(run) == "0");
  CHECK(tell_all(run, 1, passed({0}), exited(0)) == "0 passed");
}

TEST_CASE("case run: cases that a process left out run alone, and one that does not begin there failed") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, passed({0, 2}));
  CHECK(show(run.ended(0, exited(0))).empty());
  CHECK(show_waiting(run) == "1|3");
  CHECK(tell_all(run, 1, passed({1}), exited(0)) == "1 passed");
  CHECK(tell_all(run, 2, {}, exited(0)) == "3 failed: the executable ran no such case");
  CHECK(show(run.executable_fault()) == "none");
  CHECK(run.done());
}

TEST_CASE("case run: a framework that stops at the first failure goes on behind it") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases);
  run.next();
  CHECK(tell_all(run, 0, passed({0}) + event(Kind::ended, 1, Status::failed), exited(1)) == "0 passed; 1 failed (again)");
  CHECK(show_waiting(run) == "2 3|1");
}

TEST_CASE("case run: an end after all cases is the fault of the executable") {
  const auto fault = [](const CaseEvent& last, const BatchEnd& end, std::size_t count) {
    const auto cases = make_cases(count);
    CaseRun run = make_run(cases);
    run.next();
    run.handle(0, passed(first(count - 1)));
    run.handle(0, {event(Kind::started, count - 1), last});
    CHECK(show(run.ended(0, end)).empty());
    return show(run.executable_fault());
  };
  for (const std::size_t count : {1U, 3U}) {
    const auto well = event(Kind::ended, count - 1);
    const auto skipped = event(Kind::ended, count - 1, Status::skipped);
    const auto failed = event(Kind::ended, count - 1, Status::failed);
    CHECK(fault(well, exited(0), count) == "none");
    CHECK(fault(well, exited(3), count) == "failed: exit code 3 after its cases");
    CHECK(fault(skipped, exited(1), count) == "failed: exit code 1 after its cases");
    CHECK(fault(failed, exited(255), count) == "none");
    CHECK(fault(failed, killed(SIGSEGV), count) == "crashed: crashed (SIGSEGV) after its cases");
    CHECK(fault(well, out_of_time(2), count) == "timed_out: timed out (no end within 2 s) after its cases");
    CHECK(fault(well, interrupted(), count) == "none");
  }
}

TEST_CASE("case run: an end between two cases is the fault of the executable, unless the second one cannot begin alone") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases);
  run.next();
  run.handle(0, passed({0}));
  CHECK(show(run.ended(0, killed(SIGSEGV))).empty());
  CHECK(show(run.executable_fault()) == "none");
  SUBCASE("nobody knows") {
    CHECK(show(run.stop()) == "1 2 3");
    CHECK(show(run.executable_fault()) == "crashed: crashed (SIGSEGV) between its cases");
    return;
  }
  CHECK(show_waiting(run) == "2 3|1");
  CHECK(tell_all(run, 1, passed({2, 3}), exited(0)) == "2 passed; 3 passed");
  SUBCASE("it begins") {
    CHECK(tell_all(run, 2, passed({1}), exited(0)) == "1 passed");
    CHECK(show(run.executable_fault()) == "crashed: crashed (SIGSEGV) between its cases");
  }
  SUBCASE("it does not") {
    CHECK(tell_all(run, 2, {}, killed(SIGSEGV)) == "1 crashed: SIGSEGV, before any case began");
    CHECK(show(run.executable_fault()) == "none");
  }
}

TEST_CASE("case run: a start that hangs is not waited for again and again") {
  const auto cases = make_cases(100);
  CaseRun run(cases, first(100), {}, 1, Choice::any, {.mode = BatchOptions::Mode::isolated});
  run.handle(run.next()->id, passed({0}));
  run.ended(0, exited(0));
  run.next();
  CHECK(show(run.ended(1, out_of_time(60))) == "1 timed_out: no end within 60 s, before any case began");
  run.next();
  CHECK(run.ended(2, out_of_time(60)).size() == 1);
  run.next();
  CHECK(run.ended(3, out_of_time(60)).size() == 97);
  CHECK(run.done());
}

TEST_CASE("case run: where cases cannot be chosen the executable runs once") {
  const auto cases = make_cases(4);
  CaseRun run = make_run(cases, 2, Choice::all);
  CHECK(show_next(run) == "0 1 2 3");
  run.handle(0, passed({0}));
  CHECK(show(run.handle(0, {event(Kind::started, 1), event(Kind::ended, 1, Status::failed)})) == "1 failed");
  run.handle(0, {event(Kind::started, 2)});
  CHECK(show(run.ended(0, killed(SIGSEGV))) == "2 crashed: SIGSEGV; 3 failed: the process ended before it began");
  CHECK(run.done());
}
