// Rules that hold for every plan, tried on random suites.
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>

#include "schedule/plan.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// A suite whose edges go from lower to higher numbers, so that it has no cycle.
Suite random_suite(Dice& dice, bool only_locks) {
  Suite suite = make_suite({});
  const int size = 1 + dice.roll(14);
  for (int i = 0; i < size; ++i) {
    Test test = make_test(i + 1, fmt::format("t{}", i));
    Requirements& wanted = test.requirements;
    wanted.cost = dice.roll(3);
    for (int n = dice.roll(4) - 1; n > 0; --n) wanted.locks.push_back(std::string(1, static_cast<char>('a' + dice.roll(4))));
    if (dice.roll(5) == 0) wanted.groups.push_back({std::string(1, static_cast<char>('g' + dice.roll(2))), 2});
    wanted.priority = dice.roll(4);
    if (!only_locks) {
      if (dice.roll(8) == 0) wanted.run_serial = true;
      if (dice.roll(4) == 0) wanted.processors = dice.roll(8);
      if (dice.roll(4) == 0) wanted.resource_groups = {{{"gpus", 1 + dice.roll(2)}}};
      if (dice.roll(10) == 0) test.disabled = true;
      if (dice.roll(4) == 0) test.targets = {std::string(1, static_cast<char>('x' + dice.roll(3)))};
    }
    if (i > 0 && dice.roll(3) == 0) wanted.depends.push_back(fmt::format("t{}", dice.roll(i)));
    // Set-ups stand in the first third, clean-ups in the last.
    const std::string fixture(1, static_cast<char>('f' + dice.roll(2)));
    if (dice.roll(3) == 0)
      (3 * i < size ? wanted.fixtures_setup : 3 * i < 2 * size ? wanted.fixtures_required : wanted.fixtures_cleanup) = {fixture};
    suite.tests.push_back(std::move(test));
  }
  return suite;
}

std::vector<Forecast> random_forecasts(Dice& dice, const Suite& suite) {
  std::vector<Forecast> forecasts = forecast(suite, {});
  for (Forecast& of_test : forecasts) {
    of_test.duration = Seconds(dice.roll(5));
    of_test.failed_before = dice.roll(6) == 0;
    if (dice.roll(2) == 0) of_test.demand.millicpus = 100 * dice.roll(dice.roll(2) == 0 ? 3 : 30);
    of_test.demand.memory = static_cast<std::uint64_t>(dice.roll(4));
  }
  return forecasts;
}

/// Three slots, two of them together.
ResourcePool make_pool() {
  ResourceSpec spec;
  spec.types["gpus"] = {{"0", 2}, {"1", 1}};
  return ResourcePool(std::move(spec));
}

/// What must hold at every moment of a run.
class Checker {
 public:
  Checker(const Suite& suite, const Plan& plan, Budget budget)
      : suite_(&suite), plan_(&plan), budget_(budget), status_(suite.tests.size()) {}

