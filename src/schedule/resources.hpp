#pragma once

#include <string>
#include <unordered_set>
#include <utility>

#include "core/test.hpp"

namespace ptests {

class Lease;

/// What running tests share: processors, locks and the right to run alone. Single-threaded, pure bookkeeping.
class Resources {
 public:
  explicit Resources(int processors) : processors_(processors), free_(processors) {}
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  int processors() const { return processors_; }
  /// A test that asks for more processors than there are takes all of them.
  int processors_for(const Requirements& wanted) const;

  bool enough_processors(const Requirements& wanted) const;
  bool is_held(const std::string& lock) const { return locks_.contains(lock); }
  /// The first lock of `wanted` that somebody holds, or nullptr.
  const std::string* held_lock(const Requirements& wanted) const;
  bool fits(const Requirements& wanted) const { return enough_processors(wanted) && held_lock(wanted) == nullptr; }
  bool exhausted() const { return free_ <= 0 || alone_; }
  bool idle() const { return running_ == 0; }

  enum class Sharing { shared, alone };
  /// `wanted` fits; it must outlive the lease.
  Lease take(const Requirements& wanted, Sharing sharing = Sharing::shared);

 private:
  friend class Lease;
  void give_back(const Requirements& taken);

  int processors_;
  int free_;
  int running_ = 0;
  bool alone_ = false;
  std::unordered_set<std::string> locks_;
};

/// Holds what one running test took; gives it back when it goes.
class Lease {
 public:
  Lease(Lease&& other) noexcept : resources_(std::exchange(other.resources_, nullptr)), taken_(other.taken_) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(resources_, other.resources_);
    std::swap(taken_, other.taken_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (resources_ != nullptr) resources_->give_back(*taken_);
  }

 private:
  friend class Resources;
  Lease(Resources* resources, const Requirements* taken) : resources_(resources), taken_(taken) {}
  Resources* resources_;
  const Requirements* taken_;
};

}  // namespace ptests
