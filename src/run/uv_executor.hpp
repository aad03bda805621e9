#pragma once

#include <sys/resource.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uv.hpp"
#include "build/driver.hpp"
#include "build/step_runner.hpp"
#include "core/seams.hpp"
#include "process/cgroup.hpp"
#include "process/guard.hpp"
#include "process/jobserver.hpp"
#include "process/spawn.hpp"
#include "process/trees.hpp"
#include "process/watch.hpp"
#include "run/debugger.hpp"
#include "run/drain.hpp"

namespace ptests {

/// What an executor works with; everything outlives it.
struct ExecutorSurroundings {
  const BuildTree* tree = nullptr;
  const CgroupRoots* cgroups = nullptr;
  const Guard* guard = nullptr;
  std::string identity;  ///< own_identity(): marks our processes, names our cgroups
  std::string logs;      ///< the directory whose free space counts
};

/// The real Executor: one libuv loop whose callbacks only queue facts. Makes this process a subreaper.
class UvExecutor final : public Executor {
 public:
  /// SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP and SIGUSR1, unless ignored, become facts from here on.
  static Result<std::unique_ptr<UvExecutor>> create(const ExecutorSurroundings& surroundings);
  /// Kills what still runs.
  ~UvExecutor() override;
  UvExecutor(const UvExecutor&) = delete;
  UvExecutor& operator=(const UvExecutor&) = delete;

  Result<void> start(TestId test, const LaunchSpec& spec) override;
  void kill(TestId test, int signal_number) override;
  std::vector<ProcessInfo> processes(TestId test) override;
  Usage usage(TestId test) override;
  void take_stacks(TestId test) override;
  void take_core_stacks(TestId test, const CoreDump& core) override;
  void set_timer(TestId test, Seconds after) override;
  void set_alarm(Seconds after) override;
  void pause() override;
  Result<std::string> open_jobserver() override;
  void park_tokens(int count) override;
  int unpark_tokens() override;
  void await_token() override;
  bool has_token_clients() override;
  Result<void> start_build(const BuildRequest& request) override;
  void stop_build(int signal_number) override;
  void start_step(StepId step, const Limits& limits) override;
  void finish_step(StepId step) override { steps_.finish(step); }
  Fact wait() override;

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// How often limits that are watched, and the sizes of outputs, are looked at.
  static constexpr std::chrono::milliseconds k_tick{50};
  /// What a test writes, as it is kept.
  struct Stream {
    UniqueFd log;
    Drain drain;  ///< into the log, where the test does not write there itself
  };
  struct Child {
    Child(const Limits* of_test, Time now) : watch(of_test, now), sleep(now), limits(of_test) {}
    Process process;
    uv::Timer timer;
    Stream output;  ///< has no log with Capture::none
    Stream errors;  ///< has one with Capture::split
    std::optional<Cgroup> cgroup;
    std::optional<JobFifo> own_jobs;
    Watch watch;
    SleepWatch sleep;
    const Limits* limits;
    bool has_exited = false;  ///< and was reaped; others of its tree may live
    bool is_killing = false;  ///< everything of it is killed until nothing is left
    std::optional<LimitKind> told_limit;
    Time killing_since;
    cpu_set_t pinned{};
    bool is_pinned = false;
  };

  UvExecutor(const ExecutorSurroundings& surroundings, Spawner spawner, UniqueFd null);
  enum class Way : std::uint8_t { straight, pipe, terminal };
  Result<int> open_stream(Stream& stream, const std::string& path, Way way, std::vector<UniqueFd>& ends);
  Result<void> prepare_output(Child& child, SpawnSpec& process, const LaunchSpec& spec, std::vector<UniqueFd>& ends);
  Result<void> prepare_cgroup(Child& child, SpawnSpec& process, const LaunchSpec& spec);
  static void serve_alone(Child& child, const LaunchSpec& spec);
  void pin(Child& child, int count);
  void on_step(Fact fact);
  void on_exit(TestId test);
  void on_timer(TestId test);
  bool has_left_processes(TestId test, const Child& child) const;
  std::vector<pid_t> members(TestId test) const;
  Usage final_usage(TestId test, const Child& child, const rusage& used) const;
  /// How the output stands when its process has ended.
  struct Output {
    std::uint64_t size = 0;  ///< of the log
    bool was_cut = false;    ///< there was more than OUTPUT_SIZE
  };
  static OutputSizes output_sizes(const Child& child);
  static Output settle_output(Child& child);
  std::optional<LimitKind> limit_hit(TestId test, Child& child, const Usage& usage, const Output& output) const;
  void forget(TestId test);
  void kill_everything(TestId test, Child& child);
  void kill_strays();
  void tick();
  void tick_endings();
  void schedule_endings();
  void look_at(TestId test, Child& child, Time now);
  void sample(TestId test, Child& child, Time now);
  void tell_limit(TestId test, Child& child, const Exceeded& exceeded);
  void start_debugger(TestId test, const std::vector<std::string>& command);
  void end_debugger(TestId test);
  void signal_everything(int signal_number);

  /// libuv runs due timers and then polls, without an end when nothing else is due: a fact must stop that.
  template <class Any>
  void push(Any&& fact) {
    facts_.emplace_back(std::forward<Any>(fact));
    loop_.stop();
  }

  ExecutorSurroundings surroundings_;
  uv::Loop loop_;
  Spawner spawner_;
  UniqueFd null_;
  Trees trees_;
  std::deque<Fact> facts_;
  std::unordered_map<TestId, Child> children_;
  std::map<TestId, std::unique_ptr<Debugger>> debuggers_;
  std::vector<uv::Signal> signals_;
  uv::ReadySet exits_;  ///< the pidfds of running tests
  uv::Timer tick_;
  uv::Timer ending_tick_;
  uv::Timer alarm_;
  bool is_ending_scheduled_ = false;
  unsigned ticks_ = 0;
  unsigned cgroups_made_ = 0;
  cpu_set_t all_processors_{};
  cpu_set_t taken_processors_{};
  std::optional<JobFolder> jobs_;
  uv::Poll token_poll_;  ///< while a token is awaited
  pid_t build_pid_ = 0;
  std::map<StepId, std::string> links_;  ///< targets, by the steps that link them
  StepRunner steps_;
  BuildDriver build_;
};

}  // namespace ptests
