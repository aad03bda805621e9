#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/event.hpp"
#include "core/fact.hpp"

namespace ptests {

/// What the build must make ready.
struct BuildRequest {
  std::vector<std::string> targets;  ///< without repetition
  int jobs = 1;
  std::vector<std::string> environment;  ///< NAME=value words for the build tool, beside what it inherits
  /// So many commands may be started beside those that run, where each of them asks before it does anything: the more there are, the
  /// better is the one that goes next.
  int waiting = 0;
};

/// The outside world: starts things and tells what became of them. It decides nothing.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Starts the process of `test`; its end comes as ChildExited. An error means that nothing was started.
  virtual Result<void> start(TestId test, const LaunchSpec& spec) = 0;
  /// Sends `signal_number` to the process group of a running test. SIGKILL goes to everything it started, wherever that went, and goes on
  /// doing so until nothing is left.
  virtual void kill(TestId test, int signal_number) = 0;
  /// The live processes of a test.
  virtual std::vector<ProcessInfo> processes(TestId test) = 0;
  /// What its tree uses now: `user` and `system` so far, `peak_rss_bytes` at this moment.
  virtual Usage usage(TestId test) = 0;
  /// StacksTaken follows, within a few seconds.
  virtual void take_stacks(TestId test) = 0;
  /// The same from the core dump of a test that has ended.
  virtual void take_core_stacks(TestId test, const CoreDump& core) = 0;
  /// One timer a running test: TimerFired after `after`, or never when the test ends first. Setting it again moves it.
  virtual void set_timer(TestId test, Seconds after) = 0;
  /// One for the run: AlarmRang after `after`. Setting it again moves it.
  virtual void set_alarm(Seconds after) = 0;
  /// Stops this process as SIGTSTP would, with the trees of all tests before it; returns when it was continued, with them.
  virtual void pause() = 0;
  /// Serves processors to the builds that tests run, as a GNU jobserver, from here on to the end. Returns the folder of its fifos; the
  /// one that all tests share is there, and empty.
  virtual Result<std::string> open_jobserver() = 0;
  /// Puts so many tokens into the fifo that all tests share: each is a processor for whoever takes it.
  virtual void park_tokens(int count) = 0;
  /// Takes those out that nobody has taken; returns how many.
  virtual int unpark_tokens() = 0;
  /// TokenReturned follows once, when one is given back; not when others are parked before.
  virtual void await_token() = 0;
  /// Whether any process of a test or of the build may hold tokens, or give some back.
  virtual bool has_token_clients() = 0;
  /// Starts the build; its facts end with BuildEnded.
  virtual Result<void> start_build(const BuildRequest& request) = 0;
  virtual void stop_build(int signal_number) = 0;
  /// Lets the launcher of a StepWanted run its command, or, after StepEnded, run it once more. Of `limits` MEMORY and TIMEOUT count.
  virtual void start_step(StepId step, const Limits& limits) = 0;
  /// After StepEnded: its launcher may end as its command did.
  virtual void finish_step(StepId step) = 0;
  /// Blocks until there is a fact.
  virtual Fact wait() = 0;
};

/// Hears everything, decides nothing.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void on(const Event& event) = 0;
  /// Nothing more happens for now, or something that takes its time, or that prints by itself: what was held back goes out.
  virtual void flush() {}
  /// After the last event: what must be on disk is on disk, or an error says why not.
  virtual Result<void> finish() { return {}; }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() = 0;
  virtual std::chrono::system_clock::time_point wall() = 0;
};

}  // namespace ptests