  std::string started(TestId id) {
    if (!left(id)) return "left twice";
    const Requirements& wanted = suite_->tests[id].requirements;
    if (!dependencies_ended(id)) return "started before its dependencies";
    if (serial_ || (wanted.run_serial && !running_.empty())) return "serial test not alone";
    for (const std::string& lock : std::set(wanted.locks.begin(), wanted.locks.end()))
      if (!locks_.insert(lock).second) return "lock held twice";
    for (const GroupUse& group : wanted.groups)
      if (++groups_[group.name] > group.most) return "group over its maximum";
    slots_ += slots(id);
    if (slots_ > 3) return "slots taken twice";
    serial_ = wanted.run_serial;
    running_.insert(id);
    millicpus_ += millicpus(id);
    memory_ += plan_->claim(id).demand.memory;
    if (running_.size() == 1) return "";
    const Demand& demand = plan_->claim(id).demand;
    if (demand.sleeps() && sleepers() > budget_.most_asleep + (demand.just_made ? budget_.processors : 0)) return "too many sleep";
    if (millicpus(id) > 0 && millicpus_ >= 1000 * (budget_.processors + 1)) return "processors over budget";
    if (budget_.memory != 0 && demand.memory > 0 && memory_ > budget_.memory) return "memory over budget";
    return static_cast<int>(running_.size()) > budget_.most_running ? "too many run" : "";
  }
  std::string refused(TestId id) { return left(id) ? "" : "left twice"; }
  void paused(TestId id) {
    give_back(id);
    left_.erase(id);
  }
  void ended(TestId id, Status status) {
    status_[id] = status;
    if (running_.contains(id)) give_back(id);
  }
  void fell_asleep(TestId id) {
    if (asleep_.insert(id).second) millicpus_ -= millicpus(id);
  }
  void woke_up(TestId id) {
    if (asleep_.erase(id) > 0) millicpus_ += millicpus(id);
  }
  /// A test that could start: its dependencies ended and its locks are free.
  bool some_could_start() const {
    for (TestId id = 0; id < suite_->tests.size(); ++id) {
      const std::vector<std::string>& locks = suite_->tests[id].requirements.locks;
      const bool free = std::none_of(locks.begin(), locks.end(), [&](const std::string& lock) { return locks_.contains(lock); });
      if (!left_.contains(id) && dependencies_ended(id) && free && suite_->tests[id].requirements.groups.empty() &&
          static_cast<int>(running_.size()) < budget_.processors)
        return true;
    }
    return false;
  }
  std::size_t count() const { return left_.size(); }

 private:
  int sleepers() const {
    return static_cast<int>(std::count_if(running_.begin(), running_.end(), [&](TestId id) { return plan_->claim(id).demand.sleeps(); }));
  }
  int millicpus(TestId id) const { return std::min(plan_->claim(id).demand.millicpus, 1000 * budget_.processors); }
  void give_back(TestId id) {
    woke_up(id);
    slots_ -= slots(id);
    running_.erase(id);
    const Requirements& had = suite_->tests[id].requirements;
    for (const std::string& lock : had.locks) locks_.erase(lock);
    for (const GroupUse& group : had.groups) --groups_[group.name];
    millicpus_ -= millicpus(id);
    memory_ -= plan_->claim(id).demand.memory;
    serial_ = false;
  }
  int slots(TestId id) const {
    const ResourceGroups& groups = suite_->tests[id].requirements.resource_groups;
    return groups.empty() ? 0 : groups[0][0].slots;
  }
  bool left(TestId id) { return left_.insert(id).second; }
  bool ended(TestId id) const { return status_[id].has_value(); }
  bool dependencies_ended(TestId id) const {
    const Requirements& wanted = suite_->tests[id].requirements;
    for (TestId other = 0; other < suite_->tests.size(); ++other) {
      const Requirements& theirs = suite_->tests[other].requirements;
      const auto share = [](const Words& a, const Words& b) {
        return std::any_of(a.begin(), a.end(), [&](const std::string& word) { return std::find(b.begin(), b.end(), word) != b.end(); });
      };
      const bool before = share(wanted.depends, {suite_->tests[other].name}) || share(wanted.fixtures_required, theirs.fixtures_setup) ||
                          share(wanted.fixtures_cleanup, theirs.fixtures_setup) || share(wanted.fixtures_cleanup, theirs.fixtures_required);
      if (before && other != id && !ended(other)) return false;
    }
    return true;
  }

  const Suite* suite_;
  const Plan* plan_;
  Budget budget_;
  int millicpus_ = 0;
  std::uint64_t memory_ = 0;
  int slots_ = 0;
  std::set<TestId> asleep_;
  std::map<std::string, int> groups_;
  bool serial_ = false;
  std::vector<std::optional<Status>> status_;
  std::set<TestId> left_;
  std::set<TestId> running_;
  std::set<std::string> locks_;
};

enum class Rule { any, no_idle_processor };

