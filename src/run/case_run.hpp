#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/test_case.hpp"
#include "framework/adapter.hpp"
#include "framework/judge.hpp"
#include "run/case_packing.hpp"

namespace ptests {

/// A process that runs some cases of one executable.
struct Batch {
  std::size_t id = 0;              ///< 0, 1, ... within the executable
  std::vector<std::size_t> cases;  ///< ascending indices into the list
};

/// How the process of a batch ended.
struct BatchEnd {
  ExitStatus exit;
  Ended ended;                     ///< by what, when not by itself
  const Limits* limits = nullptr;  ///< those of the process; nullptr = none
};

/// What is to be reported of a case after one of its processes.
struct CaseVerdict {
  std::size_t index = 0;
  std::size_t batch = 0;                      ///< the process it is about
  Outcome outcome;                            ///< reason: one line
  std::string message;                        ///< the framework's, in whole lines
  bool is_final = true;                       ///< else it runs once more, alone, and another one follows
  bool is_charged = false;                    ///< with the end of its process: the exit status is its
  std::optional<Seconds> duration;            ///< where it is known
  std::optional<Seconds> started;             ///< on the monotonic clock
  std::optional<std::uint64_t> output_begin;  ///< bytes in the log of its process; nothing = not known
  std::optional<std::uint64_t> output_end;
};

/// The cases of one executable during a run: which process runs which of them, and what becomes of each. Pure.
///
/// - A case that passed or was skipped keeps that result, whatever becomes of its process.
/// - The case that runs when its process ends is charged with that end (crash, limit, interruption, exit); those behind it run in new
///   processes.
/// - A case that was charged or failed together with others runs once more alone, and what it does there counts; when it passes there it is
///   order-dependent.
/// - A process that ended before any of its cases began is nobody's fault as long as others begin: its first case runs alone, the others
///   together. When that happens three times in a row, and no case ever began or a limit ended the last one, every case that is left fails
///   with the reason of the last one. (Else a set-up that crashes for two cases would fail all the others.) Before it comes to that, the
///   last case runs alone too, as the first ones may be those that fail.
/// - A process that ended badly after all of its cases ended is the fault of the executable: executable_fault(). So is one that ended badly
///   between two cases, unless the second one ends badly before it begins alone too.
/// - One that ended well without some of its cases: these run alone. Those that it left out behind a failure run together.
///
/// What is waiting starts in the order of its expected length, the longest first, so that short ones fill the slots at the end. Of equal
/// ones that with more cases goes first: what is left of a crashed process may crash again, a case alone brings nothing new.
class CaseRun {
 public:
  /// `chosen`: ascending indices into `cases`. `expected`: how long each of `cases` takes, where that is known. `processes`: how many of
  /// its processes may run at a time.
  CaseRun(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::vector<std::optional<Seconds>> expected,
          int processes, Adapter::Choice choice, const BatchOptions& options);

  /// The next process to start; nothing: none for now.
  std::optional<Batch> next();
  bool has_next() const { return !waiting_.empty(); }
  /// All cases have a final verdict, and no process runs.
  bool done() const { return running_.empty() && waiting_.empty(); }

  /// What a batch told. Verdicts are of cases that ended so far, each once a process.
  std::vector<CaseVerdict> handle(std::size_t batch, const std::vector<CaseEvent>& events);
  /// Its process has ended, and handle() had all it told.
  std::vector<CaseVerdict> ended(std::size_t batch, const BatchEnd& end);
  /// Its process was killed for a reason of ours: what had not ended runs again in the same company.
  void requeue(std::size_t batch);
  /// The case that a batch runs now, and since when (monotonic, where that is known).
  struct Current {
    std::size_t index = 0;
    std::optional<Seconds> since;
  };
  std::optional<Current> current(std::size_t batch) const;
  /// A case with a final verdict is to run once more, alone.
  void retry(std::size_t index);
  /// Nothing starts any more. The cases that wait are returned, also those that would have run once more alone; they get no verdict. What
  /// runs may end. Called again, it returns the cases that its processes left over since.
  std::vector<std::size_t> stop();
  /// Why the executable itself failed, though each of its cases has a verdict: "crashed (SIGSEGV) after its cases".
  const std::optional<Outcome>& executable_fault() const { return fault_; }

 private:
  using Cases = CasePacking::Cases;
  /// What a case told that began and has not ended.
  struct Told {
    std::optional<Seconds> started;
    std::optional<std::uint64_t> output_begin;
    std::string message;
  };
  struct Process {
    enum class Stage : std::uint8_t { silent, running, ended };
    Cases cases;
    std::vector<Stage> stages;           ///< of each of them
    std::map<std::size_t, Told> told;    ///< by the place in `cases`
    std::optional<std::size_t> current;  ///< the place of the one that runs
    bool any_began = false;
    bool any_failed = false;

    std::optional<std::size_t> place_of(std::size_t index) const;
    Cases not_ended() const;
  };
  struct Waiting {
    Cases cases;
    Seconds expected;
    std::size_t order = 0;

    bool operator<(const Waiting& other) const;
  };
  /// What is known of a case that is to run alone.
  struct Past {
    std::string in_batch;                ///< how it failed together with others: "crashed (SIGSEGV)"; "" = it did not
    std::string message;                 ///< of that
    std::optional<Outcome> died_before;  ///< a process ended badly when this case was the next
  };
  using Verdicts = std::vector<CaseVerdict>;

  enum class Urgency : std::uint8_t { by_length, first };
  void queue(Cases cases, Urgency urgency = Urgency::by_length);
  void queue_left(const Cases& left);
  void begin(Process& process, std::size_t place, const CaseEvent& event);
  CaseVerdict end(std::size_t batch, Process& process, std::size_t place, const CaseEvent& event);
  CaseVerdict verdict_of(std::size_t batch, Process& process, std::size_t place, Outcome outcome) const;
  void settle(CaseVerdict& verdict, const Process& process, std::string in_batch);
  void interrupt(std::size_t batch, Process& process, const BatchEnd& end, Verdicts& verdicts);
  void charge(std::size_t batch, Process& process, const BatchEnd& end, Verdicts& verdicts);
  void nothing_began(std::size_t batch, const Process& process, const BatchEnd& end, Verdicts& verdicts);
  void ended_between(const Process& process, const BatchEnd& end);
  void fail_all(std::size_t batch, const Cases& cases, const Outcome& outcome, Verdicts& verdicts);
  void acquit(std::size_t index);
  void blame_executable(Outcome outcome);

  CasePacking packing_;
  int processes_;
  BatchOptions::OrderDependent order_dependent_;
  std::vector<Waiting> waiting_;  ///< a heap
  std::size_t queued_ = 0;
  std::map<std::size_t, Process> running_;
  std::size_t next_batch_ = 0;
  std::map<std::size_t, Past> past_;
  bool any_began_ = false;
  int silent_in_a_row_ = 0;  ///< processes that ended before any case began
  bool is_stopped_ = false;
  Cases dropped_;  ///< would have run, but for stop()
  std::optional<Outcome> fault_;
};

}  // namespace ptests
