// Rules that hold for the cases of every executable, tried on random ones: what they do is simulated.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>

#include "run/case_run.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Kind = CaseEvent::Kind;
using Choice = Adapter::Choice;
using Indices = std::vector<std::size_t>;

/// What a case does when it runs.
enum class Act : std::uint8_t { pass, fail, skip, crash, exit, hang, missing, bad_set_up };

struct Script {
  Act alone = Act::pass;
  std::optional<std::size_t> behind;  ///< behind this one it does something else
  Act then = Act::pass;
};

/// A process of the executable: all it will tell, and its end.
struct Process {
  Batch batch;
  std::vector<CaseEvent> events;
  std::size_t told = 0;
  BatchEnd end;
  std::set<std::size_t> failed{};  ///< these may run alone before it has ended
};

enum class Teardown : std::uint8_t { well, crashes };

struct Simulated {
  std::vector<TestCase> cases;
  std::vector<Script> scripts;
  Teardown teardown = Teardown::well;
  bool tells_starts = true;
};

BatchEnd killed(int signal_number) { return {{ExitStatus::Kind::signaled, signal_number, false}, {}}; }
BatchEnd exited(int code) { return {{ExitStatus::Kind::exited, code, false}, {}}; }

std::optional<BatchEnd> end_in(Act act) {
  switch (act) {
    case Act::crash: return killed(SIGSEGV);
    case Act::exit: return exited(0);
    case Act::hang: return BatchEnd{{ExitStatus::Kind::signaled, SIGTERM, false}, {Ended::By::limit, LimitKind::timeout, 5}};
    case Act::bad_set_up: return killed(SIGABRT);
    default: return std::nullopt;
  }
}

Process start(const Simulated& executable, Batch batch) {
  Process process;
  std::set<std::size_t> ran;
  bool any_failed = false;
  for (const std::size_t index : batch.cases) {
    const Script& script = executable.scripts[index];
    const Act act = script.behind && ran.contains(*script.behind) ? script.then : script.alone;
    if (act == Act::missing) continue;
    const std::optional<BatchEnd> end = end_in(act);
    CaseEvent event;
    event.index = index;
    if (act != Act::bad_set_up && (executable.tells_starts || end)) process.events.push_back(event);
    if (end) {
      process.end = *end;
      process.batch = std::move(batch);
      return process;
    }
    event.kind = Kind::ended;
    event.status = act == Act::fail ? Status::failed : act == Act::skip ? Status::skipped : Status::passed;
    process.events.push_back(event);
    any_failed |= act == Act::fail;
    ran.insert(index);
  }
  process.end = exited(any_failed ? 1 : 0);
  if (executable.teardown == Teardown::crashes && !ran.empty()) process.end = killed(SIGBUS);
  process.batch = std::move(batch);
  return process;
}

std::string show(const Outcome& outcome) { return fmt::format("{}: {}", status_name(outcome.status), outcome.reason); }

/// The verdict that a case has when it runs alone from the beginning.
std::string verdict_alone(Act act) {
  switch (act) {
    case Act::pass: return "passed: ";
    case Act::fail: return "failed: ";
    case Act::skip: return "skipped: ";
    case Act::crash: return "crashed: SIGSEGV";
    case Act::exit: return "failed: ended its process (exit code 0)";
    case Act::hang: return "timed_out: no end within 5 s";
    case Act::missing: return "failed: the executable ran no such case";
    case Act::bad_set_up: return "crashed: SIGABRT, before any case began";
  }
  return "";
}

/// The words for a failure in a batch that goes away.
std::string in_batch(Act act) {
  switch (act) {
    case Act::crash: return "crashed (SIGSEGV)";
    case Act::exit: return "ended its process (exit code 0)";
    case Act::hang: return "timed out (no end within 5 s)";
    default: return "failed";
  }
}

bool is_good(Act act) { return act == Act::pass || act == Act::skip; }

