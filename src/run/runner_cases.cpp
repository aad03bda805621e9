// The cases of test executables: listed by one process, run by as few as it takes, reported as tests.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/files.hpp"
#include "base/remove_tree.hpp"
#include "framework/listener_reader.hpp"
#include "run/runner.hpp"

namespace ptests {

namespace {

constexpr Seconds k_list_timeout{60};
/// How often what running cases tell is looked at, at the least.
constexpr std::chrono::milliseconds k_look_interval{100};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<void> write_input(const CaseCommand& command, const CasePlaces& places) {
  return command.input.empty() ? Result<void>() : write_file_atomically(places.input, command.input);
}

void add_arguments(Test& test, const CaseCommand& command) {
  test.command.insert(test.command.end(), command.arguments.begin(), command.arguments.end());
}

std::vector<std::string> environment_of(const CaseCommand& command, const CaseProcess& process) {
  std::vector<std::string> environment = command.environment;
  environment.push_back("PTESTS_CASE_EVENTS=" + process.events);
  return environment;
}

/// What it told since the last time.
std::vector<CaseEvent> read_events(CaseProcess& process) {
  std::vector<CaseEvent> events;
  process.stream->read([&](std::string_view bytes) { process.reader->read(bytes, events); });
  return events;
}

/// What becomes of a case that is not to run.
std::optional<Outcome> left_out(const Test& test) {
  if (test.disabled) return Outcome{Status::disabled, ""};
  if (!test.skip_reason.empty()) return Outcome{Status::skipped, test.skip_reason};
  return std::nullopt;
}

std::string read_or_empty(const std::string& file) { return read_file(file).value_or(""); }

}  // namespace

// ---- Starting ---------------------------------------------------------------

/// Nothing for a test that is run as it is.
CaseSet* Runner::cases_of(TestId parent) {
  const Test& test = suite_->tests[parent];
  if (!can_have_cases(test) || options_.cases.batches.mode == BatchOptions::Mode::whole) return nullptr;
  if (const auto found = case_sets_.find(parent); found != case_sets_.end()) return found->second.get();
  std::unique_ptr<Adapter> adapter = make_adapter(test.framework);
  if (!adapter) return nullptr;
  auto set = std::make_unique<CaseSet>();
  set->parent = parent;
  set->adapter = std::move(adapter);
  set->folder = case_folder(parent);
  return case_sets_.emplace(parent, std::move(set)).first->second.get();
}

/// The next process of an executable, whose place the plan gave.
void Runner::start_cases(CaseSet& set, MachineShare::Hold shared) {
  // No event tells of its start.
  reporter_->flush();
  set.is_offered = false;
  if (!set.run && recall_cases(set)) {
    if (!set.run->has_next()) {
      plan_.process_ended(set.parent);
      return finish_cases(set);
    }
  }
  std::optional<Batch> batch = set.run ? set.run->next() : std::nullopt;
  if (set.run && !batch) return plan_.process_ended(set.parent);
  std::unique_ptr<CaseProcess> process =
      make_case_process(set, suite_->tests[set.parent], batch ? fmt::format("batch{}", batch->id + 1) : "list");
  process->started_wall = clock_->wall();
  const Result<CaseCommand> command = batch ? prepare_batch(*process, *batch) : prepare_listing(*process);
  const TestId id = next_case_process_++;
  CaseProcess& kept = *case_processes_.emplace(id, std::move(process)).first->second;
  if (!command) return case_process_not_started(id, command.error());
  add_arguments(kept.test, *command);
  Attempt attempt = take_place(set.parent, std::move(shared));
  attempt.log = kept.log;
  // Of a case by itself; a process of several is the first of its kind.
  if (batch && batch->cases.size() == 1)
    if (const auto past = set.past.find(batch->cases.front()); past != set.past.end()) attempt.number = past->second.attempts + 1;
  kept.slot = attempt.slot;
  kept.started = attempt.started;
  kept.started_wall = attempt.started_wall;
  if (const Result<void> started = launch(id, set.parent, std::move(attempt), environment_of(*command, kept)); !started)
    return case_process_not_started(id, started.error());
  if (set.run && set.run->has_next()) offer(set);
  if (batch) look_soon();
}

/// Whether its cases are known, since nothing that their list depends on has changed.
bool Runner::recall_cases(CaseSet& set) {
  const Test& parent = suite_->tests[set.parent];
  if (parent.ctest_cases) set.stamp = file_stamp(parent.ctest_cases->executable);
  set.identity = identity_of_cases(parent);
  std::optional<CaseList> known = read_case_list(case_list_file(options_.log_paths[set.parent]), set.identity);
  if (!known || !make_folder(set)) return false;
  take_list(set, std::move(*known));
  return true;
}

/// For what its processes write: empty.
Result<void> Runner::make_folder(const CaseSet& set) {
  remove_tree(set.folder);
  return make_directories(set.folder);
}

Result<CaseCommand> Runner::prepare_listing(CaseProcess& process) const {
  CaseSet& set = *process.set;
  if (Result<void> done = make_folder(set); !done) return tl::unexpected(done.error());
  Limits& limits = process.test.limits;
  limits[LimitKind::timeout] = std::max(limits.positive(LimitKind::timeout).value_or(0), k_list_timeout.count());
  limits[LimitKind::idle_timeout].reset();
  limits.after_match.reset();
  CaseCommand command = set.adapter->list_command(process.places);
  if (const Result<void> done = write_input(command, process.places); !done) return tl::unexpected(done.error());
  return command;
}

Result<CaseCommand> Runner::prepare_batch(CaseProcess& process, const Batch& batch) const {
  const CaseSet& set = *process.set;
  process.batch = batch.id;
  CaseOrder order = options_.cases.order;
  if (!set.has_listener && !set.adapter->reads_any_order()) order.by = CaseOrder::By::declaration;
  CaseCommand command = set.adapter->run_command(set.cases, batch.cases, process.places, order, set.has_listener);
  if (const Result<void> done = write_input(command, process.places); !done) return tl::unexpected(done.error());
  if (set.has_listener) {
    process.reader = make_listener_reader(set.cases, batch.cases);
    process.stream.emplace(process.events);
  } else {
    process.reader = set.adapter->make_reader(set.cases, batch.cases);
    process.stream.emplace(set.adapter->stream() == Adapter::Stream::output ? process.log : process.places.results);
  }
  return command;
}

/// The plan may give its test out for one more process.
void Runner::offer(CaseSet& set) {
  if (set.is_offered) return;
  set.is_offered = true;
  plan_.retry(set.parent);
}

void Runner::case_process_not_started(TestId id, const Error& error) {
  const auto process = std::move(case_processes_.extract(id).mapped());
  CaseSet& set = *process->set;
  plan_.process_ended(set.parent);
  TestResult result = not_started(error, process->started_wall);
  if (!process->batch) return finish(set.parent, std::move(result));
  // None of them can start.
  set.fault = result.outcome;
  set.run->requeue(*process->batch);
  stop_cases(set);
  if (has_all_results(set)) finish_cases(set);
}

// ---- What they tell ---------------------------------------------------------

/// Trivial cases end by the hundred in milliseconds: what becomes of their results is not to wait for the last.
void Runner::look_soon() {
  look_interval_ = std::chrono::duration_cast<Attempt::Time::duration>(options_.cases.first_look);
  const Attempt::Time soon = clock_->now() + look_interval_;
  if (look_at_cases_at_ && *look_at_cases_at_ <= soon) return;
  look_at_cases_at_ = soon;
  set_alarm();
}

void Runner::look_at_cases() {
  look_at_cases_at_.reset();
  // What one of them tells may bring about the end of others.
  std::vector<TestId> told;
  for (const auto& [id, process] : case_processes_)
    if (process->batch) told.push_back(id);
  look_interval_ = std::min<Attempt::Time::duration>(2 * look_interval_, k_look_interval);
  if (!told.empty()) look_at_cases_at_ = clock_->now() + look_interval_;
  for (const TestId id : told)
    if (const Attempt* attempt = find(id); attempt != nullptr && attempt->state == Attempt::State::running)
      look_at(id, *case_processes_.at(id));
}

/// False when it told nothing new. `of_process` is what is known of its end.
bool Runner::take_events(CaseProcess& process, const std::vector<CaseEvent>& events, const TestResult& of_process) {
  if (events.empty()) return false;
  cases_ended(process, process.set->run->handle(*process.batch, events), of_process);
  return true;
}

/// The clock of a process is that of the case that runs.
void Runner::look_at(TestId id, CaseProcess& process) {
  if (!process.batch) return;
  if (!take_events(process, read_events(process), {})) return;
  const std::optional<CaseRun::Current> current = process.set->run->current(*process.batch);
  Attempt* attempt = find(id);
  if (attempt == nullptr) return;
  attempt->clock_from = clock_->now();
  if (!current) return;
  if (current->since) {
    const Attempt::Time since(std::chrono::duration_cast<Attempt::Time::duration>(*current->since));
    attempt->clock_from = since + paused_between(since, clock_->now());
  }
  if (process.shown == current->index) return;
  process.shown = current->index;
  const auto past = process.set->past.find(current->index);
  reporter_->on(TestStarted{process.set->tests[current->index], past == process.set->past.end() ? 1 : past->second.attempts + 1,
                            process.slot, clock_->wall() - (clock_->now() - attempt->clock_from)});
}

// ---- How they end -----------------------------------------------------------

void Runner::case_process_ended(TestId id, TestResult result, const Ended& ended) {
  // Its test is asked for until the last moment.
  CaseProcess& process = *case_processes_.at(id);
  if (process.batch) {
    batch_ended(id, process, result, ended);
  } else {
    const std::unique_ptr<CaseProcess> listing = std::move(case_processes_.extract(id).mapped());
    plan_.process_ended(listing->set->parent);
    cases_listed(*listing, std::move(result), ended);
  }
}

/// An executable that cannot list its cases is one failed test.
void Runner::cases_listed(const CaseProcess& process, TestResult result, const Ended& ended) {
  CaseSet& set = *process.set;
  const Test& parent = suite_->tests[set.parent];
  // Of a process that was killed or crashed only a list that says itself that it is whole counts, which what is printed does not.
  const bool exited = ended.by == Ended::By::itself && result.exit->kind == ExitStatus::Kind::exited;
  Result<std::vector<TestCase>> cases =
      set.adapter->parse_list(exited ? read_or_empty(process.log) : "", read_or_empty(process.places.results));
  if (ended.by == Ended::By::interrupt || !cases || cases->empty()) {
    if (exited) result.outcome = {Status::failed, cases ? "its executable has none" : cases.error().message};
    result.outcome.reason = fmt::format("listing its test cases: {}", result.outcome.reason);
    return finish(set.parent, std::move(result));
  }
  CaseList list{std::move(*cases), is_of_listener(read_or_empty(process.events))};
  // It may have been built anew since it was started.
  if (identity_of_cases(parent) == set.identity) write_case_list(case_list_file(options_.log_paths[set.parent]), set.identity, list);
  take_list(set, std::move(list));
  if (set.run->has_next())
    offer(set);
  else
    finish_cases(set);
}

/// Its cases are tests from here on.
void Runner::take_list(CaseSet& set, CaseList list) {
  const Test& parent = suite_->tests[set.parent];
  set.cases = std::move(list.cases);
  set.has_listener = list.has_listener;
  const Test pattern = make_case_pattern(parent);
  for (const TestCase& one : set.cases) set.tests.push_back(&case_tests_.emplace_back(make_case_test(pattern, one)));
  if (options_.cases.on_listed) options_.cases.on_listed(parent, set);
  std::vector<std::size_t> chosen = report_cases(set);
  if (options_.cases.only_list) chosen.clear();
  BatchOptions batches = options_.cases.batches;
  if (parent.isolate_cases) batches.mode = BatchOptions::Mode::isolated;
  const int processes = std::max(1, options_.budget.processors / std::max(1, parent.requirements.processors));
  set.run.emplace(set.cases, chosen, expected_durations(set), processes, set.adapter->choice(), batches);
}

/// Tells reporters of the cases that are wanted. Returns those that are to run.
std::vector<std::size_t> Runner::report_cases(const CaseSet& set) {
  const Test& parent = suite_->tests[set.parent];
  std::vector<bool> wanted(set.tests.size(), true);
  if (options_.cases.is_wanted) wanted = options_.cases.is_wanted(parent, set.tests);
  CasesListed listed{&parent, {}, {}};
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < set.tests.size(); ++i) {
    if (!wanted[i]) continue;
    listed.cases.push_back(set.tests[i]);
    if (!left_out(*set.tests[i])) chosen.push_back(i);
  }
  reporter_->on(listed);
  for (const Test* test : listed.cases) {
    const std::optional<Outcome> outcome = left_out(*test);
    if (!outcome) continue;
    TestResult result;
    result.test = test;
    result.outcome = *outcome;
    result.started = clock_->wall();
    reporter_->on(TestFinished{std::move(result)});
  }
  return chosen;
}

