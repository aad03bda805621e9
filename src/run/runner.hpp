#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/history.hpp"
#include "core/seams.hpp"
#include "core/suite.hpp"
#include "process/share.hpp"
#include "run/attempt.hpp"
#include "run/case_set.hpp"
#include "run/launch.hpp"
#include "run/retry.hpp"
#include "run/temp_folders.hpp"
#include "schedule/plan.hpp"
#include "schedule/protection.hpp"
#include "schedule/resources.hpp"
#include "schedule/step_queue.hpp"

namespace ptests {

/// When a run ends although tests are left.
struct EarlyEnd {
  int most_failures = 0;  ///< after so many; 0 = never
  enum class Action : std::uint8_t { finish_running, kill_running } action = Action::finish_running;
  Seconds most_time{};  ///< of the whole run; 0 = as long as it takes
  /// What runs then is ended and the run can be resumed, or it may end and nothing is missing.
  enum class AtTime : std::uint8_t { stop, enough } at_time = AtTime::stop;
};

/// How compilers and linkers are run, those of the builds in tests included.
struct StepOptions {
  Limits limits;              ///< MEMORY and TIMEOUT of each of them
  int most_links = 0;         ///< linkers at one time; 0 = as many as there are processors
  TargetHistories known;      ///< what earlier builds tell of the targets
  bool serve_jobs = false;    ///< idle processors to the builds in tests, as a GNU jobserver
  bool keep_colours = false;  ///< in what the build prints: it is shown on a terminal
};

/// Which of the tests that stand for the cases of `parent` run.
using CaseFilter = std::function<std::vector<bool>(const Test& parent, const std::vector<Test*>& cases)>;

/// How the cases of test executables are run.
struct CaseOptions {
  BatchOptions batches;
  CaseOrder order;
  CaseFilter is_wanted;    ///< nothing = all run
  bool only_list = false;  ///< none of them runs
  /// Hears of all cases of each executable, once they are listed; may be nothing.
  std::function<void(const Test& parent, const CaseSet& set)> on_listed;
  const TestHistories* histories = nullptr;  ///< what is known of them
  /// After the start of a process, until what its cases tell is looked at; each time it takes twice as long, up to 100 ms.
  Seconds first_look{0.002};
};

struct RunOptions {
  Budget budget;
  std::optional<ResourcePool> pool;  ///< of the resource specification
  std::string run_id;
  std::string resumes;           ///< the run_id of the interrupted run that this one continues
  std::vector<TestResult> kept;  ///< its results
  std::string host;
  std::string version;  ///< of ptests
  std::optional<ShardPart> shard;
  RetryOptions retry;
  EarlyEnd early_end;
  enum class Explain : std::uint8_t { no, waiting } explain = Explain::no;  ///< why tests wait
  std::vector<std::string> log_paths;                                       ///< by TestId
  bool has_later_attempts = true;  ///< logs of later attempts than the first may be there, from a run before
  enum class Build : std::uint8_t { yes, no } build = Build::yes;
  StepOptions steps;
  LeakPolicy leak = LeakPolicy::report;
  Seconds leak_grace{0.2};
  enum class Backtrace : std::uint8_t { automatic, off } backtrace = Backtrace::automatic;
  enum class KeepTemporary : std::uint8_t { no, of_failed } keep_temporary = KeepTemporary::no;
  TempFolders* temporary = nullptr;                ///< nullptr: tests get no TMPDIR of their own
  std::optional<ProtectionThresholds> protection;  ///< nothing: the machine is not looked after
  MachineShare* share = nullptr;                   ///< nullptr: other runs are not looked at
  CaseOptions cases;
};

struct RunSummary {
  int failed = 0;
  int build_failed = 0;
  int interrupted_by = 0;     ///< signal number
  bool build_broken = false;  ///< the build tool failed
  std::string stopped_by;     ///< why we stopped the run before its end; else ""
  enum class Stop : std::uint8_t { none, to_protect, out_of_time, too_many_failures, enough } stop = Stop::none;
};

/// Drives one run: starts what the plan allows, waits for one fact, handles it, until the plan is done.
class Runner {
 public:
  /// Everything referred to must outlive it.
  Runner(const Suite& suite, Plan plan, Executor& executor, Reporter& reporter, Clock& clock, RunOptions options);

  /// An error is a fault of ours or of the build tool: a plan that cannot go on, a build that cannot start.
  Result<RunSummary> run(const std::vector<TestId>& selected);

