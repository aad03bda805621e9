// How a running test is stopped: time, limits, signals, the machine in need.
#include "run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/files.hpp"
#include "core/limits.hpp"
#include "process/stacks.hpp"
#include "run/launch.hpp"

namespace ptests {

namespace {

/// How often the output of a test with TIMEOUT_AFTER_MATCH is looked at.
constexpr Seconds k_match_interval{0.05};
/// Between SIGINT and SIGKILL: tools that are interrupted remove what they have begun.
constexpr std::chrono::seconds k_build_grace{10};

}  // namespace

// ---- Time -------------------------------------------------------------------

void Runner::set_timer(TestId id, const Attempt& attempt) {
  const Seconds elapsed = clock_->now() - attempt.clock_from;
  const Seconds left = std::max(Seconds(0), attempt.timeout - elapsed);
  if (attempt.awaits_match) {
    executor_->set_timer(id, attempt.timeout.count() > 0 ? std::min(left, k_match_interval) : k_match_interval);
  } else if (attempt.timeout.count() > 0) {
    executor_->set_timer(id, left);
  }
}

/// Looks at the output when there is more of it; true when TIMEOUT_AFTER_MATCH set the clock anew.
bool Runner::restart_clock_on_match(TestId id, Attempt& attempt) {
  const Test& test = test_of(id);
  const TimeoutAfterMatch& after_match = *test.limits.after_match;
  const std::vector<std::string> output = output_files(test, attempt.log);
  std::uint64_t size = 0;
  for (const std::string& file : output) size += file_size_or_zero(file);
  if (size == attempt.matched_size) return false;
  attempt.matched_size = size;
  if (!output_matches(after_match.regexes, output)) return false;
  attempt.awaits_match = false;
  attempt.timeout = after_match.timeout;
  attempt.clock_from = clock_->now();
  return true;
}

void Runner::handle(const TimerFired& fact) {
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr) return;
  switch (attempt->state) {
    case Attempt::State::running: {
      const auto process = case_processes_.find(fact.test);
      if (process != case_processes_.end()) look_at(fact.test, *process->second);
      // A case that failed may have ended the run.
      if (attempt->state != Attempt::State::running) break;
      const bool matched = attempt->awaits_match && restart_clock_on_match(fact.test, *attempt);
      const bool time_left = attempt->timeout.count() == 0 || clock_->now() - attempt->clock_from < attempt->timeout;
      if (matched || ((attempt->awaits_match || process != case_processes_.end()) && time_left)) {
        set_timer(fact.test, *attempt);
      } else {
        attempt->ended = {Ended::By::limit, LimitKind::timeout, attempt->timeout.count()};
        out_of_time(fact.test, *attempt);
      }
      break;
    }
    case Attempt::State::draining:
      attempt->left = executor_->processes(fact.test);
      kill(fact.test, *attempt);
      break;
    case Attempt::State::terminating: kill(fact.test, *attempt); break;
    case Attempt::State::tracing:
    case Attempt::State::killed:
    case Attempt::State::reading_core: break;
  }
}

/// Its stacks tell where it hangs, as long as it lives.
void Runner::out_of_time(TestId id, Attempt& attempt) {
  if (options_.backtrace == RunOptions::Backtrace::off) {
    terminate(id, attempt, test_of(id).limits.timeout_signal);
    return;
  }
  attempt.state = Attempt::State::tracing;
  executor_->take_stacks(id);
}

void Runner::terminate(TestId id, Attempt& attempt, int signal_number) {
  attempt.state = Attempt::State::terminating;
  executor_->kill(id, signal_number);
  executor_->set_timer(id, test_of(id).limits.grace);
}

void Runner::kill(TestId id, Attempt& attempt) {
  attempt.state = Attempt::State::killed;
  executor_->kill(id, SIGKILL);
}

void Runner::handle(const LimitExceeded& fact) {
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr) return end_kept(fact);
  // What eats memory, processes or the disk is not asked to end, and has no grace when it was.
  const bool has_time = fact.kind == LimitKind::idle_timeout || fact.kind == LimitKind::cpu_time;
  const bool is_ending = attempt->state == Attempt::State::tracing || attempt->state == Attempt::State::terminating;
  if (attempt->state == Attempt::State::running) {
    attempt->ended = {Ended::By::limit, fact.kind, fact.measured};
    if (has_time)
      out_of_time(fact.test, *attempt);
    else
      kill(fact.test, *attempt);
  } else if (attempt->state == Attempt::State::draining) {
    attempt->ended = {Ended::By::limit, fact.kind, fact.measured};
    kill(fact.test, *attempt);
  } else if (is_ending && !has_time) {
    kill(fact.test, *attempt);
  }
}

void Runner::handle(const StacksTaken& fact) {
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr) return;
  if (attempt->state == Attempt::State::reading_core) {
    // Where it could not be moved away another test's may have taken its place meanwhile.
    if (is_core_of_another(attempt->core_file, attempt->exit->pid))
      attempt->core_file.clear();
    else
      attempt->stacks = fact.text;
    give_result(fact.test, *attempt);
  } else if (attempt->state == Attempt::State::tracing) {
    attempt->stacks = fact.text;
    terminate(fact.test, *attempt, test_of(fact.test).limits.timeout_signal);
  }
}

// ---- Signals and the machine ------------------------------------------------

void Runner::handle(const SignalArrived& fact) {
  if (fact.number == SIGUSR1) return tell_what_runs();
  if (fact.number == SIGTSTP) return pause();
  const bool again = is_stopping();
  if (summary_.interrupted_by == 0) summary_.interrupted_by = fact.number;
  if (again)
    kill_all();
  else
    stop_all();
}