struct Setting {
  Choice choice = Choice::any;
  int slots = 1;
  BatchOptions options{};
  std::vector<std::optional<Seconds>> expected{};
  int most_kills = 0;                  ///< processes that are killed for a reason of ours
  std::size_t stops_after = SIZE_MAX;  ///< so many verdicts the run is stopped
  enum class Stop : std::uint8_t { finish, interrupt } stop{};
};

/// Runs an executable's cases, several processes at a time, and looks at all that comes of it.
class Trial {
 public:
  Trial(Dice& dice, const Simulated& executable, Indices chosen, const Setting& setting)
      : dice_(&dice),
        executable_(&executable),
        chosen_(std::move(chosen)),
        setting_(setting),
        slots_(static_cast<std::size_t>(setting.slots)),
        run_(executable.cases, chosen_, setting.expected, setting.slots, setting.choice, setting.options) {}

  /// What was wrong; "" = nothing.
  std::string run() {
    while (wrong_.empty() && !run_.done()) {
      while (running_.size() < slots_ && run_.has_next()) start_next();
      if (running_.empty())
        wrong("nothing runs, nothing is done");
      else
        step(static_cast<std::size_t>(dice_->roll(static_cast<int>(running_.size()))));
      if (!is_stopped_ && final_.size() >= setting_.stops_after) stop();
      if (started_ > 3 * chosen_.size() + slots_ + 2 * static_cast<std::size_t>(requeued_)) wrong("too many processes");
    }
    if (is_stopped_) drop(run_.stop());
    for (const std::size_t index : chosen_)
      if (final_.contains(index) == dropped_.contains(index)) wrong(fmt::format("no verdict for {}", index));
    if (is_stopped_) return wrong_;
    const bool had_fault = teardowns_ > 0;
    if (had_fault && !run_.executable_fault()) wrong("no fault");
    if (!had_fault && !any_bad_set_up_ && run_.executable_fault()) wrong("a fault");
    return wrong_;
  }
  std::size_t started() const { return started_; }

 private:
  void wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  void stop() {
    is_stopped_ = true;
    drop(run_.stop());
    if (run_.has_next() || run_.next()) wrong("starts after the stop");
    if (setting_.stop != Setting::Stop::interrupt) return;
    for (Process& process : running_) {
      process.events.resize(process.told);
      process.end = {{ExitStatus::Kind::signaled, SIGINT, false}, {Ended::By::interrupt}};
    }
  }

  void drop(const Indices& cases) {
    for (const std::size_t index : cases)
      if (!dropped_.insert(index).second || final_.contains(index)) wrong(fmt::format("{} is left over twice", index));
  }

  void start_next() {
    const auto batch = run_.next();
    if (is_stopped_ || !batch || batch->cases.empty() || batch->id != started_) return wrong("no batch");
    ++started_;
    if (!std::is_sorted(batch->cases.begin(), batch->cases.end())) wrong("not ascending");
    if (setting_.choice == Choice::range && !are_neighbours(batch->cases)) wrong("no neighbours");
    for (const std::size_t index : batch->cases) {
      if (final_.contains(index)) wrong(fmt::format("{} runs again", index));
      if (failed_in_batch_.contains(index) && batch->cases.size() > 1) wrong(fmt::format("{} runs again in company", index));
      for (const Process& other : running_)
        if (std::binary_search(other.batch.cases.begin(), other.batch.cases.end(), index) && !other.failed.contains(index))
          wrong(fmt::format("{} is in two processes", index));
    }
    running_.push_back(start(*executable_, *batch));
  }

  bool are_neighbours(const Indices& cases) const {
    const auto& all = executable_->cases;
    if (cases.size() == 1) return true;
    std::size_t at = 0;
    for (std::size_t index = cases.front(); index <= cases.back(); ++index) {
      const bool is_in = cases[at] == index;
      if (is_in == all[index].disabled) return false;
      at += is_in ? 1 : 0;
    }
    return true;
  }

