#include "schedule/step_queue.hpp"

namespace ptests {

void StepQueue::add(StepId step, BuildStep::Kind kind, Seconds chain) {
  const Place place{-chain.count(), step};
  (kind == BuildStep::Kind::link ? links_waiting_ : compiles_).insert(place);
  places_.emplace(step, std::pair(kind, place));
}

void StepQueue::remove(StepId step) {
  const auto found = places_.find(step);
  if (found == places_.end()) return;
  const auto& [kind, place] = found->second;
  (kind == BuildStep::Kind::link ? links_waiting_ : compiles_).erase(place);
  places_.erase(found);
}

std::optional<StepId> StepQueue::next_link() const {
  if (links_waiting_.empty() || (most_links_ > 0 && links_ >= most_links_)) return std::nullopt;
  return links_waiting_.begin()->step;
}

std::optional<StepId> StepQueue::next_compile(Seconds at_least) const {
  if (compiles_.empty() || -compiles_.begin()->shortness < at_least.count()) return std::nullopt;
  return compiles_.begin()->step;
}

}  // namespace ptests