std::vector<std::optional<Seconds>> Runner::expected_durations(const CaseSet& set) const {
  std::vector<std::optional<Seconds>> expected(set.tests.size());
  if (options_.cases.histories == nullptr) return expected;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto known = options_.cases.histories->find(set.tests[i]->name);
    if (known != options_.cases.histories->end() && known->second.runs > 0) expected[i] = known->second.duration;
  }
  return expected;
}

void Runner::batch_ended(TestId id, CaseProcess& process, const TestResult& result, const Ended& ended) {
  CaseSet& set = *process.set;
  std::vector<CaseEvent> events = read_events(process);
  process.reader->finish(events);
  take_events(process, events, result);
  cases_ended(process, set.run->ended(*process.batch, {*result.exit, ended, &process.test.limits}), result);
  set.left.insert(set.left.end(), result.left.begin(), result.left.end());
  const std::unique_ptr<CaseProcess> gone = std::move(case_processes_.extract(id).mapped());
  plan_.process_ended(set.parent);
  if (is_ending()) stop_cases(set);
  if (set.run->has_next())
    offer(set);
  else if (has_all_results(set))
    finish_cases(set);
}

void Runner::cases_ended(const CaseProcess& process, const std::vector<CaseVerdict>& verdicts, const TestResult& of_process) {
  for (const CaseVerdict& verdict : verdicts) case_ended(process, verdict, of_process);
  // Before anything else is done they are on disk, all of them in one write.
  reporter_->flush();
}