/// Runs a random suite to its end; the first broken rule, or "".
std::string run_random(unsigned seed, Rule rule) {
  Dice dice(seed);
  const Suite suite = random_suite(dice, rule == Rule::no_idle_processor);
  Budget budget{1 + dice.roll(4)};
  budget.most_running = budget.processors;
  std::vector<Forecast> forecasts;
  if (rule == Rule::any) {
    forecasts = random_forecasts(dice, suite);
    budget.most_running += dice.roll(6);
    budget.most_asleep = 1 + dice.roll(budget.most_running);
    budget.memory = static_cast<std::uint64_t>(dice.roll(5));
  }
  Result<Plan> plan = Plan::make(suite, all_of(suite), forecasts);
  if (!plan) return "";  // a cycle through fixtures
  Resources resources(budget, make_pool());
  Checker checker(suite, *plan, budget);
  std::vector<TestId> paused;
  std::vector<std::pair<TestId, Lease>> running;
  Words targets = plan->wanted_targets();
  while (true) {
    while (const std::optional<Refusal> refusal = plan->next_refusal()) {
      if (const std::string fault = checker.refused(refusal->test); !fault.empty()) return fault;
      checker.ended(refusal->test, refusal->outcome.status);
      plan->finished(refusal->test, refusal->outcome.status);
    }
    if (const std::optional<TestId> id = plan->next(resources)) {
      if (const std::string fault = checker.started(*id); !fault.empty()) return fault;
      running.emplace_back(
          *id, resources.take(plan->claim(*id), plan->runs_alone(*id) ? Resources::Sharing::alone : Resources::Sharing::shared));
      if (dice.roll(4) != 0) continue;
    } else if (rule == Rule::no_idle_processor && checker.some_could_start()) {
      return "a test could start and does not";
    } else if (running.empty() && paused.empty() && targets.empty() && !plan->done()) {
      break;
    }
    if (rule == Rule::any && !running.empty() && dice.roll(3) == 0) {
      auto& [sleeper, lease] = running[static_cast<std::size_t>(dice.roll(static_cast<int>(running.size())))];
      const bool falls_asleep = dice.roll(2) == 0;
      lease.set_asleep(falls_asleep);
      falls_asleep ? checker.fell_asleep(sleeper) : checker.woke_up(sleeper);
      continue;
    }
    if (!paused.empty() && (running.empty() || dice.roll(3) == 0)) {
      plan->retry(paused.back());
      paused.pop_back();
      continue;
    }
    if (!targets.empty() && (running.empty() || dice.roll(2) == 0)) {
      dice.roll(4) == 0 ? plan->target_failed(targets.back())
                        : plan->target_ready(targets.back(), dice.roll(2) == 0 ? Plan::Made::now : Plan::Made::before);
      targets.pop_back();
      continue;
    }
    if (running.empty()) break;
    const auto victim = running.begin() + dice.roll(static_cast<int>(running.size()));
    const TestId id = victim->first;
    std::swap(*victim, running.back());
    running.pop_back();
    if (rule == Rule::any && dice.roll(5) == 0) {
      checker.paused(id);
      if (dice.roll(3) == 0) {
        plan->requeue(id);
      } else {
        plan->pause(id);
        paused.push_back(id);
      }
      continue;
    }
    const Status status = dice.roll(4) == 0 ? Status::failed : Status::passed;
    checker.ended(id, status);
    plan->finished(id, status);
  }
  for (const Waiting& waiting : plan->waiting(resources)) return fmt::format("stuck: {} {}", waiting.test, waiting.reason);
  if (!plan->done()) return "not done";
  return checker.count() == suite.tests.size() ? "" : "not every test left the plan";
}

}  // namespace

TEST_CASE("any suite runs to its end, each test once, nothing over budget") {
  for (unsigned seed = 0; seed < 10000; ++seed) {
    CAPTURE(seed);
    CHECK(run_random(seed, Rule::any) == "");
  }
}

TEST_CASE("no processor idles while a test of one processor could start") {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    CHECK(run_random(seed, Rule::no_idle_processor) == "");
  }
}
