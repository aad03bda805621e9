#pragma once

#include <doctest/doctest.h>

#include "fakes.hpp"
#include "store/executables.hpp"
#include "store/history.hpp"
#include "store/run_recorder.hpp"

namespace ptests::unit {

/// An attempt that ended so, after `seconds`, with so much CPU time; without a process where none is started.
inline TestResult ended_as(Status status, double seconds, double cpu_seconds = 0) {
  TestResult result;
  result.outcome.status = status;
  if (did_run(status)) result.exit = ExitStatus{ExitStatus::Kind::exited, is_failure(status) ? 1 : 0};
  result.duration = Seconds(seconds);
  result.usage.user = std::chrono::round<std::chrono::microseconds>(Seconds(cpu_seconds));
  result.started = FakeClock::k_start;
  return result;
}
inline TestResult passed_in(double seconds, double cpu_seconds = 0) { return ended_as(Status::passed, seconds, cpu_seconds); }

inline History open_history(const fs::path& path) {
  Result<History> history = History::open(path);
  if (!history) throw std::runtime_error(history.error().message);
  return std::move(*history);
}

inline RunRecord make_run(const std::string& run_id, std::chrono::system_clock::time_point started = FakeClock::k_start) {
  RunRecord run;
  run.run_id = run_id;
  run.started = started;
  run.jobs = 4;
  run.host = "host";
  run.build_directory = "/b";
  run.configuration = "Debug";
  run.version = "1.2";
  run.resumes = "r0";
  return run;
}

struct Ended {
  std::string test;
  TestResult result;
};

/// A run that came to its end with these results.
inline void record_run(History& history, const std::string& run_id, const std::vector<Ended>& ended,
                       std::chrono::system_clock::time_point started = FakeClock::k_start, const RunEnd& end = {}) {
  Transaction transaction(history.database());
  RunRecorder recorder(history);
  std::vector<std::string_view> names;
  for (const Ended& one : ended) names.emplace_back(one.test);
  recorder.begin_run(make_run(run_id, started), names);
  for (const Ended& one : ended) recorder.add_attempt(one.test, one.result, AttemptKind::final);
  recorder.end_run(end);
  const Result<void> done = transaction.commit();
  CHECK(message(done) == "ok");
}

}  // namespace ptests::unit
