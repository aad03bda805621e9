// The build: its compilers and linkers share the processors with the tests, and its targets let tests start.
#include <fmt/format.h>

#include <algorithm>

#include "run/runner.hpp"

namespace ptests {

namespace {

/// After so many compilers that went before a test which needs more room than there is, that is waited for.
constexpr int k_most_before_tests = 8;

/// How long a processor is kept free for what the build starts next. It takes a few to 50 ms from a compiler's end to the linker's start.
constexpr Seconds k_reservation{0.15};

/// The same where something else could use it: as much as nobody misses.
Seconds short_reservation(Seconds step_took) { return std::clamp(0.05 * step_took, Seconds(0.005), Seconds(0.025)); }

/// By us, or by the kernel when the machine had no memory left: then the compiler's driver says which signal ended its part.
bool was_killed_for_memory(const StepResult& result) {
  if (result.limit_hit) return *result.limit_hit == LimitKind::memory;
  const bool by_kill = result.exit.kind == ExitStatus::Kind::signaled && result.exit.code == SIGKILL;
  return by_kill || (!result.exit.is_success() && result.output.find("Killed signal terminated program") != std::string::npos);
}

/// In whole lines. `limits` are those of the command line, `alone` what a second try may have.
std::string describe_failure(const BuildStep& step, const StepResult& result, const Limits& limits, const Limits& alone) {
  std::string text = step.command + "\n" + result.output;
  if (!text.ends_with('\n')) text += '\n';
  if (result.limit_hit == LimitKind::timeout)
    text += fmt::format("ended by ptests: beyond --compile-timeout {}\n", limits[LimitKind::timeout].value_or(0));
  if (result.limit_hit == LimitKind::memory) {
    const std::string size = describe_size(alone[LimitKind::memory].value_or(0));
    text += limits.positive(LimitKind::memory)
                ? fmt::format("ended by ptests: beyond --compile-memory {}, and again when it ran alone with {}\n",
                              describe_size(*limits.positive(LimitKind::memory)), size)
                : fmt::format("ended by ptests: beyond {}, all that tests may have\n", size);
  }
  return text;
}

}  // namespace

void Runner::start_build() {
  BuildRequest request;
  request.targets = plan_.wanted_targets();
  request.jobs = options_.budget.processors;
  // Their output reaches us by pipes, where ninja and others would drop or print no colours.
  if (options_.steps.keep_colours) request.environment.emplace_back("CLICOLOR_FORCE=1");
  if (request.targets.empty()) return;
  if (options_.build == RunOptions::Build::no) {
    for (const std::string& target : request.targets) plan_.target_ready(target, Plan::Made::before);
    return;
  }
  for (const std::string& target : request.targets)
    if (const auto known = options_.steps.known.find(target); known != options_.steps.known.end()) targets_to_build_.insert(*known);
  build_started_ = clock_->now();
  plan_.hold_serial(true);
  reporter_->on(BuildStarted{});
  if (const Result<void> started = executor_->start_build(request); !started) {
    for (const std::string& target : request.targets) handle(TargetFailed{target, started.error().message});
    handle(BuildEnded{1, started.error().message});
    return;
  }
  reserve_for_build(k_reservation);
}

// ---- Compilers and linkers --------------------------------------------------

void Runner::handle(const BuildPlanned& fact) {
  commands_ = fact.commands;
  reporter_->on(BuildMeasured{fact.commands});
  if (fact.commands == 0) end_reservation();
}

void Runner::handle(const StepWanted& fact) {
  // The build tool has ended: this launcher goes on alone.
  if (!build_started_) return;
  ++steps_wanted_;
  made_.insert(fact.what.target);
  // Another compiler of a test is not what a processor was kept for.
  if (fact.what.kind == BuildStep::Kind::link || !plan_.needs(fact.what.target) || step_queue_.empty()) end_reservation();
  Step& step = steps_[fact.step];
  step.what = fact.what;
  step.claim.of = Claim::Of::step;
  if (const auto known = options_.steps.known.find(fact.what.target); known != options_.steps.known.end())
    step.claim.demand.memory = fact.what.kind == BuildStep::Kind::link ? known->second.link_rss_bytes : known->second.compile_rss_bytes;
  step_queue_.add(fact.step, fact.what.kind, chain_of(fact.what));
}

/// What was changed is not to wait for the end of a test that was not, each time that the build tool takes a moment to start what follows:
/// the first compiler, the linker, the test.
void Runner::reserve_for_build(Seconds most) {
  if (!build_started_ || reserved_ || options_.budget.processors < 2 || !resources_.fits(reservation_)) return;
  reserved_.emplace(resources_.take(reservation_));
  reserved_until_ = clock_->now() + std::chrono::duration_cast<Attempt::Time::duration>(most);
  set_alarm();
}

/// When other compilers wait, the linker would wait for the end of one of them, and so would the test. Nobody is to wait for the first
/// test of all.
void Runner::reserve_for_next(const Step& ended, Seconds took) {
  // A linker that waits takes the place.
  if (step_queue_.next_link()) return;
  if (step_queue_.empty()) return reserve_for_build(k_reservation);
  const bool is_own = plan_.needs(ended.what.target);
  const bool is_link = ended.what.kind == BuildStep::Kind::link;
  const auto any_other = [&](const auto& is_meant) {
    return std::any_of(steps_.begin(), steps_.end(),
                       [&](const auto& step) { return &step.second != &ended && is_meant(step.second.what.target); });
  };
  const bool library_is_left = any_other([&](const std::string& target) { return !plan_.needs(target); });
  const bool is_first = slots_made_ == 0 && ((is_own && is_link) || !library_is_left);
  bool leads_on = true;  // a test follows its link
  if (!is_own)
    // The last of the libraries lets tests be linked that were compiled before.
    leads_on = is_first && test_was_compiled_;
  else if (!is_link)
    leads_on = (is_first || slots_made_ > 0) && !any_other([&](const std::string& target) { return target == ended.what.target; });
  if (leads_on) reserve_for_build(is_first ? k_reservation : short_reservation(took));
}

void Runner::end_reservation() {
  reserved_.reset();
  reserved_until_.reset();
}

/// From its start until all tests have run that need its target.
Seconds Runner::chain_of(const BuildStep& step) const {
  // No test waits for it any more.
  if (build_outputs_.contains(step.target)) return Seconds(0);
  Seconds chain = plan_.needs(step.target) ? plan_.chain_behind(step.target) : k_needed_by_many;
  if (const auto known = options_.steps.known.find(step.target); known != options_.steps.known.end())
    chain += known->second.link + (step.kind == BuildStep::Kind::compile ? known->second.compile : Seconds(0));
  return chain;
}

/// Seconds of one processor that tests and targets are still expected to take.
Seconds Runner::work_left() const {
  Seconds work = plan_.work_left();
  for (const auto& [target, known] : targets_to_build_) work += known.compile + known.link;
  return work;
}

/// While libraries are compiled and no test has run, the linkers of as many tests as possible are to be next, so that one soon runs: of the
/// compilers of tests the one that was quickest before.
std::optional<StepId> Runner::next_compile() const {
  const std::optional<StepId> next = step_queue_.next_compile();
  if (slots_made_ > 0 || !next || !plan_.needs(steps_.at(*next).what.target)) return next;
  if (std::all_of(steps_.begin(), steps_.end(), [&](const auto& step) { return plan_.needs(step.second.what.target); })) return next;
  const auto time = [&](StepId id) {
    const std::string& target = steps_.at(id).what.target;
    const auto known = options_.steps.known.find(target);
    return known == options_.steps.known.end() || build_outputs_.contains(target) ? Seconds::max() : known->second.compile;
  };
  std::optional<StepId> quickest = next;
  for (const auto& [id, step] : steps_)
    if (!step.lease && !step.is_second_try && step.what.kind == BuildStep::Kind::compile && time(id) < time(*quickest)) quickest = id;
  return quickest;
}

std::optional<StepId> Runner::choose_step(StepUrgency urgency) const {
  if (urgency == StepUrgency::after_tests) return next_compile();
  if (const std::optional<StepId> link = step_queue_.next_link()) return link;
  if (!step_queue_.next_compile()) return std::nullopt;
  // Half of the processors go on compiling, so that what was changed does not wait for all that was not.
  if (compiling_ < options_.budget.processors / 2) return next_compile();
  // When all else would be done before it, everybody waits for it.
  const Seconds work = work_left();
  return work.count() > 0 ? step_queue_.next_compile(work / options_.budget.processors) : std::nullopt;
}

/// False when there is none, or no room for it.
bool Runner::start_step(StepUrgency urgency) {
  const std::optional<StepId> id = choose_step(urgency);
  if (!id || !resources_.fits(steps_.at(*id).claim)) return false;
  // When nothing runs, a test that did not start waits for something else.
  const bool could_be_room = urgency == StepUrgency::before_tests || !resources_.idle();
  const bool passes_test = steps_.at(*id).what.kind == BuildStep::Kind::compile && could_be_room && !resources_.exhausted_for_tests() &&
                           plan_.any_waits_for_room(resources_);
  if (passes_test && steps_before_tests_ >= k_most_before_tests) return false;
  if (!launch_step(*id)) return false;
  steps_before_tests_ += passes_test ? 1 : 0;
  return true;
}

bool Runner::start_lone_step() {
  if (!resources_.idle() || !launch_step(lone_steps_.front())) return false;
  lone_steps_.pop_front();
  return true;
}

/// False when another run has what it needs.
bool Runner::launch_step(StepId id) {
  if (ask_machine_at_ && clock_->now() < *ask_machine_at_) return false;
  Step& step = steps_.at(id);
  MachineShare::Answer answer = ask_machine(SharedNeed{});
  if (std::holds_alternative<MachineShare::Denied>(answer)) {
    ask_machine_later();
    return false;
  }
  step.shared = std::get<MachineShare::Hold>(std::move(answer));
  step_queue_.remove(id);
  if (step.what.kind == BuildStep::Kind::link) step_queue_.count_links(1);
  if (step.what.kind == BuildStep::Kind::compile) ++compiling_;
  step.lease.emplace(resources_.take(step.claim, step.is_second_try ? Resources::Sharing::alone : Resources::Sharing::shared));
  step.started = clock_->wall();
  const Limits limits = step.is_second_try ? limits_alone() : options_.steps.limits;
  if (!step.is_second_try) reporter_->on(StepStarted{id, &step.what});
  executor_->start_step(id, limits);
  return true;
}

/// What a compiler may have that runs alone: all memory that tests could have.
Limits Runner::limits_alone() const {
  Limits limits = options_.steps.limits;
  if (options_.budget.memory > 0) limits[LimitKind::memory] = static_cast<double>(options_.budget.memory);
  return limits;
}

void Runner::handle(const StepEnded& fact) {
  const auto found = steps_.find(fact.step);
  if (found == steps_.end()) return;
  Step& step = found->second;
  const bool has_run = step.lease.has_value();
  step.lease.reset();
  step.shared = {};
  if (has_run && step.what.kind == BuildStep::Kind::link) step_queue_.count_links(-1);
  if (has_run && step.what.kind == BuildStep::Kind::compile) --compiling_;
  if (has_run && !fact.result.is_lost && !step.is_second_try && !is_ending() && was_killed_for_memory(fact.result)) {
    step.is_second_try = true;
    lone_steps_.push_back(fact.step);
    reporter_->on(Notice{fmt::format("{}: {} had not enough memory; it runs once more, alone.", step.what.target,
                                     step.what.kind == BuildStep::Kind::link ? "its linker" : "a compiler")});
    return;
  }
  if (has_run || step.is_second_try) {
    const bool has_failed = !is_ending() && !fact.result.is_lost && !fact.result.exit.is_success();
    const bool fails_tests = has_failed && (plan_.needs(step.what.target) || build_outputs_.contains(step.what.target));
    const std::string failure = fails_tests ? describe_failure(step.what, fact.result, options_.steps.limits, limits_alone()) : "";
    reporter_->on(StepFinished{fact.step, &step.what, fact.result, step.started, failure});
    if (fails_tests) handle(TargetFailed{step.what.target, failure});
    executor_->finish_step(fact.step);
    if (!is_ending() && fact.result.exit.is_success()) {
      test_was_compiled_ = test_was_compiled_ || plan_.needs(step.what.target);
      reserve_for_next(step, fact.result.duration);
    }
  }
  step_queue_.remove(fact.step);
  std::erase(lone_steps_, fact.step);
  steps_.erase(found);
}

// ---- Targets and the end ----------------------------------------------------

void Runner::handle(const BuildPrinted& fact) { reporter_->on(BuildOutput{fact.line, fact.is_progress}); }

void Runner::handle(const TargetBuilt& fact) {
  targets_to_build_.erase(fact.target);
  const bool is_made_now = made_.contains(fact.target);
  if (is_made_now) end_reservation();
  plan_.target_ready(fact.target, is_made_now ? Plan::Made::now : Plan::Made::before);
}

void Runner::handle(const TargetFailed& fact) {
  targets_to_build_.erase(fact.target);
  // The launcher that failed told it first, and better.
  build_outputs_.emplace(fact.target, fact.output);
  plan_.target_failed(fact.target);
}

void Runner::handle(const BuildEnded& fact) {
  const Seconds duration = clock_->now() - *build_started_;
  build_started_.reset();
  kill_build_at_.reset();
  plan_.hold_serial(false);
  end_reservation();
  targets_to_build_.clear();
  // A launcher that the build tool left behind is on its own.
  steps_.clear();
  if (steps_wanted_ == 0 && commands_ != 0 && (options_.steps.most_links > 0 || options_.steps.limits.any()) && !is_ending())
    reporter_->on(
        Notice{"--compile-memory, --compile-timeout and --link-jobs held for nothing: no compiler or linker with a launcher ran."});
  lone_steps_.clear();
  step_queue_ = StepQueue(options_.steps.most_links);
  compiling_ = 0;
  summary_.build_broken = fact.exit_code != 0 && !is_ending();
  reporter_->on(BuildFinished{fact.exit_code == 0, duration, fact.error});
}

}  // namespace ptests