 private:
  struct Step;
  void start_build();
  void start_work();
  bool start_test();
  enum class StepUrgency { before_tests, after_tests };
  bool start_step(StepUrgency urgency);
  bool start_lone_step();
  std::optional<StepId> next_compile() const;
  std::optional<StepId> choose_step(StepUrgency urgency) const;
  bool launch_step(StepId id);
  Limits limits_alone() const;
  Seconds chain_of(const BuildStep& step) const;
  Seconds work_left() const;
  void reserve_for_build(Seconds most);
  void reserve_for_next(const Step& ended, Seconds took);
  void end_reservation();
  MachineShare::Answer ask_machine(TestId test);
  MachineShare::Answer ask_machine(const SharedNeed& need);
  void ask_machine_later();
  void retry_denied();
  void stop_asking_machine();
  std::vector<Waiting> waiting() const;
  void start(TestId test, MachineShare::Hold shared);
  Attempt take_place(TestId claimant, MachineShare::Hold shared);
  Result<void> launch(TestId id, TestId claimant, Attempt attempt, std::vector<std::string> more_environment);
  static TestResult not_started(const Error& error, std::chrono::system_clock::time_point when);
  /// What is started and watched under this id: a test, or a process for some cases of one.
  const Test& test_of(TestId id) const;
  void open_jobserver();
  void name_jobserver(TestId claimant, LaunchContext& context) const;
  void withdraw_tokens();
  void park_tokens();
  bool wants_processors() const;
  void doubt_tokens(const Attempt& attempt);
  void report_refusals();
  /// What runs is being ended.
  bool is_stopping() const { return summary_.interrupted_by != 0 || (!summary_.stopped_by.empty() && !is_draining_); }
  bool is_ending() const { return is_stopping() || is_draining_; }
  bool is_idle() const { return attempts_.empty() && delayed_.empty() && delayed_cases_.empty() && denied_.empty() && !build_started_; }
  bool over();

  void handle(const ChildExited& fact);
  void handle(const TreeEnded& fact);
  void handle(const LimitExceeded& fact);
  void handle(const SleepChanged& fact);
  void handle(const TimerFired& fact);
  void handle(const AlarmRang& fact);
  void handle(const StacksTaken& fact);
  void handle(const SignalArrived& fact);
  void handle(const MachineSampled& fact);
  void handle(const TokenReturned& /*fact*/) {}  // the next pass takes it
  void handle(const BuildPlanned& fact);
  void handle(const StepWanted& fact);
  void handle(const StepEnded& fact);
  void handle(const BuildPrinted& fact);
  void handle(const TargetBuilt& fact);
  void handle(const TargetFailed& fact);
  void handle(const BuildEnded& fact);

  Attempt* find(TestId test);

  CaseSet* cases_of(TestId parent);
  void start_cases(CaseSet& set, MachineShare::Hold shared);
  bool recall_cases(CaseSet& set);
  static Result<void> make_folder(const CaseSet& set);
  void take_list(CaseSet& set, CaseList list);
  Result<CaseCommand> prepare_listing(CaseProcess& process) const;
  Result<CaseCommand> prepare_batch(CaseProcess& process, const Batch& batch) const;
  void offer(CaseSet& set);
  void look_soon();
  void look_at_cases();
  void look_at(TestId id, CaseProcess& process);
  bool take_events(CaseProcess& process, const std::vector<CaseEvent>& events, const TestResult& of_process);
  void case_process_ended(TestId id, TestResult result, const Ended& ended);
  void case_process_not_started(TestId id, const Error& error);
  void cases_listed(const CaseProcess& process, TestResult result, const Ended& ended);
  std::vector<std::size_t> report_cases(const CaseSet& set);
  std::vector<std::optional<Seconds>> expected_durations(const CaseSet& set) const;
  void batch_ended(TestId id, CaseProcess& process, const TestResult& result, const Ended& ended);
  void cases_ended(const CaseProcess& process, const std::vector<CaseVerdict>& verdicts, const TestResult& of_process);
  void case_ended(const CaseProcess& process, const CaseVerdict& verdict, const TestResult& of_process);
  void take_times(TestResult& result, const CaseProcess& process, const CaseVerdict& verdict, const TestResult& of_process) const;
  void case_process_shed(TestId id);
  void report_case(CaseSet& set, std::size_t index, TestResult result, std::vector<TestResult> earlier);
  void retry_cases(Attempt::Time now);
  void stop_cases(CaseSet& set);
  void stop_all_cases();
  bool has_all_results(const CaseSet& set) const;
  void finish_cases(CaseSet& set);
  std::optional<TestResult> own_result(CaseSet& set);
  std::string case_folder(TestId parent) const;
  bool tells_points(const Test& test, const TestResult& result) const;
  Status report_points(PointSet& points, const TestResult& of_test, EarlierResults earlier);
  void set_timer(TestId test, const Attempt& attempt);
  bool restart_clock_on_match(TestId test, Attempt& attempt);
  void out_of_time(TestId test, Attempt& attempt);
  void terminate(TestId test, Attempt& attempt, int signal_number);
  void kill(TestId test, Attempt& attempt);
  void stop(TestId test, Attempt& attempt);
  void stop_all();
  void stop_build();
  void kill_build();
  void kill_all();
  void end_kept();
  void end_kept(const LimitExceeded& fact);
  void pause();
  Attempt::Time::duration paused_between(Attempt::Time from, Attempt::Time to) const;
  void tell_what_runs();
  void shed_youngest(const std::string& reason);
  void process_ended(TestId test, Attempt& attempt);
  void conclude(TestId test, Attempt& attempt);
  void give_result(TestId test, Attempt& attempt);
  Outcome outcome_of(const Test& test, const Attempt& attempt) const;
  Outcome left_behind(const Test& test, std::size_t count) const;
  LeakPolicy leak_policy(const Test& test) const { return test.leak.value_or(options_.leak); }
  void settle(TestId test, TestResult result);
  void run_again(TestId test, TestResult result, Seconds delay);
  void finish(TestId test, TestResult result);
  Status report(TestId test, TestResult result);
  Status report_whole(TestId test, TestResult result);
  void end_early(RunSummary::Stop stop, std::string reason);
  void stop_after_failures();
  void drain();
  void stop_at_deadline();
  void finish_delayed();
  void set_alarm();
  void explain();
  std::string describe(const std::vector<Waiting>& tests) const;
  int take_slot();

