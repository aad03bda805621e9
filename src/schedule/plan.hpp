#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/outcome.hpp"
#include "core/suite.hpp"
#include "schedule/forecast.hpp"
#include "schedule/resources.hpp"

namespace ptests {

/// A test that will not run, and why.
struct Refusal {
  TestId test = 0;
  Outcome outcome;
};

/// A test that has not started, and why not.
struct Waiting {
  TestId test = 0;
  /// It could start, and nobody has asked for it yet.
  static constexpr std::string_view k_ready = "is ready";
  std::string reason;  ///< "waits for lock db held by core.t17", "needs 4.0 GiB of memory, 2.1 GiB are free"
};

/// Knows what may start. Every selected test leaves it once: through next() or through next_refusal().
/// Order: DEPENDS and fixtures first, then RUN_SERIAL last, PRIORITY, those that failed the last time, those whose executables this build
/// has made, the longest chain of expected durations (measured ones to 10 ms), CTest's order. What a test needs first is as urgent as the
/// test, but for what is made.
class Plan {
 public:
  /// `forecasts` by TestId; without them nothing is known of earlier runs. An error names the tests of a dependency cycle.
  static Result<Plan> make(const Suite& suite, const std::vector<TestId>& selected, const std::vector<Forecast>& forecasts = {});

  /// The targets the selected tests need, each once.
  std::vector<std::string> wanted_targets() const;
  /// How long it takes from the end of the build of `target` until all have run that wait for it, as far as that is known.
  Seconds chain_behind(const std::string& target) const;
  bool needs(const std::string& target) const { return needs_target_.contains(target); }
  /// Whether this build has made it, or it was up to date.
  enum class Made : std::uint8_t { before, now };
  void target_ready(const std::string& target, Made made);
  void target_failed(const std::string& target);

  /// A test that may start now with what `resources` has, or nothing. The caller takes its claim at once.
  std::optional<TestId> next(const Resources& resources);
  const Claim& claim(TestId test) const { return nodes_[test].claim; }
  /// A test that can never run: disabled, its build failed, or a fixture it requires failed.
  std::optional<Refusal> next_refusal();
  /// Tells the end of a test that next() or next_refusal() gave out, after its lease went back.
  void finished(TestId test, Status status);

  /// Takes back a test that next() gave out, after its lease went back: it runs once more, alone, when nothing else can start.
  void requeue(TestId test);
  bool runs_alone(TestId test) const { return nodes_[test].alone; }
  /// A test that next() gave out has ended, its lease went back, and it will run once more: retry() follows.
  void pause(TestId test);
  /// It may start again, among the others. One whose first process still runs may start once more beside it, under the same claim.
  void retry(TestId test);
  /// A test that retry() or requeue() gave back does not start after all.
  void withdraw(TestId test);
  /// One of several processes of a test has ended and its lease went back.
  void process_ended(TestId test) { wake(nodes_[test].claim); }

  bool done() const { return unfinished_ == 0; }
  /// Seconds of one processor that the tests that have no result yet are expected to take.
  Seconds work_left() const { return Seconds(std::max(0.0, work_left_)); }
  /// Tests that run alone do not start for now: the build goes on.
  void hold_serial(bool hold) { holds_serial_ = hold; }
  /// Whether a test could start but for the processors and the memory that it needs.
  bool any_waits_for_room(const Resources& resources) const;
  /// Every test that has not been given out, in the order in which they would start.
  std::vector<Waiting> waiting(const Resources& resources) const;

 private:
  /// Where a test stands.
  enum class Stage : std::uint8_t { absent, waiting, ready, given_out, finished };
  struct Node {
    Stage stage = Stage::absent;
    Claim claim;
    double work = 0;   ///< seconds of one processor
    double chain = 0;  ///< seconds until all have run that wait for it
    int rank = 0;
    int rank_when_made = 0;  ///< its rank when this build makes what it needs
    int open_tests = 0;      ///< tests it waits for
    int open_targets = 0;    ///< targets it waits for
    int passed_over = 0;     ///< times a later test went first because this one did not fit
    bool build_failed = false;
    bool alone = false;           ///< was taken back: runs when nothing else does
    std::string failed_fixtures;  ///< names of failed set-up tests, comma-separated
    std::vector<TestId> dependents;
    std::vector<TestId> requirers;  ///< the dependents that need its success
  };

  /// Tests that need the same: while one of them does not fit, none does.
  struct Kind {
    bool serial = false;
    Demand demand;
    auto operator<=>(const Kind&) const = default;  // NOLINT(modernize-use-nullptr): it is no pointer
  };
  /// How early a test is to start; the lesser comes first.
  struct Urgency {
    bool serial = false;
    int priority = 0;
    bool passed_before = true;
    bool made_before = true;
    double shortness = 0;                              ///< minus the seconds of its longest chain
    auto operator<=>(const Urgency&) const = default;  // NOLINT(modernize-use-nullptr): it is no pointer
  };

  explicit Plan(const Suite& suite) : suite_(&suite), nodes_(suite.tests.size()) {}
  void add_edges(const std::vector<TestId>& selected);
  void add_edge(TestId before, TestId after);
  void rank(const std::vector<TestId>& selected, const std::vector<TestId>& in_order, const std::vector<Forecast>& forecasts);
  /// Each behind all that it waits for.
  Result<std::vector<TestId>> in_order(const std::vector<TestId>& selected) const;
  Kind kind_of(const Node& node) const { return {node.claim.serial, node.claim.demand}; }
  void set_ready(Node& node);
  void remove_ready(const Node& node);
  struct Candidate;
  std::optional<Candidate> find_candidate(const Resources& resources) const;
  std::string reason_of(TestId test, const Resources& resources, const std::vector<std::vector<TestId>>& needs) const;
  void settle(TestId test);
  void give_out(TestId test);
  void park(TestId test, const std::string& group);
  void wake(const Claim& claim);
  void wake_one(const std::string& group);

  const Suite* suite_;
  std::vector<Node> nodes_;
  std::vector<TestId> by_rank_;          ///< each once, or at both its ranks
  std::map<Kind, std::set<int>> ready_;  ///< ranks
  /// Ranks that wait for a group, so that nobody looks at them. While a group has room and its queue is not empty, one of the queue is
  /// in ready_: a release costs the same however many wait.
  std::unordered_map<std::string, std::set<int>> parked_;
  std::deque<TestId> alone_;
  std::deque<Refusal> refused_;
  std::map<std::string, std::vector<TestId>> needs_target_;
  std::size_t unfinished_ = 0;
  double work_left_ = 0;
  bool holds_serial_ = false;
};

}  // namespace ptests
