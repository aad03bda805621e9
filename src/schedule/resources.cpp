#include "schedule/resources.hpp"

#include <algorithm>
#include <cassert>

namespace ptests {

namespace {

/// Measured demands are rounded up: a tenth more than there is may be given out, but never as much as another whole processor.
int total_millicpus(int processors) { return 1000 * processors + std::min(100 * processors, 900); }

}  // namespace

Resources::Resources(Budget budget, std::optional<ResourcePool> pool)
    : budget_(budget), free_millicpus_(total_millicpus(budget.processors)), pool_(std::move(pool)) {
  if (budget_.most_running <= 0) budget_.most_running = budget_.processors;
  if (budget_.most_asleep <= 0) budget_.most_asleep = budget_.most_running;
}

int Resources::millicpus_for(const Demand& demand) const { return std::clamp(demand.millicpus, 0, 1000 * budget_.processors); }

std::uint64_t Resources::free_memory() const { return budget_.memory - std::min(used_memory_, budget_.memory); }

int Resources::most_asleep(const Demand& demand) const { return budget_.most_asleep + (demand.just_made ? budget_.processors : 0); }

bool Resources::too_many_sleep(const Demand& demand) const { return demand.sleeps() && asleep_ > 0 && asleep_ >= most_asleep(demand); }

bool Resources::enough_for(const Demand& demand) const {
  if (running_ == 0) return true;
  if (too_many_sleep(demand)) return false;
  const bool enough_memory = budget_.memory == 0 || demand.memory <= free_memory();
  return enough_memory && millicpus_for(demand) <= free_millicpus_;
}

bool Resources::has_room(const GroupUse& use) const {
  const auto found = holders_.find(use.name);
  return found == holders_.end() || static_cast<int>(found->second.size()) < use.most;
}

bool Resources::has_slots(const Claim& claim) const {
  if (!pool_ || claim.resources.empty()) return true;
  ResourcePool trial = *pool_;
  return trial.allocate(claim.resources).has_value();
}

const GroupUse* Resources::full_group(const Claim& claim) const {
  const auto full = std::find_if(claim.uses.begin(), claim.uses.end(), [this](const GroupUse& use) { return !has_room(use); });
  return full == claim.uses.end() ? nullptr : &*full;
}

std::optional<Obstacle> Resources::obstacle_of(const Claim& claim) const {
  if (running_ == 0) return std::nullopt;
  if (alone_ != nullptr) return Obstacle{Obstacle::Kind::alone, alone_->of == Claim::Of::step ? "a compiler" : "", alone_->test};
  if (claim.serial) return Obstacle{Obstacle::Kind::alone, "", claim.test};
  if (const GroupUse* full = full_group(claim)) return Obstacle{Obstacle::Kind::group, full->name, holders_.at(full->name).front()};
  if (!has_slots(claim)) return Obstacle{Obstacle::Kind::slots, "", 0};
  if (claim.of == Claim::Of::test && tests_running_ > 0 && tests_running_ >= budget_.most_running)
    return Obstacle{Obstacle::Kind::count, "", 0};
  if (enough_for(claim.demand)) return std::nullopt;
  if (too_many_sleep(claim.demand)) return Obstacle{Obstacle::Kind::asleep, "", 0};
  const bool lacks_memory = budget_.memory != 0 && claim.demand.memory > free_memory();
  return Obstacle{lacks_memory ? Obstacle::Kind::memory : Obstacle::Kind::processors, "", 0};
}

Lease Resources::take(const Claim& claim, Sharing sharing) {
  assert(fits(claim));
  ++running_;
  if (claim.of == Claim::Of::test) {
    ++tests_running_;
    asleep_ += claim.demand.sleeps() ? 1 : 0;
  }
  free_millicpus_ -= millicpus_for(claim.demand);
  used_memory_ += claim.demand.memory;
  if (claim.serial || sharing == Sharing::alone) alone_ = &claim;
  for (const GroupUse& use : claim.uses) holders_[use.name].push_back(claim.test);
  std::optional<Allocation> allocation;
  if (pool_ && !claim.resources.empty()) allocation = pool_->allocate(claim.resources);
  return {this, &claim, std::move(allocation)};
}

void Resources::lend(int processors) {
  free_millicpus_ += 1000 * (lent_ - processors);
  lent_ = processors;
}

int Resources::lendable() const { return std::clamp(free_millicpus_ / 1000, 0, std::max(0, budget_.processors - 1 - lent_)); }

void Lease::set_asleep(bool is_asleep) {
  if (is_asleep == is_asleep_) return;
  is_asleep_ = is_asleep;
  resources_->free_millicpus_ += (is_asleep ? 1 : -1) * resources_->millicpus_for(taken_->demand);
}

void Resources::give_back(const Claim& taken, const std::optional<Allocation>& allocation, bool is_asleep) {
  if (allocation) pool_->release(*allocation);
  --running_;
  if (taken.of == Claim::Of::test) {
    --tests_running_;
    asleep_ -= taken.demand.sleeps() ? 1 : 0;
  }
  if (!is_asleep) free_millicpus_ += millicpus_for(taken.demand);
  used_memory_ -= taken.demand.memory;
  alone_ = nullptr;
  for (const GroupUse& use : taken.uses) {
    const auto found = holders_.find(use.name);
    std::erase(found->second, taken.test);
    if (found->second.empty()) holders_.erase(found);
  }
}

}  // namespace ptests
