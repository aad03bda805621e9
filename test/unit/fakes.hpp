#pragma once

#include <algorithm>
#include <cmath>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>

#include "base/text.hpp"
#include "core/seams.hpp"
#include "support.hpp"

namespace ptests::unit {

/// Time that moves when somebody moves it. Starts at 2026-11-21 04:43:27 UTC.
class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override { return steady(); }
  std::chrono::system_clock::time_point wall() override {
    return k_start + std::chrono::duration_cast<std::chrono::system_clock::duration>(Seconds(seconds));
  }
  static constexpr std::chrono::system_clock::time_point k_start{std::chrono::seconds(1795236207)};
  double seconds = 0;

 private:
  std::chrono::steady_clock::time_point steady() const {
    return std::chrono::steady_clock::time_point() + std::chrono::round<std::chrono::steady_clock::duration>(Seconds(seconds));
  }
};

/// What happened, in order: a line an event or call.
struct Log : Words {
  using Words::Words;
  bool holds_result = false;  ///< a result that may wait for the next event or flush() has not gone out
  bool holds_start = false;   ///< a start that may wait for flush() has not gone out
};

/// How the process of a test behaves.
struct Behaviour {
  double lasts = 1;  ///< seconds until it ends by itself
  ExitStatus ends;
  std::deque<ExitStatus> first_ends;  ///< of the attempts before that one
  bool ends_of_signals = true;        ///< of those that can be caught
  std::string output;
  std::string start_error;  ///< it cannot be started
  int leaves = 0;           ///< processes that outlive it
  double left_last = 1000;  ///< seconds they live after its end
  std::optional<LimitKind> limit_hit;
  /// What it appends to a file so many seconds after its start, unless it was killed before.
  struct Append {
    double after = 0;
    std::string file;
    std::function<std::string()> text;  ///< asked for when it is written
  };
  std::vector<Append> appends;
};

/// Plays a script: tests behave as `behaviours` says, the build tells `build_facts`, and `later` adds any fact at any time.
class FakeExecutor final : public Executor {
 public:
  FakeExecutor(const Suite& suite, FakeClock& clock, Log& log) : suite_(&suite), clock_(&clock), log_(&log) {}

  std::map<std::string, Behaviour> behaviours;  ///< by name; the others pass after a second
  struct BuildFact {
    double after = 0;
    Fact fact;
  };
  std::vector<BuildFact> build_facts;
  /// How a compiler or linker behaves whose StepWanted is among the facts; what follows its end comes at once.
  struct FakeStep {
    double lasts = 1;
    StepResult ends;
    std::deque<StepResult> first_ends;  ///< of the tries before that one
    std::vector<Fact> then;
  };
  std::map<StepId, FakeStep> steps;
  std::string build_error;
  bool build_ignores_signals = false;  ///< but SIGKILL
  Words build_environment;             ///< that was asked for

  /// A process whose id stands behind those of the suite: it runs some cases of a test, and the log tells its start.
  struct CaseProcess {
    std::string name;  ///< no other one that runs has it
    Behaviour behaviour;
  };
  std::function<CaseProcess(const LaunchSpec&)> make_case_process;

  std::vector<LaunchSpec> launches;  ///< of the tests that were started
  std::string jobserver_error;
  /// Whether somebody has the fifo of the jobserver open.
  bool has_clients = true;
  /// A build in a test takes up to `count` tokens at `from`, and gives them back at `to`, or never.
  void build_takes(int count, double from, std::optional<double> to) {
    do_later(from, [this, count, to] {
      const int taken = std::min(count, parked_);
      parked_ -= taken;
      log_->push_back(fmt::format("    a build takes {}", taken));
      if (to) do_later(*to, [this, taken] { give_back(taken); });
    });
  }

