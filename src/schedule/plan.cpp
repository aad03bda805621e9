#include "schedule/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace ptests {

namespace {

/// After so many overtakings a test that needs more processors than are free is waited for, so that it cannot starve.
constexpr int k_most_passed_over = 8;

using Index = std::unordered_map<std::string, std::vector<TestId>>;

const std::vector<TestId>& find(const Index& index, const std::string& name) {
  static const std::vector<TestId> k_none;
  const auto found = index.find(name);
  return found == index.end() ? k_none : found->second;
}

}  // namespace

Result<Plan> Plan::make(const Suite& suite, const std::vector<TestId>& selected) {
  Plan plan(suite);
  plan.unfinished_ = selected.size();
  for (const TestId id : selected) {
    plan.nodes_[id].stage = Stage::waiting;
    if (suite.tests[id].disabled) continue;
    std::vector<std::string> targets = suite.tests[id].targets;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    for (const std::string& target : targets) plan.needs_target_[target].push_back(id);
    plan.nodes_[id].open_targets = static_cast<int>(targets.size());
  }
  plan.add_edges(selected);
  if (Result<void> checked = plan.check_cycles(selected); !checked) return tl::unexpected(checked.error());
  plan.rank(selected);
  for (const TestId id : selected) plan.settle(id);
  return plan;
}

void Plan::add_edge(TestId before, TestId after) {
  if (before == after) return;
  nodes_[before].dependents.push_back(after);
  ++nodes_[after].open_tests;
}

void Plan::add_edges(const std::vector<TestId>& selected) {
  Index names;
  Index setups;
  Index requirers;
  for (const TestId id : selected) {
    const Test& test = suite_->tests[id];
    names[test.name].push_back(id);
    for (const std::string& fixture : test.requirements.fixtures_setup) setups[fixture].push_back(id);
    for (const std::string& fixture : test.requirements.fixtures_required) requirers[fixture].push_back(id);
  }
  for (const TestId id : selected) {
    const Requirements& requirements = suite_->tests[id].requirements;
    for (const std::string& name : requirements.depends)
      for (const TestId before : find(names, name)) add_edge(before, id);
    for (const std::string& fixture : requirements.fixtures_required) {
      for (const TestId setup : find(setups, fixture)) {
        add_edge(setup, id);
        std::vector<TestId>& needing = nodes_[setup].requirers;
        if (needing.empty() || needing.back() != id) needing.push_back(id);
      }
    }
    for (const std::string& fixture : requirements.fixtures_cleanup) {
      for (const TestId setup : find(setups, fixture)) add_edge(setup, id);
      for (const TestId requirer : find(requirers, fixture)) add_edge(requirer, id);
    }
  }
}

Result<void> Plan::check_cycles(const std::vector<TestId>& selected) const {
  std::vector<int> open(nodes_.size());
  std::vector<TestId> free;
  for (const TestId id : selected) {
    open[id] = nodes_[id].open_tests;
    if (open[id] == 0) free.push_back(id);
  }
  std::size_t reached = 0;
  while (!free.empty()) {
    const TestId id = free.back();
    free.pop_back();
    ++reached;
    for (const TestId dependent : nodes_[id].dependents)
      if (--open[dependent] == 0) free.push_back(dependent);
  }
  if (reached == selected.size()) return {};

  // What was not reached is on a cycle or behind one; walking backwards from any of it ends on the cycle.
  std::vector<TestId> before(nodes_.size());
  TestId at = 0;
  for (const TestId id : selected) {
    if (open[id] == 0) continue;
    at = id;
    for (const TestId dependent : nodes_[id].dependents) before[dependent] = id;
  }
  for (std::size_t i = 0; i < selected.size(); ++i) at = before[at];
  std::string cycle = suite_->tests[at].name;
  for (TestId id = before[at]; id != at; id = before[id]) cycle += " -> " + suite_->tests[id].name;
  return fail(fmt::format("tests depend on each other in a cycle: {} -> {}", cycle, suite_->tests[at].name),
              "\"a -> b\": a waits for b; look at their DEPENDS and FIXTURES_* properties");
}

void Plan::rank(const std::vector<TestId>& selected) {
  by_rank_ = selected;
  std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](TestId a, TestId b) {
    const Requirements& left = suite_->tests[a].requirements;
    const Requirements& right = suite_->tests[b].requirements;
    if (left.run_serial != right.run_serial) return right.run_serial;
    return left.cost > right.cost;
  });
  for (std::size_t i = 0; i < by_rank_.size(); ++i) nodes_[by_rank_[i]].rank = static_cast<int>(i);
}

std::vector<std::string> Plan::wanted_targets() const {
  std::vector<std::string> targets;
  for (const auto& [target, tests] : needs_target_) targets.push_back(target);
  return targets;
}

