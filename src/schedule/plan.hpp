#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/outcome.hpp"
#include "core/suite.hpp"
#include "schedule/resources.hpp"

namespace ptests {

/// A test that will not run, and why.
struct Refusal {
  TestId test = 0;
  Outcome outcome;
};

/// Knows what may start. Every selected test leaves it once: through next() or through next_refusal().
/// Order: DEPENDS and fixtures first, then RUN_SERIAL last, COST descending, CTest's order.
class Plan {
 public:
  /// An error names the tests of a dependency cycle.
  static Result<Plan> make(const Suite& suite, const std::vector<TestId>& selected);

  /// The targets the selected tests need, each once.
  std::vector<std::string> wanted_targets() const;
  void target_ready(const std::string& target);
  void target_failed(const std::string& target);

  /// A test that may start now with what `resources` has, or nothing. The caller takes its resources at once.
  std::optional<TestId> next(const Resources& resources);
  /// A test that can never run: disabled, its build failed, or a fixture it requires failed.
  std::optional<Refusal> next_refusal();
  /// Tells the end of a test that next() or next_refusal() gave out, after its lease went back.
  void finished(TestId test, Status status);

  /// Takes back a test that next() gave out, after its lease went back: it runs once more, alone, when nothing else can start.
  void requeue(TestId test);
  bool runs_alone(TestId test) const { return nodes_[test].alone; }

  bool done() const { return unfinished_ == 0; }
  /// Every test that has not been given out, with what it waits for.
  std::vector<std::string> explain_waiting() const;

 private:
  /// Where a test stands.
  enum class Stage : std::uint8_t { absent, waiting, ready, given_out, finished };
  struct Node {
    Stage stage = Stage::absent;
    int rank = 0;
    int open_tests = 0;    ///< tests it waits for
    int open_targets = 0;  ///< targets it waits for
    int passed_over = 0;   ///< times a later test went first because this one did not fit
    bool build_failed = false;
    bool alone = false;           ///< was taken back: runs when nothing else does
    std::string failed_fixtures;  ///< names of failed set-up tests, comma-separated
    std::vector<TestId> dependents;
    std::vector<TestId> requirers;  ///< the dependents that need its success
  };

  explicit Plan(const Suite& suite) : suite_(&suite), nodes_(suite.tests.size()) {}
  void add_edges(const std::vector<TestId>& selected);
  void add_edge(TestId before, TestId after);
  void rank(const std::vector<TestId>& selected);
  Result<void> check_cycles(const std::vector<TestId>& selected) const;
  void settle(TestId test);
  void give_out(TestId test);
  void park(TestId test, const std::string& lock, const Resources& resources);
  void wake_one(const std::string& lock);

  const Suite* suite_;
  std::vector<Node> nodes_;
  std::vector<TestId> by_rank_;
  std::set<int> ready_;  ///< ranks
  /// Ranks that wait for a lock, so that nobody looks at them. While a lock is free and its queue is not empty, one of the queue is
  /// in ready_: a release costs the same however many wait.
  std::unordered_map<std::string, std::set<int>> parked_;
  std::deque<TestId> alone_;
  std::deque<Refusal> refused_;
  std::map<std::string, std::vector<TestId>> needs_target_;
  std::size_t unfinished_ = 0;
};

}  // namespace ptests