  const Suite* suite_;
  Plan plan_;
  Executor* executor_;
  Reporter* reporter_;
  Clock* clock_;
  RunOptions options_;
  Resources resources_;
  std::optional<Protection> protection_;
  /// Whether builds may have ended that held tokens; fresh: a test has ended since we looked.
  enum class Doubt : std::uint8_t { none, old, fresh } doubt_ = Doubt::none;
  bool is_holding_ = false;   ///< the machine is in need: nothing new starts while something runs
  bool is_draining_ = false;  ///< what runs may end, nothing starts
  bool kept_are_ending_ = false;
  std::map<TestId, Attempt> attempts_;  ///< in the order of the suite, as people are told
  /// Of tests that run again.
  struct Past {
    int attempts = 0;                 ///< those included that were killed to protect the machine
    std::vector<TestResult> earlier;  ///< without these
  };
  std::unordered_map<TestId, Past> past_;
  std::multimap<Attempt::Time, TestId> delayed_;  ///< they run again, but not before
  std::map<TestId, std::string> denied_;          ///< they start when other runs let them, and what these have
  std::optional<Attempt::Time> ask_machine_at_;   ///< of them
  RetryPolicy retry_;
  std::map<TestId, std::unique_ptr<CaseSet>> case_sets_;           ///< by their parent
  std::map<TestId, std::unique_ptr<CaseProcess>> case_processes_;  ///< by ids of their own, behind those of the suite
  TestId next_case_process_;
  std::deque<Test> case_tests_;  ///< what reporters hear of cases
  std::optional<Attempt::Time> look_at_cases_at_;
  Attempt::Time::duration look_interval_{};  ///< until the look behind that
  struct DelayedCase {
    CaseSet* set = nullptr;
    std::size_t index = 0;
  };
  std::multimap<Attempt::Time, DelayedCase> delayed_cases_;  ///< they run again, but not before
  /// While tests were stopped.
  struct Pause {
    Attempt::Time from;
    Attempt::Time to;
  };
  std::vector<Pause> pauses_;
  std::optional<Attempt::Time> deadline_;  ///< of the run
  std::map<TestId, std::string> told_;     ///< why tests wait, as it was told the last time
  std::set<TestId> kept_;                  ///< fixtures that left processes for others to use
  std::set<int> free_slots_;
  int slots_made_ = 0;
  std::map<std::string, std::string> build_outputs_;  ///< of failed targets
  std::optional<Attempt::Time> build_started_;
  std::optional<Attempt::Time> kill_build_at_;  ///< it was asked to end
  /// A compiler or linker whose launcher waits or runs it.
  struct Step {
    BuildStep what;
    Claim claim;
    std::optional<Lease> lease;  ///< while it runs
    MachineShare::Hold shared;
    std::chrono::system_clock::time_point started;
    bool is_second_try = false;
  };
  std::map<StepId, Step> steps_;  ///< by the order in which they were wanted
  StepQueue step_queue_;
  std::deque<StepId> lone_steps_;  ///< killed for memory: each is tried once more, alone
  int steps_wanted_ = 0;
  std::set<std::string> made_;  ///< targets that compilers or linkers were wanted for
  Claim reservation_{Claim::Of::step, 0, {}, false, {}, {}};
  std::optional<Lease> reserved_;                ///< a processor, for what the build is about to start
  std::optional<Attempt::Time> reserved_until_;  ///< or until then
  int compiling_ = 0;                            ///< compilers that run
  bool test_was_compiled_ = false;               ///< at least a file of one
  int steps_before_tests_ = 0;                   ///< started one after the other while a test waited for room
  int tokens_out_ = 0;                           ///< parked in the fifo of all tests, or held by builds
  std::optional<int> commands_;                  ///< of the build, where the tool tells that beforehand
  TargetHistories targets_to_build_;             ///< that are not ready yet
  std::string job_folder_;                       ///< of the jobserver; "" = there is none
  RunSummary summary_;
};

}  // namespace ptests