void Plan::target_ready(const std::string& target) {
  const auto found = needs_target_.find(target);
  if (found == needs_target_.end()) return;
  const std::vector<TestId> tests = std::move(found->second);
  needs_target_.erase(found);
  for (const TestId id : tests) {
    --nodes_[id].open_targets;
    settle(id);
  }
}

void Plan::target_failed(const std::string& target) {
  const auto found = needs_target_.find(target);
  if (found == needs_target_.end()) return;
  for (const TestId id : found->second) nodes_[id].build_failed = true;
  target_ready(target);
}

/// Moves a waiting test on when nothing holds it any more.
void Plan::settle(TestId test) {
  Node& node = nodes_[test];
  if (node.stage != Stage::waiting || node.open_tests > 0 || node.open_targets > 0) return;
  std::optional<Outcome> refusal;
  if (suite_->tests[test].disabled) refusal = Outcome{Status::disabled, "Disabled"};
  if (!refusal && node.build_failed) refusal = Outcome{Status::build_failed, "build failed"};
  if (!refusal && !node.failed_fixtures.empty())
    refusal = Outcome{Status::not_run, fmt::format("Failed test dependencies: {}", node.failed_fixtures)};
  if (refusal) {
    give_out(test);
    refused_.push_back({test, std::move(*refusal)});
  } else {
    node.stage = Stage::ready;
    ready_.insert(node.rank);
  }
}

void Plan::give_out(TestId test) { nodes_[test].stage = Stage::given_out; }

std::optional<TestId> Plan::next(const Resources& resources) {
  if (resources.exhausted()) return std::nullopt;
  std::vector<int> passed_over;
  std::optional<TestId> chosen;
  for (auto it = ready_.begin(); it != ready_.end() && !chosen;) {
    const TestId id = by_rank_[static_cast<std::size_t>(*it)];
    const Requirements& wanted = suite_->tests[id].requirements;
    if (const std::string* lock = resources.held_lock(wanted)) {
      const int rank = *it;
      park(id, *lock, resources);
      it = ready_.upper_bound(rank);
    } else if (!resources.enough_processors(wanted)) {
      if (nodes_[id].passed_over >= k_most_passed_over || wanted.run_serial) break;
      passed_over.push_back(*it++);
    } else {
      chosen = id;
      ready_.erase(it);
    }
  }
  if (!chosen && resources.idle() && !alone_.empty()) {
    chosen = alone_.front();
    alone_.pop_front();
  }
  if (!chosen) return std::nullopt;
  for (const int rank : passed_over) ++nodes_[by_rank_[static_cast<std::size_t>(rank)]].passed_over;
  give_out(*chosen);
  return chosen;
}

std::optional<Refusal> Plan::next_refusal() {
  if (refused_.empty()) return std::nullopt;
  Refusal refusal = std::move(refused_.front());
  refused_.pop_front();
  return refusal;
}

/// Puts a ready test aside until `lock` is free, and lets the next one try for its other locks.
void Plan::park(TestId test, const std::string& lock, const Resources& resources) {
  const Node& node = nodes_[test];
  ready_.erase(node.rank);
  parked_[lock].insert(node.rank);
  for (const std::string& other : suite_->tests[test].requirements.locks)
    if (other != lock && !resources.is_held(other)) wake_one(other);
}

void Plan::wake_one(const std::string& lock) {
  const auto found = parked_.find(lock);
  if (found == parked_.end()) return;
  std::set<int>& queue = found->second;
  ready_.insert(*queue.begin());
  queue.erase(queue.begin());
  if (queue.empty()) parked_.erase(found);
}

void Plan::requeue(TestId test) {
  assert(nodes_[test].stage == Stage::given_out);
  nodes_[test].stage = Stage::ready;
  nodes_[test].alone = true;
  alone_.push_back(test);
  for (const std::string& lock : suite_->tests[test].requirements.locks) wake_one(lock);
}

void Plan::finished(TestId test, Status status) {
  assert(nodes_[test].stage == Stage::given_out);
  nodes_[test].stage = Stage::finished;
  --unfinished_;
  for (const std::string& lock : suite_->tests[test].requirements.locks) wake_one(lock);
  if (is_failure(status)) {
    for (const TestId requirer : nodes_[test].requirers) {
      std::string& names = nodes_[requirer].failed_fixtures;
      if (!names.empty()) names += ", ";
      names += suite_->tests[test].name;
    }
  }
  for (const TestId dependent : nodes_[test].dependents) {
    --nodes_[dependent].open_tests;
    settle(dependent);
  }
}

std::vector<std::string> Plan::explain_waiting() const {
  std::vector<std::string> lines;
  for (const TestId id : by_rank_) {
    const Node& node = nodes_[id];
    if (node.stage == Stage::waiting)
      lines.push_back(fmt::format("{} waits for {} test(s) and {} target(s)", suite_->tests[id].name, node.open_tests, node.open_targets));
    if (node.stage == Stage::ready) lines.push_back(fmt::format("{} is ready and waits for processors or locks", suite_->tests[id].name));
  }
  return lines;
}

}  // namespace ptests
