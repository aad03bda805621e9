#include "schedule/resources.hpp"

#include <algorithm>
#include <cassert>

namespace ptests {

int Resources::processors_for(const Requirements& wanted) const { return std::clamp(wanted.processors, 1, processors_); }

bool Resources::enough_processors(const Requirements& wanted) const {
  if (running_ == 0) return true;
  return !alone_ && !wanted.run_serial && free_ >= processors_for(wanted);
}

const std::string* Resources::held_lock(const Requirements& wanted) const {
  const auto held = std::find_if(wanted.locks.begin(), wanted.locks.end(), [&](const std::string& lock) { return is_held(lock); });
  return held == wanted.locks.end() ? nullptr : &*held;
}

Lease Resources::take(const Requirements& wanted, Sharing sharing) {
  assert(fits(wanted));
  ++running_;
  free_ -= processors_for(wanted);
  alone_ = wanted.run_serial || sharing == Sharing::alone;
  locks_.insert(wanted.locks.begin(), wanted.locks.end());
  return {this, &wanted};
}

void Resources::give_back(const Requirements& taken) {
  --running_;
  free_ += processors_for(taken);
  alone_ = false;
  for (const std::string& lock : taken.locks) locks_.erase(lock);
}

}  // namespace ptests
