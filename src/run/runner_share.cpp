// A machine that other runs of ptests use too: what others hold is asked for again and again.
#include <fmt/format.h>

#include <algorithm>

#include "run/runner.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_waits = "waits for another ptests on this machine";

}  // namespace

/// What the machine says to a test that the plan gave out. A refused one goes back to the plan, later.
MachineShare::Answer Runner::ask_machine(TestId id) {
  if (options_.share == nullptr) return MachineShare::Hold();
  const Claim& claim = plan_.claim(id);
  const auto company = claim.serial ? SharedNeed::Company::none : SharedNeed::Company::others;
  MachineShare::Answer answer = ask_machine(SharedNeed{claim.demand.millicpus, company, claim.uses});
  if (const auto* denied = std::get_if<MachineShare::Denied>(&answer)) {
    const bool is_group = denied->kind == MachineShare::Denied::Kind::group;
    denied_[id] = is_group ? fmt::format("waits for {} held by another ptests on this machine", denied->name) : std::string(k_waits);
    plan_.pause(id);
    ask_machine_later();
  }
  return answer;
}

MachineShare::Answer Runner::ask_machine(const SharedNeed& need) {
  if (options_.share == nullptr) return MachineShare::Hold();
  Result<MachineShare::Answer> answer = options_.share->try_take(need, clock_->now());
  if (answer) return std::move(*answer);
  reporter_->on(Notice{fmt::format("The machine is no longer shared with other runs: {}", answer.error().message)});
  options_.share = nullptr;
  return MachineShare::Hold();
}

void Runner::ask_machine_later() {
  const Attempt::Time next = clock_->now() + options_.share->ask_again_in();
  ask_machine_at_ = std::min(ask_machine_at_.value_or(next), next);
  set_alarm();
}

void Runner::retry_denied() {
  for (const auto& [id, reason] : denied_) {
    if (plan_.runs_alone(id))
      plan_.requeue(id);
    else
      plan_.retry(id);
  }
  denied_.clear();
  ask_machine_at_.reset();
}

/// Nothing starts for now, so nobody is to wait for us.
void Runner::stop_asking_machine() {
  if (options_.share != nullptr) options_.share->stop_waiting();
  if (!is_ending()) return;
  denied_.clear();
  ask_machine_at_.reset();
}

/// Every test that has not started, and why not.
std::vector<Waiting> Runner::waiting() const {
  std::vector<Waiting> list = plan_.waiting(resources_);
  // The first that was refused for the machine stands for all that could start.
  const bool waits_for_machine = std::any_of(denied_.begin(), denied_.end(), [](const auto& one) { return one.second == k_waits; });
  for (Waiting& waiting : list)
    if (waits_for_machine && waiting.reason == Waiting::k_ready) waiting.reason = k_waits;
  for (const auto& [id, reason] : denied_) list.push_back({id, reason});
  return list;
}

}  // namespace ptests