  /// `fact` comes `at` seconds after the beginning.
  void later(double at, Fact fact) { pending_.push_back({rounded(at), order_++, std::move(fact), {}, {}}); }
  /// Something outside that is no fact happens, `writer` being the test whose process does that.
  void do_later(double at, std::function<void()> action, std::optional<TestId> writer = {}) {
    pending_.push_back({rounded(at), order_++, TokenReturned{}, std::move(action), writer});
  }
  std::size_t most_running() const { return most_running_; }

  Result<void> start(TestId test, const LaunchSpec& spec) override {
    if (test >= suite_->tests.size()) begin_case_process(test, spec);
    CHECK_MESSAGE(!log_->holds_result, "a result would wait until ", name(test), " is started");
    if (spec.capture == Capture::none) CHECK_MESSAGE(!log_->holds_start, "the line of ", name(test), " would come behind its output");
    Behaviour& behaviour = behaviours[name(test)];
    if (!behaviour.start_error.empty()) return fail(behaviour.start_error);
    launches.push_back(spec);
    if (!behaviour.output.empty()) write(spec.output_file, behaviour.output);
    ExitStatus ends = behaviour.ends;
    if (!behaviour.first_ends.empty()) {
      ends = behaviour.first_ends.front();
      behaviour.first_ends.pop_front();
    }
    for (const Behaviour::Append& append : behaviour.appends) append_later(test, append);
    later(clock_->seconds + behaviour.lasts, exited(test, ends));
    most_running_ = std::max(most_running_, ++running_);
    return {};
  }
  void kill(TestId test, int signal_number) override {
    CHECK_MESSAGE(!log_->holds_result, "a result would wait until ", name(test), " is killed");
    log_->push_back(fmt::format("    kill {} {}", name(test), signal_number == SIGKILL ? "KILL" : sigabbrev_np(signal_number)));
    if (signal_number != SIGKILL && !behaviours[name(test)].ends_of_signals) return;
    if (drop<TreeEnded>(test) > 0) {
      later(clock_->seconds, TreeEnded{test});
    } else {
      drop<ChildExited>(test);
      std::erase_if(pending_, [&](const Pending& pending) { return pending.writer == test; });
      later(clock_->seconds, exited(test, {ExitStatus::Kind::signaled, signal_number}));
    }
  }
  std::vector<ProcessInfo> processes(TestId test) override {
    std::vector<ProcessInfo> left;
    for (int i = 0; i < behaviours[name(test)].leaves; ++i) left.push_back({100 + i, "sleep 1000"});
    return left;
  }
  Usage usage(TestId) override { return {.peak_rss_bytes = 2048}; }
  void take_stacks(TestId test) override {
    log_->push_back("    stacks of " + name(test));
    later(clock_->seconds + 0.25, StacksTaken{test, "main"});
  }
  void take_core_stacks(TestId test, const CoreDump& core) override {
    log_->push_back(fmt::format("    core of {}: {}", name(test), fs::path(core.file).filename().string()));
    later(clock_->seconds + 0.25, StacksTaken{test, "crash"});
  }
  void pause() override {
    log_->push_back("    pause");
    clock_->seconds += 10;
    for (Pending& pending : pending_)
      if (std::holds_alternative<ChildExited>(pending.fact) || pending.writer) pending.at += 10;
  }
  void set_timer(TestId test, Seconds after) override {
    drop<TimerFired>(test);
    later(clock_->seconds + after.count(), TimerFired{test});
  }
  void set_alarm(Seconds after) override {
    std::erase_if(pending_, [](const Pending& pending) { return std::holds_alternative<AlarmRang>(pending.fact); });
    later(clock_->seconds + after.count(), AlarmRang{});
  }
  Result<std::string> open_jobserver() override {
    if (!jobserver_error.empty()) return fail(jobserver_error);
    return "/jobs";
  }
  void park_tokens(int count) override {
    log_->push_back(fmt::format("    park {}", count));
    parked_ += count;
    awaits_token_ = false;
  }
  int unpark_tokens() override { return std::exchange(parked_, 0); }
  void await_token() override { awaits_token_ = true; }
  bool has_token_clients() override { return has_clients; }
  Result<void> start_build(const BuildRequest& request) override {
    log_->push_back(fmt::format("    build {} -j{}", fmt::join(request.targets, " "), request.jobs));
    build_environment = request.environment;
    if (!build_error.empty()) return fail(build_error);
    for (const BuildFact& fact : build_facts) later(clock_->seconds + fact.after, fact.fact);
    return {};
  }
  void stop_build(int signal_number) override {
    log_->push_back(fmt::format("    stop build {}", sigabbrev_np(signal_number)));
    if (build_ignores_signals && signal_number != SIGKILL) return;
    std::erase_if(pending_, [](const Pending& pending) {
      return std::holds_alternative<BuildPrinted>(pending.fact) || std::holds_alternative<TargetBuilt>(pending.fact) ||
             std::holds_alternative<TargetFailed>(pending.fact) || std::holds_alternative<StepWanted>(pending.fact) ||
             std::holds_alternative<BuildEnded>(pending.fact);
    });
    later(clock_->seconds, BuildEnded{128 + signal_number, ""});
  }
  void start_step(StepId step, const Limits& limits) override {
    const auto memory = limits.positive(LimitKind::memory);
    log_->push_back(fmt::format("    start step {}{}", step, memory ? " with " + describe_size(*memory) : ""));
    FakeStep& fake = steps[step];
    StepResult ends = fake.ends;
    if (!fake.first_ends.empty()) {
      ends = fake.first_ends.front();
      fake.first_ends.pop_front();
    }
    ends.duration = Seconds(fake.lasts);
    later(clock_->seconds + fake.lasts, StepEnded{step, ends});
    most_running_ = std::max(most_running_, ++running_);
  }
  void finish_step(StepId step) override {
    for (const Fact& fact : steps[step].then) later(clock_->seconds, fact);
  }
  Fact wait() override {
    Pending next = take_next();
    for (; next.action; next = take_next()) next.action();
    Fact fact = std::move(next.fact);
    if (std::holds_alternative<StepEnded>(fact)) --running_;
    if (const auto* child = std::get_if<ChildExited>(&fact)) {
      drop<TimerFired>(child->test);
      --running_;
      if (child->left_processes)
        later(clock_->seconds + behaviours[name(child->test)].left_last,
              TreeEnded{.test = child->test, .limit_hit = {}, .output_size = child->output_size});
    }
    return fact;
  }