void Runner::stop(TestId id, Attempt& attempt) {
  if (attempt.state == Attempt::State::draining) {
    kill(id, attempt);
  } else if (attempt.state == Attempt::State::running || attempt.state == Attempt::State::tracing) {
    if (attempt.state == Attempt::State::running) attempt.ended = {Ended::By::interrupt};
    terminate(id, attempt, SIGTERM);
  }
}

void Runner::stop_all() {
  is_draining_ = false;
  finish_delayed();
  for (auto& [id, attempt] : attempts_) stop(id, attempt);
  stop_build();
}

void Runner::stop_build() {
  if (!build_started_) return;
  executor_->stop_build(SIGINT);
  if (kill_build_at_) return;
  kill_build_at_ = clock_->now() + k_build_grace;
  set_alarm();
}

void Runner::kill_build() {
  kill_build_at_.reset();
  reporter_->on(Notice{fmt::format("The build has not ended {} s after it was interrupted: it is killed.", k_build_grace.count())});
  executor_->stop_build(SIGKILL);
}

void Runner::kill_all() {
  finish_delayed();
  std::vector<TestId> gone;
  for (auto& [id, attempt] : attempts_) {
    // Nothing is left of it to kill; its core dump is not waited for.
    if (attempt.state == Attempt::State::reading_core) {
      gone.push_back(id);
    } else {
      if (attempt.state == Attempt::State::running) attempt.ended = {Ended::By::interrupt};
      kill(id, attempt);
    }
  }
  for (const TestId id : gone) give_result(id, attempts_.at(id));
  if (build_started_) executor_->stop_build(SIGKILL);
}

void Runner::pause() {
  const auto stopped = clock_->now();
  stop_asking_machine();
  executor_->pause();
  pauses_.push_back({stopped, clock_->now()});
  const auto pause = clock_->now() - stopped;
  if (build_started_) *build_started_ += pause;
  if (deadline_) *deadline_ += pause;
  if (kill_build_at_) *kill_build_at_ += pause;
  const auto put_off = [pause](auto& delayed) {
    std::remove_reference_t<decltype(delayed)> later;
    for (const auto& [time, what] : delayed) later.emplace(time + pause, what);
    delayed = std::move(later);
  };
  put_off(delayed_);
  put_off(delayed_cases_);
  set_alarm();
  for (auto& [id, attempt] : attempts_) {
    attempt.started += pause;
    attempt.clock_from += pause;
    const Test& test = test_of(id);
    // Its timer counted on: a grace period begins anew.
    if (attempt.state == Attempt::State::running) set_timer(id, attempt);
    if (attempt.state == Attempt::State::terminating) executor_->set_timer(id, test.limits.grace);
    if (attempt.state == Attempt::State::draining) executor_->set_timer(id, test.leak_grace.value_or(options_.leak_grace));
  }
}

/// How long of that time everything was stopped.
Attempt::Time::duration Runner::paused_between(Attempt::Time from, Attempt::Time to) const {
  Attempt::Time::duration paused{};
  for (const Pause& pause : pauses_) paused += std::max(Attempt::Time::duration(0), std::min(to, pause.to) - std::max(from, pause.from));
  return paused;
}

void Runner::tell_what_runs() {
  std::string text = fmt::format("{} test{} running:", attempts_.size(), attempts_.size() == 1 ? "" : "s");
  for (const auto& [id, attempt] : attempts_) {
    const Usage usage = executor_->usage(id);
    const Seconds elapsed = clock_->now() - attempt.started;
    text += fmt::format("\n  {:8.2f} s  {:>10}  {}", elapsed.count(), describe_size(static_cast<double>(usage.peak_rss_bytes)),
                        test_of(id).name);
  }
  const std::vector<Waiting> waiting = this->waiting();
  if (!waiting.empty())
    text += fmt::format("\n{} wait; the next one: {} {}", waiting.size(), suite_->tests[waiting[0].test].name, waiting[0].reason);
  reporter_->on(Notice{std::move(text)});
}

void Runner::handle(const MachineSampled& fact) {
  if (!protection_ || is_stopping()) return;
  const Protection::Decision decision = protection_->decide(fact.state, clock_->now().time_since_epoch());
  const bool holds = decision.action != Protection::Action::go_on;
  if (holds != is_holding_)
    reporter_->on(
        Notice{holds ? fmt::format("No further test starts for now: {}", decision.reason) : "The machine has room again: tests start."});
  is_holding_ = holds;
  if (decision.action == Protection::Action::shed) shed_youngest(decision.reason);
  if (decision.action == Protection::Action::stop) {
    end_early(RunSummary::Stop::to_protect, fmt::format("to protect the machine ({})", decision.reason));
    stop_all();
  }
}

void Runner::shed_youngest(const std::string& reason) {
  // Which case of a process is the one that runs.
  look_at_cases();
  set_alarm();
  if (is_stopping()) return;
  Attempt* youngest = nullptr;
  TestId test = 0;
  int running = 0;
  for (auto& [id, attempt] : attempts_) {
    if (attempt.state != Attempt::State::running) continue;
    ++running;
    if (youngest != nullptr && attempt.started < youngest->started) continue;
    youngest = &attempt;
    test = id;
  }
  // The last one may go on: alone it is what it would be when it runs again.
  if (running < 2) return;
  youngest->is_shed = true;
  kill(test, *youngest);
  const auto process = case_processes_.find(test);
  const bool is_case = process != case_processes_.end() && process->second->shown;
  reporter_->on(TestRequeued{is_case ? process->second->set->tests[*process->second->shown] : &test_of(test), reason});
}

}  // namespace ptests
