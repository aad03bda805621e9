#include "schedule/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace ptests {

namespace {

/// After so many overtakings a test that needs more than is free is waited for, so that it cannot starve.
constexpr int k_most_passed_over = 8;

/// Whom tests wait for that wait for slots of the resource specification; no lock and no group is called that.
constexpr std::string_view k_slots = "slots";

using Index = std::unordered_map<std::string, std::vector<TestId>>;

const std::vector<TestId>& find(const Index& index, const std::string& name) {
  static const std::vector<TestId> k_none;
  const auto found = index.find(name);
  return found == index.end() ? k_none : found->second;
}

/// What was measured differs by so much from run to run. Tests that take about the same keep CTest's order: who reads the output finds
/// them where they were, and what is written of them lies together, which halves what the history writes of a thousand short ones.
double told_apart(double seconds) {
  constexpr double k_step = 0.01;
  return std::ceil(seconds / k_step) * k_step;
}

bool is_left_out(const Test& test) { return test.disabled || !test.skip_reason.empty(); }

/// Locks and groups may share their names.
std::vector<GroupUse> uses_of(const Requirements& requirements) {
  std::vector<GroupUse> uses;
  const auto add = [&uses](std::string name, int most) {
    const bool is_known = std::any_of(uses.begin(), uses.end(), [&](const GroupUse& use) { return use.name == name; });
    if (!is_known) uses.push_back({std::move(name), std::max(1, most)});
  };
  for (const std::string& lock : requirements.locks) add("lock " + lock, 1);
  for (const GroupUse& group : requirements.groups) add("group " + group.name, group.most);
  return uses;
}

std::string list_some(const Suite& suite, const std::vector<TestId>& tests) {
  constexpr std::size_t k_most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(k_most, tests.size()); ++i) text += (i == 0 ? "" : ", ") + suite.tests[tests[i]].name;
  return tests.size() > k_most ? fmt::format("{} and {} more", text, tests.size() - k_most) : text;
}

}  // namespace