 private:
  struct Pending {
    double at = 0;
    int order = 0;
    Fact fact;
    std::function<void()> action;  ///< something outside that is no fact
    std::optional<TestId> writer;
  };

  /// In nanoseconds, as clocks count, so that sums of tenths are the numbers that people write.
  static double rounded(double seconds) { return std::round(seconds * 1e9) / 1e9; }
  void append_later(TestId test, const Behaviour::Append& append) {
    const auto write = [file = append.file, text = append.text] { std::ofstream(file, std::ios::binary | std::ios::app) << text(); };
    do_later(clock_->seconds + append.after, write, test);
  }
  void begin_case_process(TestId test, const LaunchSpec& spec) {
    CaseProcess process = make_case_process(spec);
    log_->push_back("    process " + process.name);
    behaviours[process.name] = std::move(process.behaviour);
    case_processes_[test] = std::move(process.name);
  }
  Pending take_next() {
    if (pending_.empty()) throw std::logic_error("waits for a fact that never comes");
    const auto next = std::min_element(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
      return std::tie(a.at, a.order) < std::tie(b.at, b.order);
    });
    clock_->seconds = std::max(clock_->seconds, next->at);
    Pending taken = std::move(*next);
    pending_.erase(next);
    return taken;
  }
  void give_back(int tokens) {
    log_->push_back(fmt::format("    a build gives back {}", tokens));
    parked_ += tokens;
    if (std::exchange(awaits_token_, false)) later(clock_->seconds, TokenReturned{});
  }

  const std::string& name(TestId test) const { return test < suite_->tests.size() ? suite_->tests[test].name : case_processes_.at(test); }
  ChildExited exited(TestId test, const ExitStatus& status) {
    const Behaviour& behaviour = behaviours[name(test)];
    return {.test = test,
            .status = status,
            .usage = {},
            .left_processes = behaviour.leaves > 0,
            .pid = 77,
            .limit_hit = behaviour.limit_hit,
            .output_size = behaviour.output.size()};
  }
  template <class T>
  std::size_t drop(TestId test) {
    return std::erase_if(pending_, [&](const Pending& pending) {
      const T* fact = std::get_if<T>(&pending.fact);
      return fact != nullptr && fact->test == test;
    });
  }

  const Suite* suite_;
  FakeClock* clock_;
  Log* log_;
  std::map<TestId, std::string> case_processes_;  ///< their names
  std::vector<Pending> pending_;
  int order_ = 0;
  std::size_t running_ = 0;
  std::size_t most_running_ = 0;
  int parked_ = 0;  ///< tokens in the fifo that all tests share
  bool awaits_token_ = false;
};

