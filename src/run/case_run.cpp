#include "run/case_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ptests {

namespace {

constexpr int k_most_silent = 3;

/// The first line that says something.
std::string first_line(const std::string& text) {
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

/// The end of the process as that of any test.
Outcome outcome_of(const BatchEnd& end) {
  if (end.ended.by == Ended::By::itself && end.exit.is_success()) return {};
  Test test;
  if (end.limits != nullptr) test.limits = *end.limits;
  return judge(test, end.exit, end.ended, {});
}

bool ended_by_itself(const BatchEnd& end) { return end.ended.by == Ended::By::itself && end.exit.kind == ExitStatus::Kind::exited; }

/// "crashed (SIGSEGV)", "exit code 3".
std::string describe(const Outcome& outcome) {
  if (outcome.status == Status::failed) return outcome.reason;
  std::string words(status_name(outcome.status));
  std::replace(words.begin(), words.end(), '_', ' ');
  return fmt::format("{} ({})", words, outcome.reason);
}

bool is_pass(Status status) { return !is_failure(status); }

}  // namespace

std::optional<std::size_t> CaseRun::Process::place_of(std::size_t index) const {
  const auto found = std::lower_bound(cases.begin(), cases.end(), index);
  if (found == cases.end() || *found != index) return std::nullopt;
  return static_cast<std::size_t>(found - cases.begin());
}

CaseRun::Cases CaseRun::Process::not_ended() const {
  Cases left;
  for (std::size_t place = 0; place < cases.size(); ++place)
    if (stages[place] != Stage::ended) left.push_back(cases[place]);
  return left;
}

bool CaseRun::Waiting::operator<(const Waiting& other) const {
  return std::tuple(expected, cases.size(), other.order) < std::tuple(other.expected, other.cases.size(), order);
}

CaseRun::CaseRun(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::vector<std::optional<Seconds>> expected,
                 int processes, Adapter::Choice choice, const BatchOptions& options)
    : packing_(cases, std::move(expected), processes, choice, options), processes_(processes), order_dependent_(options.order_dependent) {
  for (Cases& of_process : packing_.pack(chosen)) queue(std::move(of_process));
}

void CaseRun::queue(Cases cases, Urgency urgency) {
  if (cases.empty()) return;
  if (is_stopped_) {
    dropped_.insert(dropped_.end(), cases.begin(), cases.end());
    return;
  }
  const Seconds expected = urgency == Urgency::first ? Seconds::max() : packing_.expected(cases);
  waiting_.push_back({std::move(cases), expected, queued_++});
  std::push_heap(waiting_.begin(), waiting_.end());
}

/// What waits already takes slots before the parts of a split one could.
void CaseRun::queue_left(const Cases& left) {
  const int free = processes_ - static_cast<int>(running_.size() + waiting_.size());
  for (Cases& of_process : packing_.split(left, free)) queue(std::move(of_process));
}

std::optional<Batch> CaseRun::next() {
  if (waiting_.empty()) return std::nullopt;
  std::pop_heap(waiting_.begin(), waiting_.end());
  Batch batch{next_batch_++, std::move(waiting_.back().cases)};
  waiting_.pop_back();
  Process& process = running_[batch.id];
  process.stages.resize(batch.cases.size());
  process.cases = batch.cases;
  return batch;
}

std::optional<CaseRun::Current> CaseRun::current(std::size_t batch) const {
  const auto found = running_.find(batch);
  if (found == running_.end() || !found->second.current) return std::nullopt;
  const Process& process = found->second;
  return Current{process.cases[*process.current], process.told.at(*process.current).started};
}

std::vector<CaseVerdict> CaseRun::handle(std::size_t batch, const std::vector<CaseEvent>& events) {
  Verdicts verdicts;
  const auto found = running_.find(batch);
  if (found == running_.end()) return verdicts;
  Process& process = found->second;
  for (const CaseEvent& event : events) {
    const std::optional<std::size_t> place = process.place_of(event.index);
    if (!place || process.stages[*place] == Process::Stage::ended) continue;
    begin(process, *place, event);
    if (event.kind == CaseEvent::Kind::noted) process.told[*place].message = event.message;
    if (event.kind == CaseEvent::Kind::ended) verdicts.push_back(end(batch, process, *place, event));
  }
  return verdicts;
}

/// Not every framework tells of the start: any event of a case means that it began.
void CaseRun::begin(Process& process, std::size_t place, const CaseEvent& event) {
  if (process.stages[place] != Process::Stage::silent) return;
  process.stages[place] = Process::Stage::running;
  Told& told = process.told[place];
  if (event.kind == CaseEvent::Kind::started) {
    told.started = event.at;
    told.output_begin = event.output_offset;
  }
  if (event.kind != CaseEvent::Kind::ended) process.current = place;
  process.any_began = any_began_ = true;
  silent_in_a_row_ = 0;
  acquit(process.cases[place]);
}

/// A process ended badly when this case was the next, but that was not its doing.
void CaseRun::acquit(std::size_t index) {
  const auto past = past_.find(index);
  if (past == past_.end() || !past->second.died_before) return;
  blame_executable(*std::exchange(past->second.died_before, std::nullopt));
}

CaseVerdict CaseRun::end(std::size_t batch, Process& process, std::size_t place, const CaseEvent& event) {
  if (process.current == place) process.current.reset();
  if (!event.message.empty()) process.told[place].message = event.message;
  const bool says_why = event.status != Status::passed;
  CaseVerdict verdict = verdict_of(batch, process, place, {event.status, says_why ? first_line(event.message) : ""});
  verdict.output_end = event.output_offset;
  verdict.duration = event.duration;
  if (!verdict.duration && event.at && verdict.started) verdict.duration = std::max(Seconds(0), *event.at - *verdict.started);
  if (verdict.duration) packing_.learn(verdict.index, *verdict.duration);
  process.any_failed |= is_failure(event.status);
  settle(verdict, process, "failed");
  return verdict;
}

/// The end of a case in its process.
CaseVerdict CaseRun::verdict_of(std::size_t batch, Process& process, std::size_t place, Outcome outcome) const {
  process.stages[place] = Process::Stage::ended;
  Told told = std::move(process.told.extract(place).mapped());
  CaseVerdict verdict;
  verdict.index = process.cases[place];
  verdict.batch = batch;
  verdict.outcome = std::move(outcome);
  verdict.message = std::move(told.message);
  verdict.started = told.started;
  verdict.output_begin = told.output_begin;
  return verdict;
}

/// Whether a verdict is final, and what it is after a failure together with others. `in_batch`: how such a failure is called.
void CaseRun::settle(CaseVerdict& verdict, const Process& process, std::string in_batch) {
  Outcome& outcome = verdict.outcome;
  const bool may_differ_alone = process.cases.size() > 1 && packing_.can_choose() && !is_stopped_;
  if (is_failure(outcome.status) && may_differ_alone) {
    verdict.is_final = false;
    past_[verdict.index] = {std::move(in_batch), verdict.message, std::nullopt};
    queue({verdict.index});
    return;
  }
  const auto past = past_.find(verdict.index);
  if (past == past_.end()) return;
  if (is_pass(outcome.status) && !past->second.in_batch.empty()) {
    outcome.reason =
        fmt::format("{} in a batch, {} alone", past->second.in_batch, outcome.status == Status::skipped ? "is skipped" : "passes");
    if (order_dependent_ == BatchOptions::OrderDependent::fail) outcome.status = Status::order_dependent;
    if (verdict.message.empty()) verdict.message = std::move(past->second.message);
  }
  past_.erase(past);
}

std::vector<CaseVerdict> CaseRun::ended(std::size_t batch, const BatchEnd& end) {
  Verdicts verdicts;
  auto node = running_.extract(batch);
  if (node.empty()) return verdicts;
  Process& process = node.mapped();
  const bool all_ended = process.not_ended().empty();
  if (end.ended.by == Ended::By::interrupt) {
    interrupt(batch, process, end, verdicts);
  } else if (!process.any_began) {
    nothing_began(batch, process, end, verdicts);
  } else if (process.current) {
    charge(batch, process, end, verdicts);
  } else if (!all_ended && packing_.can_choose()) {
    ended_between(process, end);
  } else {
    const Outcome outcome = outcome_of(end);
    // Frameworks exit so after a failure.
    const bool is_usual = ended_by_itself(end) && process.any_failed;
    if (is_failure(outcome.status) && !is_usual) blame_executable({outcome.status, describe(outcome) + " after its cases"});
    fail_all(batch, process.not_ended(), {Status::failed, "the process ended before it began"}, verdicts);
  }
  return verdicts;
}

void CaseRun::interrupt(std::size_t batch, Process& process, const BatchEnd& end, Verdicts& verdicts) {
  for (std::size_t place = 0; place < process.cases.size(); ++place) {
    if (process.stages[place] == Process::Stage::silent) dropped_.push_back(process.cases[place]);
    if (process.stages[place] != Process::Stage::running) continue;
    verdicts.push_back(verdict_of(batch, process, place, outcome_of(end)));
    verdicts.back().is_charged = true;
    past_.erase(process.cases[place]);
  }
}

/// The case that runs has ended its process.
void CaseRun::charge(std::size_t batch, Process& process, const BatchEnd& end, Verdicts& verdicts) {
  Outcome outcome = outcome_of(end);
  if (ended_by_itself(end)) outcome = {Status::failed, fmt::format("ended its process (exit code {})", end.exit.code)};
  const std::size_t index = process.cases[*process.current];
  std::string in_batch = describe(outcome);
  verdicts.push_back(verdict_of(batch, process, *process.current, std::move(outcome)));
  verdicts.back().is_charged = true;
  const Cases left = process.not_ended();
  if (packing_.can_choose()) queue_left(left);
  // It takes that long alone too.
  if (end.ended.by == Ended::By::limit && limit_info(end.ended.limit).unit == LimitUnit::seconds && end.ended.measured > 0)
    packing_.expect_at_least(index, Seconds(end.ended.measured));
  settle(verdicts.back(), process, std::move(in_batch));
  if (!packing_.can_choose()) fail_all(batch, left, {Status::failed, "the process ended before it began"}, verdicts);
}

void CaseRun::nothing_began(std::size_t batch, const Process& process, const BatchEnd& end, Verdicts& verdicts) {
  ++silent_in_a_row_;
  Outcome outcome = outcome_of(end);
  const bool is_clean = is_pass(outcome.status);
  outcome = is_clean ? Outcome{Status::failed, "the executable ran no such case"}
                     : Outcome{outcome.status, outcome.reason + ", before any case began"};
  if (is_clean) acquit(process.cases.front());
  const bool may_be_all = !any_began_ || end.ended.by == Ended::By::limit;
  if (may_be_all && silent_in_a_row_ >= k_most_silent) {
    fail_all(batch, process.cases, outcome, verdicts);
    for (const Waiting& waiting : std::exchange(waiting_, {})) fail_all(batch, waiting.cases, outcome, verdicts);
  } else if (process.cases.size() == 1 || !packing_.can_choose()) {
    fail_all(batch, process.cases, outcome, verdicts);
  } else if (is_clean) {
    for (const std::size_t index : process.cases) queue({index});
  } else {
    Cases others(process.cases.begin() + 1, process.cases.end());
    queue({process.cases.front()});
    // The set-up of the first ones may be what fails. The last one tells before all are given up.
    if (may_be_all) {
      queue({others.back()}, Urgency::first);
      others.pop_back();
    }
    queue_left(others);
  }
}

/// No case ran when it ended, and some had not begun, or told no end.
void CaseRun::ended_between(const Process& process, const BatchEnd& end) {
  const Cases left = process.not_ended();
  const Outcome outcome = outcome_of(end);
  const bool is_usual = ended_by_itself(end) && process.any_failed;
  const bool are_last = left.front() == process.cases[process.cases.size() - left.size()];
  // It was told to stop at the first failure.
  if (is_failure(outcome.status) && is_usual && are_last) return queue_left(left);
  if (is_pass(outcome.status) || is_usual) {
    for (const std::size_t index : left) queue({index});
    return;
  }
  past_[left.front()].died_before = Outcome{outcome.status, describe(outcome) + " between its cases"};
  if (is_stopped_) acquit(left.front());
  queue({left.front()});
  queue_left({left.begin() + 1, left.end()});
}

void CaseRun::fail_all(std::size_t batch, const Cases& cases, const Outcome& outcome, Verdicts& verdicts) {
  for (const std::size_t index : cases) {
    CaseVerdict& verdict = verdicts.emplace_back();
    verdict.index = index;
    verdict.batch = batch;
    verdict.outcome = outcome;
    past_.erase(index);
  }
}

void CaseRun::blame_executable(Outcome outcome) {
  if (!fault_) fault_ = std::move(outcome);
}

void CaseRun::requeue(std::size_t batch) {
  auto node = running_.extract(batch);
  if (node.empty()) return;
  const Cases left = node.mapped().not_ended();
  for (Cases& of_process : packing_.split(left, 1)) queue(std::move(of_process));
}

void CaseRun::retry(std::size_t index) {
  if (!is_stopped_) queue({index});
}

std::vector<std::size_t> CaseRun::stop() {
  is_stopped_ = true;
  for (const Waiting& waiting : std::exchange(waiting_, {})) dropped_.insert(dropped_.end(), waiting.cases.begin(), waiting.cases.end());
  for (const std::size_t index : dropped_) acquit(index);
  std::sort(dropped_.begin(), dropped_.end());
  return std::exchange(dropped_, {});
}

}  // namespace ptests
