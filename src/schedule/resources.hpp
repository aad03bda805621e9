#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/fact.hpp"
#include "core/test.hpp"
#include "schedule/resource_pool.hpp"

namespace ptests {

class Lease;

/// What a test is expected to take of the machine while it runs.
struct Demand {
  int millicpus = 1000;                             ///< thousandths of a processor; 0 = it sleeps
  std::uint64_t memory = 0;                         ///< bytes; 0 = little, or nobody knows
  bool just_made = false;                           ///< this build has made it: somebody waits for its result
  auto operator<=>(const Demand&) const = default;  // NOLINT(modernize-use-nullptr): it is no pointer
  /// It sleeps all the time, or nearly.
  bool sleeps() const { return millicpus <= 100; }
  bool is_nothing() const { return millicpus == 0 && memory == 0; }
};

/// All that one test, or one compiler or linker of the build, takes while it runs.
struct Claim {
  enum class Of : std::uint8_t { test, step } of = Of::test;
  TestId test = 0;
  Demand demand;
  bool serial = false;         ///< nothing else may run
  std::vector<GroupUse> uses;  ///< locks are groups of one
  ResourceGroups resources;    ///< of the resource specification
};

/// What there is for tests that run at the same time.
struct Budget {
  int processors = 1;
  int most_running = 0;      ///< tests, however little they need; 0 = as many as processors. Compilers do not count
  std::uint64_t memory = 0;  ///< bytes; 0 = not counted
  /// Of them tests that are known to sleep, so that processors find others to run; 0 = all. Of those just made one more a processor.
  int most_asleep = 0;
};

/// Why a test cannot start now.
struct Obstacle {
  enum class Kind : std::uint8_t {
    group,       ///< `name` is held by `holder`
    slots,       ///< too few slots of its resource groups are free
    alone,       ///< `holder` runs alone, or this one is to
    processors,  ///< fewer are free than it needs
    memory,
    asleep,  ///< so many sleep already
    count,   ///< so many run already
  };
  Kind kind = Kind::group;
  std::string name;
  TestId holder = 0;  ///< of kind `alone`, with a name: no test, but that
};

/// What running tests share: processors, memory, groups and the right to run alone. Whatever a test demands, it may start when nothing
/// runs. Single-threaded, pure bookkeeping.
class Resources {
 public:
  explicit Resources(Budget budget, std::optional<ResourcePool> pool = std::nullopt);
  explicit Resources(int processors) : Resources(Budget{processors}) {}
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  const Budget& budget() const { return budget_; }
  /// More than there are means all of them.
  int millicpus_for(const Demand& demand) const;
  int free_millicpus() const { return free_millicpus_; }
  std::uint64_t free_memory() const;

  bool enough_for(const Demand& demand) const;
  int most_asleep(const Demand& demand) const;
  /// It is known to sleep, and as many such tests run as may.
  bool too_many_sleep(const Demand& demand) const;
  bool has_room(const GroupUse& use) const;
  /// Always without a resource specification.
  bool has_slots(const Claim& claim) const;
  /// The first group of `claim` that has no place left, or nullptr.
  const GroupUse* full_group(const Claim& claim) const;
  bool fits(const Claim& claim) const { return !obstacle_of(claim); }
  std::optional<Obstacle> obstacle_of(const Claim& claim) const;
  /// No test can start, whatever it needs.
  bool exhausted_for_tests() const { return running_ > 0 && (alone_ != nullptr || tests_running_ >= budget_.most_running); }
  bool idle() const { return running_ == 0; }

  /// So many whole processors are lent to the builds in tests; still, when nothing runs, one may start.
  void lend(int processors);
  /// Whole processors that could be lent: one always stays, for the test that the build is in.
  int lendable() const;

  enum class Sharing { shared, alone };
  /// `claim` fits; it must outlive the lease.
  Lease take(const Claim& claim, Sharing sharing = Sharing::shared);

 private:
  friend class Lease;
  void give_back(const Claim& taken, const std::optional<Allocation>& allocation, bool is_asleep);

  Budget budget_;
  int free_millicpus_;
  int lent_ = 0;  ///< processors
  std::uint64_t used_memory_ = 0;
  std::optional<ResourcePool> pool_;
  int running_ = 0;
  int tests_running_ = 0;
  int asleep_ = 0;                                                ///< of them those that are known to sleep
  const Claim* alone_ = nullptr;                                  ///< of what is to run alone, and runs
  std::unordered_map<std::string, std::vector<TestId>> holders_;  ///< of groups
};

/// Holds what one running test took; gives it back when it goes.
class Lease {
 public:
  Lease(Lease&& other) noexcept
      : resources_(std::exchange(other.resources_, nullptr)),
        taken_(other.taken_),
        allocation_(std::move(other.allocation_)),
        is_asleep_(other.is_asleep_) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(resources_, other.resources_);
    std::swap(taken_, other.taken_);
    std::swap(allocation_, other.allocation_);
    std::swap(is_asleep_, other.is_asleep_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (resources_ != nullptr) resources_->give_back(*taken_, allocation_, is_asleep_);
  }
  /// While it sleeps others may have its processors. When it wakes it has them again, be they free or not.
  void set_asleep(bool is_asleep);
  /// The slots of the resource specification that it got.
  const std::optional<Allocation>& allocation() const { return allocation_; }

 private:
  friend class Resources;
  Lease(Resources* resources, const Claim* taken, std::optional<Allocation> allocation)
      : resources_(resources), taken_(taken), allocation_(std::move(allocation)) {}
  Resources* resources_;
  const Claim* taken_;
  std::optional<Allocation> allocation_;
  bool is_asleep_ = false;
};

}  // namespace ptests