void Runner::case_ended(const CaseProcess& process, const CaseVerdict& verdict, const TestResult& of_process) {
  CaseSet& set = *process.set;
  CaseSet::Past& past = set.past[verdict.index];
  TestResult result;
  result.test = set.tests[verdict.index];
  result.outcome = verdict.outcome;
  if (result.outcome.reason.empty()) result.outcome.reason = first_line(verdict.message);
  result.attempt = ++past.attempts;
  result.slot = process.slot;
  take_times(result, process, verdict, of_process);
  result.log = cut_case_log(process, verdict, result.attempt);
  result.log_size = result.log.empty() ? 0 : file_size_or_zero(result.log);
  if (verdict.is_charged && of_process.exit) {
    result.exit = of_process.exit;
    result.stacks = of_process.stacks;
    result.core_file = of_process.core_file;
  }
  // Nothing starts any more once the run is ending.
  const bool is_final = verdict.is_final || is_ending();
  const bool may_retry = is_final && !is_ending() && result.outcome.status != Status::order_dependent;
  const std::optional<Seconds> delay = may_retry ? retry_.next_attempt(*result.test, result, past.retries) : std::nullopt;
  if (is_final && !delay) {
    std::vector<TestResult> earlier = std::move(past.earlier);
    return report_case(set, verdict.index, std::move(result), std::move(earlier));
  }
  reporter_->on(AttemptFinished{result, delay.value_or(Seconds(0))});
  if (delay) past.retries.push_back(result);
  past.earlier.push_back(std::move(result));
  if (delay && delay->count() <= 0) {
    set.run->retry(verdict.index);
  } else if (delay) {
    ++set.delayed;
    delayed_cases_.emplace(clock_->now() + std::chrono::duration_cast<Attempt::Time::duration>(*delay), DelayedCase{&set, verdict.index});
    set_alarm();
  }
}