/// Writes a line an event: `@1.5 end a timed_out: no end within 1 s`.
class Recorder final : public Reporter {
 public:
  Recorder(FakeClock& clock, Log& log) : clock_(&clock), log_(&log) {}
  std::vector<TestResult> results;
  std::vector<TestStarted> starts;
  Words step_failures;

  void flush() override { log_->holds_result = log_->holds_start = false; }
  void on(const Event& event) override {
    log_->holds_start |= std::holds_alternative<TestStarted>(event);
    log_->holds_result = std::holds_alternative<TestFinished>(event);
    std::visit(Overloaded{
                   [&](const RunStarted& e) { add("run {} tests -j{}", e.tests.size(), e.jobs); },
                   [&](const BuildStarted&) { add("build started"); },
                   [&](const BuildOutput& e) { add("build says {}", e.line); },
                   [&](const BuildMeasured& e) { add("build of {} commands", e.commands); },
                   [&](const StepStarted& e) { add("{} {}", kind_name(e.what->kind), e.what->target); },
                   [&](const StepFinished& e) {
                     add("end of {} {}: exit {}", kind_name(e.what->kind), e.what->target, e.result.exit.code);
                     if (!e.failure.empty()) step_failures.push_back(e.failure);
                   },
                   [&](const BuildFinished& e) { add("build {}{}", e.ok ? "done" : "failed", e.error.empty() ? "" : ": " + e.error); },
                   [&](const TestStarted& e) {
                     add("start {}", e.test->name);
                     starts.push_back(e);
                   },
                   [&](const CasesListed& e) { add("cases of {}: {}", e.parent->name, e.cases.size()); },
                   [&](const TestFinished& e) { finished(e.result); },
                   [&](const ResultKept& e) { add("kept {} {}", e.result.test->name, status_name(e.result.outcome.status)); },
                   [&](const AttemptFinished& e) {
                     add("attempt {} of {} {}, again in {} s", e.result.attempt, e.result.test->name, status_name(e.result.outcome.status),
                         e.delay.count());
                   },
                   [&](const TestRequeued& e) { add("requeue {}: {}", e.test->name, e.reason); },
                   [&](const Notice& e) { add("notice {}", e.text); },
                   [&](const RunFinished& e) {
                     add("run over{}{}", e.signal == 0 ? "" : fmt::format(" by {}", sigabbrev_np(e.signal)),
                         e.stopped_by.empty() ? "" : ": " + e.stopped_by);
                   },
               },
               event);
  }

 private:
  void finished(const TestResult& result) {
    const std::string& reason = result.outcome.reason;
    add("end {} {}{}", result.test->name, status_name(result.outcome.status), reason.empty() ? "" : ": " + reason);
    results.push_back(result);
  }
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    log_->push_back(fmt::format("@{} {}", clock_->seconds, fmt::format(format, std::forward<Args>(args)...)));
  }

  FakeClock* clock_;
  Log* log_;
};

}  // namespace ptests::unit
