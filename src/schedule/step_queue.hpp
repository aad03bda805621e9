#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/build_step.hpp"

namespace ptests {

/// The chain of what no test is made of alone (libraries): many wait for it. What is known of it is added.
constexpr Seconds k_needed_by_many{1e9};

/// The compilers and linkers that wait to be started. Links come first, since tests start when they end; then whatever has the longest way
/// to its last test's end.
class StepQueue {
 public:
  explicit StepQueue(int most_links) : most_links_(most_links) {}

  /// `chain`: the time from its start until the last test that needs it has run.
  void add(StepId step, BuildStep::Kind kind, Seconds chain);
  /// It was started, or went away.
  void remove(StepId step);
  /// A linker was started, or has ended.
  void count_links(int change) { links_ += change; }

  /// The next linker, as far as another one may run.
  std::optional<StepId> next_link() const;
  /// The next compiler with a chain of at least so much.
  std::optional<StepId> next_compile(Seconds at_least = Seconds(0)) const;
  bool empty() const { return places_.empty(); }

 private:
  struct Place {
    double shortness = 0;  ///< minus the seconds of its chain
    StepId step = 0;
    auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): it is no pointer
  };
  std::set<Place> links_waiting_;
  std::set<Place> compiles_;
  std::map<StepId, std::pair<BuildStep::Kind, Place>> places_;
  int most_links_;
  int links_ = 0;
};

}  // namespace ptests