void Runner::take_times(TestResult& result, const CaseProcess& process, const CaseVerdict& verdict, const TestResult& of_process) const {
  const Attempt::Time started =
      verdict.started ? Attempt::Time(std::chrono::duration_cast<Attempt::Time::duration>(*verdict.started)) : process.started;
  const Seconds into = std::max(Seconds(0), Seconds(started - process.started));
  result.started = process.started_wall + std::chrono::duration_cast<std::chrono::system_clock::duration>(into);
  if (verdict.duration) {
    const auto ended = started + std::chrono::duration_cast<Attempt::Time::duration>(*verdict.duration);
    result.duration = *verdict.duration - (verdict.started ? Seconds(paused_between(started, ended)) : Seconds(0));
  } else if (verdict.is_charged) {
    // One that its process ended with ran until then.
    result.duration = of_process.duration - (into - Seconds(paused_between(process.started, started)));
  }
  result.duration = std::max(Seconds(0), result.duration);
}

/// Its last attempt has decided.
void Runner::report_case(CaseSet& set, std::size_t index, TestResult result, std::vector<TestResult> earlier) {
  const bool has_failed = is_failure(result.outcome.status);
  result = retry_.verdict(*set.tests[index], std::move(result), std::move(earlier));
  set.past.erase(index);
  const Status status = result.outcome.status;
  // A fixture whose set-up is known to fail is not set up.
  set.any_failed |= is_failure(status) || (status == Status::quarantined && has_failed);
  summary_.failed += is_failure(status) ? 1 : 0;
  reporter_->on(TestFinished{std::move(result)});
  if (is_failure(status)) stop_after_failures();
}

