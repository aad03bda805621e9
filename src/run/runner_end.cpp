// How a test ends: its process, what it left behind, its result.
#include "run/runner.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "process/stacks.hpp"
#include "run/launch.hpp"

namespace ptests {

void Runner::handle(const ChildExited& fact) {
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr) return;
  attempt->duration = clock_->now() - attempt->started;
  attempt->exit = fact;
  if (fact.limit_hit && attempt->ended.by == Ended::By::itself) attempt->ended = {Ended::By::limit, *fact.limit_hit, 0};
  if (fact.left_processes)
    process_ended(fact.test, *attempt);
  else
    conclude(fact.test, *attempt);
}

/// Others of its tree live on.
void Runner::process_ended(TestId id, Attempt& attempt) {
  const Test& test = test_of(id);
  const bool by_itself = attempt.ended.by == Ended::By::itself && !attempt.is_shed;
  if (by_itself && !is_stopping() && !test.requirements.fixtures_setup.empty()) {
    // A fixture's server is there for the tests that require it.
    kept_.insert(id);
    if (options_.temporary != nullptr) options_.temporary->leave(attempt.slot);
    conclude(id, attempt);
  } else if (by_itself && !is_stopping()) {
    attempt.state = Attempt::State::draining;
    executor_->set_timer(id, test.leak_grace.value_or(options_.leak_grace));
  } else {
    kill(id, attempt);
  }
}

void Runner::handle(const TreeEnded& fact) {
  kept_.erase(fact.test);
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr || !attempt->exit) return;
  attempt->exit->output_size = fact.output_size;
  if (fact.limit_hit && attempt->ended.by == Ended::By::itself) attempt->ended = {Ended::By::limit, *fact.limit_hit, 0};
  conclude(fact.test, *attempt);
}

void Runner::end_kept() {
  if (kept_are_ending_) return;
  kept_are_ending_ = true;
  reporter_->flush();
  for (const TestId test : kept_) executor_->kill(test, SIGKILL);
}

/// A fixture's server may be silent for as long as it likes; all other limits hold for it too.
void Runner::end_kept(const LimitExceeded& fact) {
  if (!kept_.contains(fact.test) || fact.kind == LimitKind::idle_timeout) return;
  executor_->kill(fact.test, SIGKILL);
  reporter_->on(
      Notice{fmt::format("What {} left running was ended: it went beyond {}.", test_of(fact.test).name, limit_info(fact.kind).keyword)});
}

Outcome Runner::outcome_of(const Test& test, const Attempt& attempt) const {
  Outcome outcome = judge(test, attempt.exit->status, attempt.ended, output_files(test, attempt.log));
  if (outcome.status != Status::passed || attempt.left.empty() || leak_policy(test) == LeakPolicy::ignore) return outcome;
  return left_behind(test, attempt.left.size());
}

Outcome Runner::left_behind(const Test& test, std::size_t count) const {
  const Status status = leak_policy(test) == LeakPolicy::fail ? Status::failed : Status::leaked;
  return {status, fmt::format("left {} process{} behind", count, count == 1 ? "" : "es")};
}

/// Everything of it has ended.
void Runner::conclude(TestId id, Attempt& attempt) {
  doubt_tokens(attempt);
  if (attempt.is_shed && !is_stopping()) {
    if (!case_processes_.contains(id)) past_[id].attempts = attempt.number;
    free_slots_.insert(attempt.slot);
    attempts_.erase(id);
    if (case_processes_.contains(id)) return case_process_shed(id);
    plan_.requeue(id);
    return;
  }
  if (attempt.exit->status.core_dumped && options_.backtrace == RunOptions::Backtrace::automatic && !is_stopping()) {
    const int pid = attempt.exit->pid;
    attempt.core_file = keep_core(find_core(test_of(id).working_directory, pid), pid, core_of(attempt.log));
    if (!attempt.core_file.empty()) {
      attempt.state = Attempt::State::reading_core;
      executor_->take_core_stacks(id, {attempt.core_file, attempt.executable});
      return;
    }
  }
  give_result(id, attempt);
}

void Runner::give_result(TestId id, Attempt& attempt) {
  const Test& test = test_of(id);
  TestResult result;
  result.outcome = outcome_of(test, attempt);
  if (attempt.is_shed) result.outcome = {Status::interrupted, "the run was stopped"};
  result.exit = attempt.exit->status;
  result.usage = attempt.exit->usage;
  result.started = attempt.started_wall;
  result.duration = attempt.duration;
  result.attempt = attempt.number;
  result.slot = attempt.slot;
  if (test.capture != Capture::none) {
    result.log = attempt.log;
    result.log_size = attempt.exit->output_size;
  }
  if (test.capture == Capture::split) result.error_log = error_log_of(result.log);
  if (leak_policy(test) != LeakPolicy::ignore) result.left = std::move(attempt.left);
  result.stacks = std::move(attempt.stacks);
  result.core_file = std::move(attempt.core_file);
  if (options_.temporary != nullptr && options_.keep_temporary == RunOptions::KeepTemporary::of_failed &&
      is_failure(result.outcome.status)) {
    if (auto kept = options_.temporary->keep(attempt.slot, fs::path(attempt.log).stem().string())) result.kept_temporary = std::move(*kept);
  }
  const Ended ended = attempt.is_shed ? Ended{Ended::By::interrupt} : attempt.ended;
  free_slots_.insert(attempt.slot);
  attempts_.erase(id);
  if (case_processes_.contains(id))
    case_process_ended(id, std::move(result), ended);
  else
    settle(id, std::move(result));
}

}  // namespace ptests
