#include "run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "run/launch.hpp"

namespace ptests {

namespace {

/// How often the output of a test with TIMEOUT_AFTER_MATCH is looked at.
constexpr Seconds k_match_interval{0.05};

}  // namespace

Runner::Runner(const Suite& suite, Plan plan, Executor& executor, Reporter& reporter, Clock& clock, RunOptions options)
    : suite_(&suite),
      plan_(std::move(plan)),
      executor_(&executor),
      reporter_(&reporter),
      clock_(&clock),
      options_(std::move(options)),
      resources_(options_.jobs) {}

Result<RunSummary> Runner::run(const std::vector<TestId>& selected) {
  const auto begun = clock_->now();
  RunStarted started{&suite_->tree, {}, options_.jobs, clock_->wall()};
  for (const TestId id : selected) started.tests.push_back(&suite_->tests[id]);
  reporter_->on(started);
  start_build();

  while (true) {
    start_tests();
    if (over()) break;
    if (attempts_.empty() && !build_started_)
      return fail(fmt::format("the run cannot go on; please report this:\n{}", join(plan_.explain_waiting(), "\n")));
    std::visit([this](const auto& fact) { handle(fact); }, executor_->wait());
  }
  reporter_->on(RunFinished{clock_->now() - begun, clock_->wall(), summary_.interrupted_by});
  return summary_;
}

Seconds Runner::timeout_of(const Test& test) const { return test.limits.timeout.value_or(options_.default_timeout); }

bool Runner::over() const {
  const bool idle = attempts_.empty() && !build_started_;
  return idle && (plan_.done() || summary_.interrupted_by != 0);
}

void Runner::start_build() {
  const BuildRequest request{plan_.wanted_targets(), options_.jobs};
  if (request.targets.empty()) return;
  if (options_.build == RunOptions::Build::no) {
    for (const std::string& target : request.targets) plan_.target_ready(target);
    return;
  }
  build_started_ = clock_->now();
  reporter_->on(BuildStarted{});
  if (const Result<void> started = executor_->start_build(request); !started) {
    for (const std::string& target : request.targets) handle(TargetFailed{target, started.error().message});
    handle(BuildEnded{1, started.error().message});
  }
}

void Runner::start_tests() {
  report_refusals();
  if (summary_.interrupted_by != 0) return;
  while (const std::optional<TestId> test = plan_.next(resources_)) {
    start(*test);
    report_refusals();
  }
}

void Runner::report_refusals() {
  if (summary_.interrupted_by != 0) return;
  while (std::optional<Refusal> refusal = plan_.next_refusal()) {
    TestResult result;
    result.outcome = std::move(refusal->outcome);
    result.started = clock_->wall();
    if (result.outcome.status == Status::build_failed) {
      for (const std::string& target : suite_->tests[refusal->test].targets)
        if (const auto found = build_outputs_.find(target); found != build_outputs_.end()) result.build_output += found->second;
    }
    finish(refusal->test, std::move(result));
  }
}

void Runner::start(TestId id) {
  const Test& test = suite_->tests[id];
  Attempt attempt{.lease = resources_.take(test.requirements), .started = clock_->now(), .started_wall = clock_->wall()};
  reporter_->on(TestStarted{&test});
  const Result<LaunchSpec> spec = make_launch(test, options_.log_paths[id]);
  const Result<void> started = spec ? executor_->start(id, *spec) : tl::unexpected(spec.error());
  if (!started) {
    TestResult result;
    const Error& error = started.error();
    result.outcome = {Status::not_run, error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint)};
    result.started = attempt.started_wall;
    { const Lease given_back = std::move(attempt.lease); }
    finish(id, std::move(result));
    return;
  }
  attempt.timeout = timeout_of(test);
  attempt.clock_from = attempt.started;
  attempt.awaits_match = test.limits.after_match.has_value();
  set_timer(id, attempt);
  attempts_.emplace(id, std::move(attempt));
}

void Runner::finish(TestId id, TestResult result) {
  const Status status = result.outcome.status;
  result.test = &suite_->tests[id];
  summary_.failed += is_failure(status) ? 1 : 0;
  summary_.build_failed += status == Status::build_failed ? 1 : 0;
  reporter_->on(TestFinished{std::move(result)});
  plan_.finished(id, status);
}

void Runner::handle(const ChildExited& fact) {
  const auto found = attempts_.find(fact.test);
  const Test& test = suite_->tests[fact.test];
  TestResult result;
  result.duration = clock_->now() - found->second.started;
  result.started = found->second.started_wall;
  result.exit = fact.status;
  result.usage = fact.usage;
  result.log = options_.log_paths[fact.test];
  result.log_size = file_size_or_zero(result.log);
  result.outcome = judge(test, fact.status, found->second.ended_by, result.log);
  if (result.outcome.status == Status::timed_out) result.outcome.reason = fmt::format("no end within {} s", found->second.timeout.count());
  attempts_.erase(found);
  finish(fact.test, std::move(result));
}

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
  const TimeoutAfterMatch& after_match = *suite_->tests[id].limits.after_match;
  const std::uint64_t size = file_size_or_zero(options_.log_paths[id]);
  if (size == attempt.matched_size) return false;
  attempt.matched_size = size;
  if (!output_matches(after_match.regexes, options_.log_paths[id])) return false;
  attempt.awaits_match = false;
  attempt.timeout = after_match.timeout;
  attempt.clock_from = clock_->now();
  return true;
}

void Runner::terminate(TestId id, Attempt& attempt, EndedBy why, int signal_number) {
  attempt.ended_by = why;
  attempt.state = Attempt::State::terminating;
  executor_->kill(id, signal_number);
  executor_->set_timer(id, suite_->tests[id].limits.grace);
}

void Runner::handle(const TimerFired& fact) {
  const auto found = attempts_.find(fact.test);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  if (attempt.awaits_match && attempt.state == Attempt::State::running) {
    const bool matched = restart_clock_on_match(fact.test, attempt);
    const bool time_left = attempt.timeout.count() == 0 || clock_->now() - attempt.clock_from < attempt.timeout;
    if (matched || time_left) {
      set_timer(fact.test, attempt);
      return;
    }
  }
  if (attempt.state == Attempt::State::running) {
    terminate(fact.test, attempt, EndedBy::timeout, suite_->tests[fact.test].limits.timeout_signal);
  } else {
    attempt.state = Attempt::State::killed;
    executor_->kill(fact.test, SIGKILL);
  }
}

void Runner::handle(const SignalArrived& fact) {
  const bool again = summary_.interrupted_by != 0;
  if (!again) summary_.interrupted_by = fact.number;
  for (auto& [id, attempt] : attempts_) {
    if (again) {
      executor_->kill(id, SIGKILL);
    } else if (attempt.state == Attempt::State::running) {
      terminate(id, attempt, EndedBy::interrupt, SIGTERM);
    }
  }
  if (build_started_) executor_->stop_build(again ? SIGKILL : SIGINT);
}

void Runner::handle(const BuildPrinted& fact) { reporter_->on(BuildOutput{fact.line}); }

void Runner::handle(const TargetBuilt& fact) { plan_.target_ready(fact.target); }

void Runner::handle(const TargetFailed& fact) {
  build_outputs_[fact.target] = fact.output;
  plan_.target_failed(fact.target);
}

void Runner::handle(const BuildEnded& fact) {
  const Seconds duration = clock_->now() - *build_started_;
  build_started_.reset();
  summary_.build_broken = fact.exit_code != 0 && summary_.interrupted_by == 0;
  reporter_->on(BuildFinished{fact.exit_code == 0, duration, fact.error});
}

}  // namespace ptests
