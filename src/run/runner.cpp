#include "run/runner.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "run/launch.hpp"

namespace ptests {

Runner::Runner(const Suite& suite, Plan plan, Executor& executor, Reporter& reporter, Clock& clock, RunOptions options)
    : suite_(&suite),
      plan_(std::move(plan)),
      executor_(&executor),
      reporter_(&reporter),
      clock_(&clock),
      options_(std::move(options)),
      resources_(options_.budget, options_.pool),
      retry_(options_.retry),
      next_case_process_(suite.tests.size()),
      step_queue_(options_.steps.most_links) {
  if (options_.protection) protection_.emplace(*options_.protection);
}

Result<RunSummary> Runner::run(const std::vector<TestId>& selected) {
  const auto begun = clock_->now();
  RunStarted started{options_.run_id,
                     &suite_->tree,
                     {},
                     options_.budget.processors,
                     clock_->wall(),
                     options_.resumes,
                     options_.kept.size(),
                     options_.host,
                     options_.version,
                     options_.shard,
                     suite_->tests.size()};
  for (const TestId id : selected) started.tests.push_back(&suite_->tests[id]);
  reporter_->on(started);
  for (const TestResult& kept : options_.kept) {
    reporter_->on(ResultKept{kept});
    summary_.failed += is_failure(kept.outcome.status) ? 1 : 0;
  }
  if (options_.early_end.most_time.count() > 0)
    deadline_ = begun + std::chrono::duration_cast<Attempt::Time::duration>(options_.early_end.most_time);
  set_alarm();
  open_jobserver();
  start_build();

  while (true) {
    withdraw_tokens();
    start_work();
    park_tokens();
    if (over()) break;
    if (is_idle() && kept_.empty()) return fail(fmt::format("the run cannot go on; please report this:\n{}", describe(waiting())));
    if (options_.explain == RunOptions::Explain::waiting) explain();
    reporter_->flush();
    std::visit([this](const auto& fact) { handle(fact); }, executor_->wait());
  }
  reporter_->on(RunFinished{clock_->now() - begun, clock_->wall(), summary_.interrupted_by, summary_.stopped_by});
  return summary_;
}

bool Runner::over() {
  if (!is_idle() || !(plan_.done() || is_ending())) return false;
  end_kept();
  return kept_.empty();
}

// ---- Starting ---------------------------------------------------------------

/// Linkers first, since tests start when they end; then compilers, on half of the processors, or one that the whole run waits for; then
/// tests; then any compiler.
void Runner::start_work() {
  report_refusals();
  if (is_ending() || is_holding_) stop_asking_machine();
  // Whatever the machine's need: if nothing runs, one may start.
  while (!is_ending() && (!is_holding_ || resources_.idle())) {
    if (!lone_steps_.empty() ? !start_lone_step()
                             : !start_step(StepUrgency::before_tests) && !start_test() && !start_step(StepUrgency::after_tests))
      return;
  }
}

/// False when none can.
bool Runner::start_test() {
  while (const std::optional<TestId> test = plan_.next(resources_)) {
    MachineShare::Answer answer = ask_machine(*test);
    if (const auto* denied = std::get_if<MachineShare::Denied>(&answer)) {
      if (denied->kind == MachineShare::Denied::Kind::machine) return false;
      continue;
    }
    steps_before_tests_ = 0;
    start(*test, std::get<MachineShare::Hold>(std::move(answer)));
    report_refusals();
    return true;
  }
  return false;
}

void Runner::report_refusals() {
  if (is_ending()) return;
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

int Runner::take_slot() {
  if (free_slots_.empty()) return slots_made_++;
  return free_slots_.extract(free_slots_.begin()).value();
}

Attempt Runner::take_place(TestId claimant, MachineShare::Hold shared) {
  const auto sharing = plan_.runs_alone(claimant) ? Resources::Sharing::alone : Resources::Sharing::shared;
  Attempt attempt(resources_.take(plan_.claim(claimant), sharing), take_slot());
  attempt.shared = std::move(shared);
  attempt.started = attempt.clock_from = clock_->now();
  attempt.started_wall = clock_->wall();
  return attempt;
}

void Runner::start(TestId id, MachineShare::Hold shared) {
  if (CaseSet* set = cases_of(id)) return start_cases(*set, std::move(shared));
  Attempt attempt = take_place(id, std::move(shared));
  if (const auto past = past_.find(id); past != past_.end()) attempt.number = past->second.attempts + 1;
  attempt.log = attempt_log(options_.log_paths[id], attempt.number);
  if (attempt.number > 1) options_.has_later_attempts = true;
  if (options_.has_later_attempts && attempt.number == 1) remove_later_attempts(attempt.log);
  reporter_->on(TestStarted{&suite_->tests[id], attempt.number, attempt.slot, attempt.started_wall});
  const auto started_wall = attempt.started_wall;
  if (const Result<void> started = launch(id, id, std::move(attempt), {}); !started) finish(id, not_started(started.error(), started_wall));
}

/// The result of what could not be started.
TestResult Runner::not_started(const Error& error, std::chrono::system_clock::time_point when) {
  TestResult result;
  result.outcome = {Status::not_run, error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint)};
  result.started = when;
  return result;
}

/// Starts the process of `id` in the place of `claimant`. When it cannot start, its place is free again.
Result<void> Runner::launch(TestId id, TestId claimant, Attempt attempt, std::vector<std::string> more_environment) {
  const Test& test = test_of(id);
  LaunchContext context{attempt.log, options_.run_id, "", attempt.slot, attempt.number, std::move(more_environment), "", 1, 0};
  name_jobserver(claimant, context);
  if (attempt.lease.allocation())
    for (std::string& entry : resource_environment(*attempt.lease.allocation())) context.more_environment.push_back(std::move(entry));
  Result<void> started;
  if (options_.temporary != nullptr) {
    Result<std::string> folder = options_.temporary->prepare(attempt.slot);
    if (folder)
      context.temporary = std::move(*folder);
    else
      started = tl::unexpected(folder.error());
  }
  // What it prints comes behind what was told before.
  if (test.capture == Capture::none) reporter_->flush();
  const Result<LaunchSpec> spec = started ? make_launch(test, context) : tl::unexpected(started.error());
  started = spec ? executor_->start(id, *spec) : tl::unexpected(spec.error());
  if (!started) {
    free_slots_.insert(attempt.slot);
    return started;
  }
  attempt.executable = spec->command.front();
  attempt.timeout = Seconds(test.limits.positive(LimitKind::timeout).value_or(0));
  attempt.awaits_match = test.limits.after_match.has_value();
  set_timer(id, attempt);
  attempts_.emplace(id, std::move(attempt));
  return started;
}

const Test& Runner::test_of(TestId id) const { return id < suite_->tests.size() ? suite_->tests[id] : case_processes_.at(id)->test; }

/// A test that nobody knows shows what it is when it runs. PROCESSORS above 1 is what people asked for; who wants one at a time gets that.
void Runner::handle(const SleepChanged& fact) {
  Attempt* attempt = find(fact.test);
  if (attempt == nullptr || test_of(fact.test).requirements.processors > 1 || options_.budget.processors == 1) return;
  attempt->lease.set_asleep(fact.is_asleep);
}

Attempt* Runner::find(TestId test) {
  const auto found = attempts_.find(test);
  return found == attempts_.end() ? nullptr : &found->second;
}

}  // namespace ptests
