#pragma once

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/seams.hpp"
#include "core/suite.hpp"
#include "framework/judge.hpp"
#include "schedule/plan.hpp"
#include "schedule/resources.hpp"

namespace ptests {

struct RunOptions {
  int jobs = 1;
  Seconds default_timeout{1500};       ///< 0 = none
  std::vector<std::string> log_paths;  ///< by TestId
  enum class Build { yes, no } build = Build::yes;
};

struct RunSummary {
  int failed = 0;
  int build_failed = 0;
  int interrupted_by = 0;     ///< signal number
  bool build_broken = false;  ///< the build tool failed
};

/// Drives one run: starts what the plan allows, waits for one fact, handles it, until the plan is done.
class Runner {
 public:
  /// Everything referred to must outlive it.
  Runner(const Suite& suite, Plan plan, Executor& executor, Reporter& reporter, Clock& clock, RunOptions options);

  /// An error is a fault of ours or of the build tool: a plan that cannot go on, a build that cannot start.
  Result<RunSummary> run(const std::vector<TestId>& selected);

 private:
  /// One running test.
  struct Attempt {
    enum class State { running, terminating, killed };
    Lease lease;
    State state = State::running;
    EndedBy ended_by = EndedBy::itself;
    std::chrono::steady_clock::time_point started;
    std::chrono::system_clock::time_point started_wall;
    Seconds timeout{};  ///< from `clock_from`; 0 = none
    std::chrono::steady_clock::time_point clock_from{};
    bool awaits_match = false;       ///< TIMEOUT_AFTER_MATCH has not matched yet
    std::uint64_t matched_size = 0;  ///< bytes of output looked at for it
  };

  void start_build();
  void start_tests();
  void start(TestId test);
  void report_refusals();
  void finish(TestId test, TestResult result);
  bool over() const;
  Seconds timeout_of(const Test& test) const;

  void handle(const ChildExited& fact);
  void handle(const TimerFired& fact);
  void handle(const SignalArrived& fact);
  void handle(const BuildPrinted& fact);
  void handle(const TargetBuilt& fact);
  void handle(const TargetFailed& fact);
  void handle(const BuildEnded& fact);
  void set_timer(TestId test, const Attempt& attempt);
  bool restart_clock_on_match(TestId test, Attempt& attempt);
  void terminate(TestId test, Attempt& attempt, EndedBy why, int signal_number);

  const Suite* suite_;
  Plan plan_;
  Executor* executor_;
  Reporter* reporter_;
  Clock* clock_;
  RunOptions options_;
  Resources resources_;
  std::unordered_map<TestId, Attempt> attempts_;
  std::map<std::string, std::string> build_outputs_;  ///< of failed targets
  std::optional<std::chrono::steady_clock::time_point> build_started_;
  RunSummary summary_;
};

}  // namespace ptests
