#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/test_case.hpp"
#include "framework/adapter.hpp"

namespace ptests {

/// How the cases of executables are packed into processes.
struct BatchOptions {
  enum class Mode : std::uint8_t {
    packed,    ///< many cases a process
    isolated,  ///< one
    whole,     ///< the executable is run as it is, once; its cases are not looked at
  } mode = Mode::packed;
  Seconds target{0.5};  ///< expected length of a process
  /// What becomes of a case that fails in a batch only.
  enum class OrderDependent : std::uint8_t { fail, pass } order_dependent = OrderDependent::fail;
};

/// Which cases of one executable share a process: as many as its framework can choose at a time and as take the wanted time. Pure.
class CasePacking {
 public:
  using Cases = std::vector<std::size_t>;  ///< ascending indices into the list

  /// `expected`: how long each of `cases` takes, where that is known. `processes`: how many of its processes may run at a time.
  CasePacking(const std::vector<TestCase>& cases, std::vector<std::optional<Seconds>> expected, int processes, Adapter::Choice choice,
              const BatchOptions& options);

  /// All of `cases`, those of one process each. With the durations of half of them, processes are about BatchOptions::target long, and
  /// short enough to keep all slots busy to the end; else there is an equal part for each slot.
  std::vector<Cases> pack(const Cases& cases) const;
  /// What is left of a process that ended early: one process again, or up to `free` when that would be a long one.
  std::vector<Cases> split(const Cases& left, int free) const;
  /// How long a process with these cases takes; 0 when nothing is known.
  Seconds expected(const Cases& cases) const;
  /// A case took so long; others that are not known may too.
  void learn(std::size_t index, Seconds took);
  /// A case takes at least so long. This says nothing of others.
  void expect_at_least(std::size_t index, Seconds least);
  /// Whether the framework can be told which cases to run.
  bool can_choose() const { return can_choose_; }

 private:
  std::vector<double> weights_of(const Cases& cases) const;
  double seconds_of(std::size_t index) const;
  std::size_t count_for(double total, std::size_t cases) const;
  std::size_t end_of_neighbours(const Cases& cases, std::size_t begin) const;
  std::vector<Cases> distribute(const Cases& cases, std::vector<double> weights, std::size_t parts) const;
  Cases take_enabled(const Cases& cases, std::vector<double>& weights, std::vector<Cases>& packed) const;

  std::vector<std::optional<Seconds>> expected_;
  std::size_t known_ = 0;  ///< that the mean is of
  double known_sum_ = 0;   ///< seconds
  int processes_;
  double target_;  ///< seconds
  bool can_choose_;
  bool is_isolated_;
  /// For Adapter::Choice::range, else empty: how many cases that are not disabled stand before each; nothing for one that is.
  std::vector<std::optional<std::size_t>> places_;
};

}  // namespace ptests
