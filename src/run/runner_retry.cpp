// What follows an attempt: another one, the test's result, the end of the run.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "run/runner.hpp"

namespace ptests {

/// An attempt has ended and gave back what it took.
void Runner::settle(TestId id, TestResult result) {
  result.test = &suite_->tests[id];
  static const std::vector<TestResult> k_none;
  const auto past = past_.find(id);
  const std::vector<TestResult>& earlier = past == past_.end() ? k_none : past->second.earlier;
  const std::optional<Seconds> delay = is_ending() ? std::nullopt : retry_.next_attempt(*result.test, result, earlier);
  if (delay)
    run_again(id, std::move(result), *delay);
  else
    finish(id, std::move(result));
}

void Runner::run_again(TestId id, TestResult result, Seconds delay) {
  reporter_->on(AttemptFinished{result, delay});
  Past& past = past_[id];
  past.attempts = result.attempt;
  past.earlier.push_back(std::move(result));
  plan_.pause(id);
  if (delay.count() <= 0) return plan_.retry(id);
  delayed_.emplace(clock_->now() + std::chrono::duration_cast<Attempt::Time::duration>(delay), id);
  set_alarm();
}

void Runner::finish(TestId id, TestResult result) {
  const Status own_status = result.outcome.status;
  const Status status = report(id, std::move(result));
  // A fixture whose set-up is known to fail is not set up.
  plan_.finished(id, status == Status::quarantined ? own_status : status);
  if (is_failure(status)) stop_after_failures();
}

Status Runner::report_whole(TestId id, TestResult result) {
  const Test& test = suite_->tests[id];
  result.test = &test;
  std::vector<TestResult> earlier;
  if (const auto past = past_.find(id); past != past_.end()) earlier = std::move(past->second.earlier);
  past_.erase(id);
  result = retry_.verdict(test, std::move(result), std::move(earlier));
  const Status status = result.outcome.status;
  summary_.failed += is_failure(status) ? 1 : 0;
  summary_.build_failed += status == Status::build_failed ? 1 : 0;
  reporter_->on(TestFinished{std::move(result)});
  return status;
}

void Runner::stop_after_failures() {
  const EarlyEnd& early_end = options_.early_end;
  if (early_end.most_failures == 0 || summary_.failed < early_end.most_failures || is_ending()) return;
  end_early(RunSummary::Stop::too_many_failures, fmt::format("by --fail-fast ({} failed)", summary_.failed));
  if (early_end.action == EarlyEnd::Action::kill_running)
    kill_all();
  else
    drain();
}

/// What runs may end.
void Runner::drain() {
  is_draining_ = true;
  finish_delayed();
  stop_build();
}

void Runner::end_early(RunSummary::Stop stop, std::string reason) {
  summary_.stop = stop;
  summary_.stopped_by = std::move(reason);
}

/// Nothing starts any more: the attempt that was to be followed by another one is the last.
void Runner::finish_delayed() {
  // To take these back and to kill others, as a rule next, takes its time.
  reporter_->flush();
  delayed_.clear();
  stop_all_cases();
  std::vector<TestId> between;
  for (const auto& [id, past] : past_)
    if (!past.earlier.empty() && !attempts_.contains(id)) between.push_back(id);
  std::sort(between.begin(), between.end());
  for (const TestId id : between) {
    std::vector<TestResult>& earlier = past_[id].earlier;
    TestResult last = std::move(earlier.back());
    earlier.pop_back();
    report(id, std::move(last));
  }
  reporter_->flush();
}

/// For whatever comes first: a test that may start again, the end of the run's time.
void Runner::set_alarm() {
  std::optional<Attempt::Time> next = is_ending() ? std::nullopt : deadline_;
  const auto first_of = [](const auto& delayed) { return delayed.empty() ? std::nullopt : std::optional(delayed.begin()->first); };
  for (const std::optional<Attempt::Time>& other :
       {first_of(delayed_), first_of(delayed_cases_), ask_machine_at_, look_at_cases_at_, kill_build_at_, reserved_until_})
    if (other && (!next || *other < *next)) next = other;
  if (next) executor_->set_alarm(std::max(Seconds(0), Seconds(*next - clock_->now())));
}

void Runner::stop_at_deadline() {
  const double seconds = options_.early_end.most_time.count();
  deadline_.reset();
  if (options_.early_end.at_time == EarlyEnd::AtTime::enough) {
    if (is_ending()) return;
    end_early(RunSummary::Stop::enough, fmt::format("by --stress ({:g} s are over)", seconds));
    return drain();
  }
  end_early(RunSummary::Stop::out_of_time, fmt::format("by --max-time ({:g} s are over)", seconds));
  stop_all();
}

void Runner::handle(const AlarmRang& /*fact*/) {
  const Attempt::Time now = clock_->now();
  if (deadline_ && now >= *deadline_ && !is_stopping()) stop_at_deadline();
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    plan_.retry(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
  }
  retry_cases(now);
  if (ask_machine_at_ && now >= *ask_machine_at_) retry_denied();
  if (look_at_cases_at_ && now >= *look_at_cases_at_) look_at_cases();
  if (kill_build_at_ && now >= *kill_build_at_) kill_build();
  if (reserved_until_ && now >= *reserved_until_) end_reservation();
  set_alarm();
}

std::string Runner::describe(const std::vector<Waiting>& tests) const {
  std::vector<std::string> lines;
  lines.reserve(tests.size());
  for (const Waiting& test : tests) lines.push_back(fmt::format("{} {}", suite_->tests[test.test].name, test.reason));
  return join(lines, "\n");
}

/// Tells of those whose reason is another one than the last time.
void Runner::explain() {
  std::map<TestId, std::string> reasons;
  std::vector<Waiting> news;
  for (Waiting& test : waiting()) {
    reasons.emplace(test.test, test.reason);
    const auto told = told_.find(test.test);
    if (told == told_.end() || told->second != test.reason) news.push_back(std::move(test));
  }
  told_ = std::move(reasons);
  if (!news.empty()) reporter_->on(Notice{describe(news)});
}

}  // namespace ptests
