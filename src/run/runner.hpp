#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/seams.hpp"
#include "core/suite.hpp"
#include "run/attempt.hpp"
#include "run/temp_folders.hpp"
#include "schedule/plan.hpp"
#include "schedule/protection.hpp"
#include "schedule/resources.hpp"

namespace ptests {

struct RunOptions {
  int jobs = 1;
  std::string run_id;
  std::vector<std::string> log_paths;  ///< by TestId
  enum class Build : std::uint8_t { yes, no } build = Build::yes;
  LeakPolicy leak = LeakPolicy::report;
  Seconds leak_grace{0.2};
  enum class Backtrace : std::uint8_t { automatic, off } backtrace = Backtrace::automatic;
  enum class KeepTemporary : std::uint8_t { no, of_failed } keep_temporary = KeepTemporary::no;
  TempFolders* temporary = nullptr;                ///< nullptr: tests get no TMPDIR of their own
  std::optional<ProtectionThresholds> protection;  ///< nothing: the machine is not looked after
};

struct RunSummary {
  int failed = 0;
  int build_failed = 0;
  int interrupted_by = 0;     ///< signal number
  bool build_broken = false;  ///< the build tool failed
  std::string stopped_by;     ///< why we stopped the run to protect the machine; else ""
};

/// Drives one run: starts what the plan allows, waits for one fact, handles it, until the plan is done.
class Runner {
 public:
  /// Everything referred to must outlive it.
  Runner(const Suite& suite, Plan plan, Executor& executor, Reporter& reporter, Clock& clock, RunOptions options);

  /// An error is a fault of ours or of the build tool: a plan that cannot go on, a build that cannot start.
  Result<RunSummary> run(const std::vector<TestId>& selected);

 private:
  void start_build();
  void start_tests();
  void start(TestId test);
  void report_refusals();
  bool is_stopping() const { return summary_.interrupted_by != 0 || !summary_.stopped_by.empty(); }
  bool is_idle() const { return attempts_.empty() && !build_started_; }
  bool over();

  void handle(const ChildExited& fact);
  void handle(const TreeEnded& fact);
  void handle(const LimitExceeded& fact);
  void handle(const TimerFired& fact);
  void handle(const StacksTaken& fact);
  void handle(const SignalArrived& fact);
  void handle(const MachineSampled& fact);
  void handle(const BuildPrinted& fact);
  void handle(const TargetBuilt& fact);
  void handle(const TargetFailed& fact);
  void handle(const BuildEnded& fact);

  Attempt* find(TestId test);
  void set_timer(TestId test, const Attempt& attempt);
  bool restart_clock_on_match(TestId test, Attempt& attempt);
  void out_of_time(TestId test, Attempt& attempt);
  void terminate(TestId test, Attempt& attempt, int signal_number);
  void kill(TestId test, Attempt& attempt);
  void stop(TestId test, Attempt& attempt);
  void stop_all();
  void kill_all();
  void end_kept();
  void end_kept(const LimitExceeded& fact);
  void pause();
  void tell_what_runs();
  void shed_youngest(const std::string& reason);
  void process_ended(TestId test, Attempt& attempt);
  void conclude(TestId test, Attempt& attempt);
  void give_result(TestId test, Attempt& attempt);
  Outcome outcome_of(const Test& test, const Attempt& attempt) const;
  LeakPolicy leak_policy(const Test& test) const { return test.leak.value_or(options_.leak); }
  void finish(TestId test, TestResult result);
  int take_slot();

  const Suite* suite_;
  Plan plan_;
  Executor* executor_;
  Reporter* reporter_;
  Clock* clock_;
  RunOptions options_;
  Resources resources_;
  std::optional<Protection> protection_;
  bool is_holding_ = false;                        ///< the machine is in need: nothing new starts while something runs
  std::map<TestId, Attempt> attempts_;             ///< in the order of the suite, as people are told
  std::unordered_map<TestId, int> attempts_made_;  ///< of tests that run again
  std::set<TestId> kept_;                          ///< fixtures that left processes for others to use
  bool kept_are_ending_ = false;
  std::set<int> free_slots_;
  int slots_made_ = 0;
  std::map<std::string, std::string> build_outputs_;  ///< of failed targets
  std::optional<std::chrono::steady_clock::time_point> build_started_;
  RunSummary summary_;
};

}  // namespace ptests