Result<Plan> Plan::make(const Suite& suite, const std::vector<TestId>& selected, const std::vector<Forecast>& forecasts) {
  if (forecasts.size() != suite.tests.size()) return make(suite, selected, forecast(suite, {}));
  Plan plan(suite);
  plan.unfinished_ = selected.size();
  for (const TestId id : selected) {
    plan.nodes_[id].stage = Stage::waiting;
    const Requirements& requirements = suite.tests[id].requirements;
    plan.nodes_[id].claim = {
        Claim::Of::test, id, forecasts[id].demand, requirements.run_serial, uses_of(requirements), requirements.resource_groups};
    if (is_left_out(suite.tests[id])) continue;
    std::vector<std::string> targets = suite.tests[id].targets;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    for (const std::string& target : targets) plan.needs_target_[target].push_back(id);
    plan.nodes_[id].open_targets = static_cast<int>(targets.size());
  }
  plan.add_edges(selected);
  const Result<std::vector<TestId>> in_order = plan.in_order(selected);
  if (!in_order) return tl::unexpected(in_order.error());
  plan.rank(selected, *in_order, forecasts);
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

Result<std::vector<TestId>> Plan::in_order(const std::vector<TestId>& selected) const {
  std::vector<int> open(nodes_.size());
  std::vector<TestId> order;
  std::vector<TestId> free;
  for (const TestId id : selected) {
    open[id] = nodes_[id].open_tests;
    if (open[id] == 0) free.push_back(id);
  }
  while (!free.empty()) {
    const TestId id = free.back();
    free.pop_back();
    order.push_back(id);
    for (const TestId dependent : nodes_[id].dependents)
      if (--open[dependent] == 0) free.push_back(dependent);
  }
  if (order.size() == selected.size()) return order;

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

void Plan::rank(const std::vector<TestId>& selected, const std::vector<TestId>& in_order, const std::vector<Forecast>& forecasts) {
  std::vector<Urgency> urgencies(nodes_.size());
  // NOLINTNEXTLINE(modernize-loop-convert): backwards
  for (auto id = in_order.rbegin(); id != in_order.rend(); ++id) {
    const Requirements& requirements = suite_->tests[*id].requirements;
    Urgency& urgency = urgencies[*id];
    constexpr double k_latest = std::numeric_limits<double>::infinity();
    urgency = {requirements.run_serial, requirements.priority, !forecasts[*id].failed_before, true, k_latest};
    double& chain = nodes_[*id].chain;
    for (const TestId dependent : nodes_[*id].dependents) {
      const Urgency& behind = urgencies[dependent];
      chain = std::max(chain, nodes_[dependent].chain);
      urgency.priority = std::min(urgency.priority, behind.priority);
      urgency.passed_before = urgency.passed_before && behind.passed_before;
      urgency.shortness = std::min(urgency.shortness, behind.shortness);
    }
    chain += forecasts[*id].duration.count();
    urgency.shortness = std::min(urgency.shortness, -(requirements.cost != 0 ? chain : told_apart(chain)));
    nodes_[*id].work = forecasts[*id].duration.count() * forecasts[*id].demand.millicpus / 1000.0;
    work_left_ += nodes_[*id].work;
  }
  struct Place {
    Urgency urgency;
    TestId test = 0;
  };
  std::vector<Place> places;
  places.reserve(2 * selected.size());
  for (const TestId id : selected) {
    places.push_back({urgencies[id], id});
    if (nodes_[id].open_targets == 0) continue;
    places.push_back(places.back());
    places.back().urgency.made_before = false;
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.urgency < b.urgency; });
  by_rank_.reserve(places.size());
  for (const Place& place : places) {
    Node& node = nodes_[place.test];
    (place.urgency.made_before ? node.rank : node.rank_when_made) = static_cast<int>(by_rank_.size());
    by_rank_.push_back(place.test);
  }
}

std::vector<std::string> Plan::wanted_targets() const {
  std::vector<std::string> targets;
  for (const auto& [target, tests] : needs_target_) targets.push_back(target);
  return targets;
}

Seconds Plan::chain_behind(const std::string& target) const {
  double longest = 0;
  if (const auto found = needs_target_.find(target); found != needs_target_.end())
    for (const TestId id : found->second) longest = std::max(longest, nodes_[id].chain);
  return Seconds(longest);
}

bool Plan::any_waits_for_room(const Resources& resources) const {
  return std::any_of(ready_.begin(), ready_.end(),
                     [&](const auto& kind) { return !kind.first.serial && !resources.too_many_sleep(kind.first.demand); });
}

void Plan::target_ready(const std::string& target, Made made) {
  const auto found = needs_target_.find(target);
  if (found == needs_target_.end()) return;
  const std::vector<TestId> tests = std::move(found->second);
  needs_target_.erase(found);
  for (const TestId id : tests) {
    Node& node = nodes_[id];
    --node.open_targets;
    if (made == Made::now) {
      node.rank = node.rank_when_made;
      node.claim.demand.just_made = true;
    }
    settle(id);
  }
}

void Plan::target_failed(const std::string& target) {
  const auto found = needs_target_.find(target);
  if (found == needs_target_.end()) return;
  for (const TestId id : found->second) nodes_[id].build_failed = true;
  target_ready(target, Made::now);
}

/// Moves a waiting test on when nothing holds it any more.
void Plan::settle(TestId test) {
  Node& node = nodes_[test];
  if (node.stage != Stage::waiting || node.open_tests > 0 || node.open_targets > 0) return;
  std::optional<Outcome> refusal;
  if (suite_->tests[test].disabled) refusal = Outcome{Status::disabled, "Disabled"};
  if (!refusal && !suite_->tests[test].skip_reason.empty()) refusal = Outcome{Status::skipped, suite_->tests[test].skip_reason};
  if (!refusal && node.build_failed) refusal = Outcome{Status::build_failed, "build failed"};
  if (!refusal && !node.failed_fixtures.empty())
    refusal = Outcome{Status::not_run, fmt::format("Failed test dependencies: {}", node.failed_fixtures)};
  if (refusal) {
    give_out(test);
    refused_.push_back({test, std::move(*refusal)});
  } else {
    set_ready(node);
  }
}

void Plan::set_ready(Node& node) {
  node.stage = Stage::ready;
  ready_[kind_of(node)].insert(node.rank);
}

void Plan::give_out(TestId test) { nodes_[test].stage = Stage::given_out; }

/// The most urgent test that fits, as far as its groups are not asked, and the more urgent ones that do not fit.
struct Plan::Candidate {
  TestId test = 0;
  std::vector<int> passed_over;  ///< ranks
};

std::optional<Plan::Candidate> Plan::find_candidate(const Resources& resources) const {
  int best = static_cast<int>(by_rank_.size());
  // What was just made may sleep beside those that were there before, but does not go before one that is more urgent.
  int first_asleep = best;
  for (const auto& [kind, ranks] : ready_)
    if (resources.too_many_sleep(kind.demand)) first_asleep = std::min(first_asleep, *ranks.begin());
  Kind chosen;
  for (const auto& [kind, ranks] : ready_) {
    if (*ranks.begin() >= best || !(kind.serial ? resources.idle() && !holds_serial_ : resources.enough_for(kind.demand))) continue;
    if (kind.demand.sleeps() && *ranks.begin() > first_asleep) continue;
    best = *ranks.begin();
    chosen = kind;
  }
  if (best == static_cast<int>(by_rank_.size())) return std::nullopt;
  Candidate candidate{by_rank_[static_cast<std::size_t>(best)], {}};
  // One that takes nothing keeps nobody waiting.
  if (chosen.demand.is_nothing()) return candidate;
  for (const auto& [kind, ranks] : ready_) {
    // It has its turn when one that sleeps ends, and no processor would be sooner free for it.
    if (*ranks.begin() >= best || resources.too_many_sleep(kind.demand)) continue;
    if (nodes_[by_rank_[static_cast<std::size_t>(*ranks.begin())]].passed_over >= k_most_passed_over) return std::nullopt;
    candidate.passed_over.push_back(*ranks.begin());
  }
  return candidate;
}

std::optional<TestId> Plan::next(const Resources& resources) {
  if (resources.exhausted_for_tests()) return std::nullopt;
  std::optional<Candidate> candidate;
  while ((candidate = find_candidate(resources))) {
    const Claim& claim = nodes_[candidate->test].claim;
    const GroupUse* full = resources.full_group(claim);
    if (full == nullptr && resources.has_slots(claim)) break;
    park(candidate->test, full != nullptr ? full->name : std::string(k_slots));
    for (const GroupUse& use : nodes_[candidate->test].claim.uses)
      if (resources.has_room(use)) wake_one(use.name);
  }
  if (!candidate && resources.idle() && !alone_.empty()) {
    candidate = Candidate{alone_.front(), {}};
    alone_.pop_front();
  }
  if (!candidate) return std::nullopt;
  const Node& node = nodes_[candidate->test];
  for (const int rank : candidate->passed_over) ++nodes_[by_rank_[static_cast<std::size_t>(rank)]].passed_over;
  if (!node.alone) remove_ready(node);
  give_out(candidate->test);
  // The group may have room for more.
  for (const GroupUse& use : node.claim.uses)
    if (use.most > 1) wake_one(use.name);
  return candidate->test;
}

void Plan::remove_ready(const Node& node) {
  const auto found = ready_.find(kind_of(node));
  found->second.erase(node.rank);
  if (found->second.empty()) ready_.erase(found);
}

std::optional<Refusal> Plan::next_refusal() {
  if (refused_.empty()) return std::nullopt;
  Refusal refusal = std::move(refused_.front());
  refused_.pop_front();
  return refusal;
}

/// Puts a ready test aside until `group` has room.
void Plan::park(TestId test, const std::string& group) {
  remove_ready(nodes_[test]);
  parked_[group].insert(nodes_[test].rank);
}

void Plan::wake_one(const std::string& group) {
  const auto found = parked_.find(group);
  if (found == parked_.end()) return;
  std::set<int>& queue = found->second;
  set_ready(nodes_[by_rank_[static_cast<std::size_t>(*queue.begin())]]);
  queue.erase(queue.begin());
  if (queue.empty()) parked_.erase(found);
}

void Plan::wake(const Claim& claim) {
  for (const GroupUse& use : claim.uses) wake_one(use.name);
  // Whose slots fit now is seen when they are tried.
  if (!claim.resources.empty())
    while (parked_.contains(std::string(k_slots))) wake_one(std::string(k_slots));
}

void Plan::requeue(TestId test) {
  assert(nodes_[test].stage == Stage::given_out);
  nodes_[test].stage = Stage::ready;
  nodes_[test].alone = true;
  alone_.push_back(test);
  wake(nodes_[test].claim);
}

void Plan::pause(TestId test) {
  assert(nodes_[test].stage == Stage::given_out);
  wake(nodes_[test].claim);
}

void Plan::retry(TestId test) {
  assert(nodes_[test].stage == Stage::given_out);
  nodes_[test].alone = false;
  set_ready(nodes_[test]);
}

void Plan::withdraw(TestId test) {
  Node& node = nodes_[test];
  if (node.stage != Stage::ready) return;
  give_out(test);
  if (node.alone) {
    std::erase(alone_, test);
    return;
  }
  for (auto parked = parked_.begin(); parked != parked_.end(); ++parked) {
    if (parked->second.erase(node.rank) == 0) continue;
    if (parked->second.empty()) parked_.erase(parked);
    return;
  }
  remove_ready(node);
}

void Plan::finished(TestId test, Status status) {
  assert(nodes_[test].stage == Stage::given_out);
  nodes_[test].stage = Stage::finished;
  --unfinished_;
  work_left_ -= nodes_[test].work;
  wake(nodes_[test].claim);
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

std::string Plan::reason_of(TestId test, const Resources& resources, const std::vector<std::vector<TestId>>& needs) const {
  const Node& node = nodes_[test];
  if (node.stage == Stage::waiting && !needs[test].empty()) return fmt::format("waits for {}", list_some(*suite_, needs[test]));
  if (node.stage == Stage::waiting) return "waits for its build";
  if (node.alone) return "is to run alone, after the others";
  const std::optional<Obstacle> obstacle = resources.obstacle_of(node.claim);
  if (!obstacle) return std::string(Waiting::k_ready);
  const auto size = [](std::uint64_t bytes) { return describe_size(static_cast<double>(bytes)); };
  switch (obstacle->kind) {
    case Obstacle::Kind::group: return fmt::format("waits for {} held by {}", obstacle->name, suite_->tests[obstacle->holder].name);
    case Obstacle::Kind::slots: return "waits for slots of its RESOURCE_GROUPS";
    case Obstacle::Kind::alone:
      if (obstacle->name.empty() && obstacle->holder == test) return "runs alone, after the others";
      return fmt::format("waits for {}, which runs alone", obstacle->name.empty() ? suite_->tests[obstacle->holder].name : obstacle->name);
    case Obstacle::Kind::memory:
      return fmt::format("needs {} of memory, {} are free", size(node.claim.demand.memory), size(resources.free_memory()));
    case Obstacle::Kind::asleep: return fmt::format("waits for one of the {} that sleep", resources.most_asleep(node.claim.demand));
    case Obstacle::Kind::count: return fmt::format("waits for one of the {} that run", resources.budget().most_running);
    case Obstacle::Kind::processors: break;
  }
  return fmt::format("needs {:.2g} processors, {:.2g} are free", resources.millicpus_for(node.claim.demand) / 1000.0,
                     std::max(0, resources.free_millicpus()) / 1000.0);
}

std::vector<Waiting> Plan::waiting(const Resources& resources) const {
  std::vector<std::vector<TestId>> needs(nodes_.size());
  std::vector<TestId> tests;
  for (std::size_t rank = 0; rank < by_rank_.size(); ++rank)
    if (nodes_[by_rank_[rank]].rank == static_cast<int>(rank)) tests.push_back(by_rank_[rank]);
  for (const TestId id : tests)
    if (nodes_[id].stage != Stage::finished)
      for (const TestId dependent : nodes_[id].dependents) needs[dependent].push_back(id);
  std::vector<Waiting> list;
  for (const TestId id : tests)
    if (nodes_[id].stage == Stage::waiting || nodes_[id].stage == Stage::ready) list.push_back({id, reason_of(id, resources, needs)});
  return list;
}

}  // namespace ptests