/// It was killed to protect the machine.
void Runner::case_process_shed(TestId id) {
  const std::unique_ptr<CaseProcess> process = std::move(case_processes_.extract(id).mapped());
  CaseSet& set = *process->set;
  plan_.process_ended(set.parent);
  if (process->batch) {
    take_events(*process, read_events(*process), {});
    set.run->requeue(*process->batch);
    if (has_all_results(set)) return finish_cases(set);
  }
  if (set.is_offered || (set.run && !set.run->has_next())) return;
  set.is_offered = true;
  plan_.requeue(set.parent);
}

void Runner::retry_cases(Attempt::Time now) {
  while (!delayed_cases_.empty() && delayed_cases_.begin()->first <= now) {
    const DelayedCase one = delayed_cases_.extract(delayed_cases_.begin()).mapped();
    --one.set->delayed;
    one.set->run->retry(one.index);
    offer(*one.set);
  }
}

/// Nothing of it starts any more: what was to run once more has the result of its last attempt.
void Runner::stop_cases(CaseSet& set) {
  // What waits for its time is dropped with the others.
  std::erase_if(delayed_cases_, [&](const auto& delayed) {
    if (delayed.second.set != &set) return false;
    --set.delayed;
    set.run->retry(delayed.second.index);
    return true;
  });
  for (const std::size_t index : set.run->stop()) {
    const auto past = set.past.find(index);
    if (past == set.past.end() || past->second.earlier.empty()) continue;
    std::vector<TestResult> earlier = std::move(past->second.earlier);
    TestResult last = std::move(earlier.back());
    earlier.pop_back();
    report_case(set, index, std::move(last), std::move(earlier));
  }
}

void Runner::stop_all_cases() {
  for (const auto& [parent, set] : case_sets_)
    if (set->run) stop_cases(*set);
}

bool Runner::has_all_results(const CaseSet& set) const { return set.run->done() && set.delayed == 0; }

/// What is to be said of the executable itself.
std::optional<TestResult> Runner::own_result(CaseSet& set) {
  if (!set.fault) set.fault = set.run->executable_fault();
  // A list that is not true any more, for a reason that its identity does not tell, would make cases fail.
  if (set.fault || set.any_failed) std::remove(case_list_file(options_.log_paths[set.parent]).c_str());
  if (!set.fault && set.left.empty()) return std::nullopt;
  TestResult result;
  result.outcome = set.fault ? *set.fault : left_behind(suite_->tests[set.parent], set.left.size());
  result.left = std::exchange(set.left, {});
  result.started = clock_->wall();
  return result;
}

/// No process of it runs, and none will.
void Runner::finish_cases(CaseSet& set) {
  std::optional<TestResult> own = own_result(set);
  if (is_ending()) {
    // Of its cases some may have no result.
    if (own) report(set.parent, std::move(*own));
    return;
  }
  plan_.withdraw(set.parent);
  denied_.erase(set.parent);
  if (own) return finish(set.parent, std::move(*own));
  plan_.finished(set.parent, set.any_failed ? Status::failed : Status::passed);
}

}  // namespace ptests