  /// One process tells some more, or ends, or is killed by us.
  void step(std::size_t which) {
    Process& process = running_[which];
    if (requeued_ < setting_.most_kills && dice_->roll(40) == 0) {
      ++requeued_;
      run_.requeue(process.batch.id);
    } else if (process.told < process.events.size()) {
      const auto more = 1 + static_cast<std::size_t>(dice_->roll(5));
      const std::size_t end = std::min(process.events.size(), process.told + more);
      const std::vector<CaseEvent> events(process.events.begin() + static_cast<std::ptrdiff_t>(process.told),
                                          process.events.begin() + static_cast<std::ptrdiff_t>(end));
      process.told = end;
      any_began_ = true;
      take(process, run_.handle(process.batch.id, events));
      return;
    } else {
      finish(process);
    }
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  void finish(Process& process) {
    const ExitStatus& exit = process.end.exit;
    const bool crashed = exit.kind == ExitStatus::Kind::signaled;
    if (crashed && exit.code == SIGBUS) ++teardowns_;
    if (crashed && exit.code == SIGABRT) any_bad_set_up_ = true;
    take(process, run_.ended(process.batch.id, process.end));
  }

  void take(Process& process, const std::vector<CaseVerdict>& verdicts) {
    for (const CaseVerdict& verdict : verdicts) {
      if (verdict.batch != process.batch.id) wrong("another batch");
      if (!verdict.is_final) {
        if (process.batch.cases.size() == 1 || is_good_status(verdict.outcome.status)) wrong("not final");
        if (!failed_in_batch_.insert(verdict.index).second) wrong("failed twice in batches");
        process.failed.insert(verdict.index);
        continue;
      }
      if (!final_.insert(verdict.index).second) wrong(fmt::format("two verdicts for {}", verdict.index));
      check(verdict, process.batch.cases.size() == 1);
    }
  }

  static bool is_good_status(Status status) { return status == Status::passed || status == Status::skipped; }

  void check(const CaseVerdict& verdict, bool is_alone) {
    if (is_stopped_) return;
    const Script& script = executable_->scripts[verdict.index];
    const std::string shown = show(verdict.outcome);
    if (!any_began_ && verdict.outcome.reason.find("ran no such case") != std::string::npos) return;  // given up
    if (!any_began_ && verdict.outcome.reason.find("before any case began") != std::string::npos) return;
    std::string right = verdict_alone(script.alone);
    if (failed_in_batch_.contains(verdict.index) && is_good(script.alone))
      right = fmt::format("order_dependent: {} in a batch, {} alone", in_batch(script.then),
                          script.alone == Act::skip ? "is skipped" : "passes");
    const bool was_better_in_batch = !is_alone && script.behind && is_good(script.then) && shown == verdict_alone(script.then);
    if (shown != right && !was_better_in_batch) wrong(fmt::format("{} is {}, not {}", verdict.index, shown, right));
  }

  Dice* dice_;
  const Simulated* executable_;
  Indices chosen_;
  Setting setting_;
  std::size_t slots_;
  CaseRun run_;
  std::vector<Process> running_;
  std::size_t started_ = 0;
  int requeued_ = 0;
  std::size_t teardowns_ = 0;
  bool is_stopped_ = false;
  std::set<std::size_t> dropped_;
  bool any_began_ = false;
  bool any_bad_set_up_ = false;
  std::set<std::size_t> final_;
  std::set<std::size_t> failed_in_batch_;
  std::string wrong_;
};

Act random_act(Dice& dice) {
  constexpr std::array k_common{Act::pass, Act::fail, Act::skip, Act::crash, Act::exit, Act::hang};
  return k_common[static_cast<std::size_t>(dice.roll(k_common.size()))];
}

Simulated random_executable(Dice& dice) {
  Simulated executable;
  const auto size = static_cast<std::size_t>(1 + dice.roll(24));
  const int bad = dice.roll(12);  // of twelve
  const bool may_not_begin = dice.roll(4) == 0;
  for (std::size_t index = 0; index < size; ++index) {
    TestCase made;
    made.name = made.id = fmt::format("case {}", index);
    made.disabled = dice.roll(6) == 0;
    executable.cases.push_back(std::move(made));
    Script& script = executable.scripts.emplace_back();
    if (dice.roll(12) < bad) script.alone = random_act(dice);
    if (may_not_begin && dice.roll(5) == 0) script.alone = dice.roll(2) == 0 ? Act::missing : Act::bad_set_up;
    const bool begins = script.alone != Act::missing && script.alone != Act::bad_set_up;
    if (index > 0 && begins && dice.roll(4) == 0) {
      script.behind = static_cast<std::size_t>(dice.roll(static_cast<int>(index)));
      script.then = random_act(dice);
    }
  }
  if (dice.roll(8) == 0) executable.teardown = Teardown::crashes;
  executable.tells_starts = dice.roll(4) != 0;
  return executable;
}

Setting random_setting(Dice& dice, std::size_t size) {
  Setting setting;
  setting.options.target = Seconds(0.1 * dice.roll(8));
  if (dice.roll(6) == 0) setting.options.mode = BatchOptions::Mode::isolated;
  setting.choice = dice.roll(2) == 0 ? Choice::any : Choice::range;
  setting.slots = 1 + dice.roll(4);
  setting.expected.resize(size);
  const int most_known = dice.roll(5);
  for (auto& one : setting.expected)
    if (dice.roll(4) < most_known) one = Seconds(0.001 * dice.roll(300));
  if (dice.roll(2) == 0) setting.most_kills = 20;
  if (dice.roll(4) == 0) setting.stops_after = static_cast<std::size_t>(dice.roll(20));
  if (dice.roll(2) == 0) setting.stop = Setting::Stop::interrupt;
  return setting;
}

/// Cases that pass, but for some.
Simulated executable_with(std::size_t size, const Indices& some, Act act) {
  Simulated executable;
  executable.cases.resize(size);
  executable.scripts.resize(size);
  for (const std::size_t index : some) executable.scripts[index].alone = act;
  return executable;
}

/// How many processes it takes; each verdict is right.
std::size_t count_processes(const Simulated& executable, int slots) {
  Dice dice(1);
  Indices chosen(executable.cases.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  Trial trial(dice, executable, chosen, {.slots = slots});
  CHECK(trial.run() == "");
  return trial.started();
}

}  // namespace

TEST_CASE("case run: each case that crashes costs two processes") {
  const Indices some{0, 17, 99, 250, 400, 500, 501, 700, 900, 990};
  CHECK(count_processes(executable_with(1000, {}, Act::pass), 1) == 1);
  CHECK(count_processes(executable_with(1000, {}, Act::pass), 2) == 2);
  for (const Act act : {Act::crash, Act::exit, Act::hang}) {
    CHECK(count_processes(executable_with(1000, some, act), 1) == 1 + 2 * some.size());
    CHECK(count_processes(executable_with(1000, some, act), 2) == 2 + 2 * some.size());
  }
  CHECK(count_processes(executable_with(1000, some, Act::fail), 2) == 2 + some.size());
}

TEST_CASE("case run: an executable that cannot start is tried three times") {
  Indices all(1000);
  std::iota(all.begin(), all.end(), std::size_t{0});
  CHECK(count_processes(executable_with(1000, all, Act::bad_set_up), 1) == 3);
  CHECK(count_processes(executable_with(1000, all, Act::bad_set_up), 4) <= 7);
}

TEST_CASE("case run: a set-up that crashes for the first cases fails no others") {
  CHECK(count_processes(executable_with(20, {0, 1, 2, 3, 4}, Act::bad_set_up), 1) <= 12);
  CHECK(count_processes(executable_with(20, {10, 11, 12, 13, 14}, Act::bad_set_up), 1) <= 12);
}

TEST_CASE("case run: every case of a random executable gets the verdict that it has alone") {
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    Dice dice(seed);
    const Simulated executable = random_executable(dice);
    Indices chosen;
    for (std::size_t index = 0; index < executable.cases.size(); ++index)
      if (dice.roll(8) != 0) chosen.push_back(index);
    const std::string wrong = Trial(dice, executable, chosen, random_setting(dice, executable.cases.size())).run();
    CHECK_MESSAGE(wrong.empty(), "seed ", seed, ": ", wrong);
    if (!wrong.empty()) break;
  }
}
