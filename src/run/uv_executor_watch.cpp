// The executor's eyes: what running tests use, how they end, what outlives them.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/files.hpp"
#include "process/machine.hpp"
#include "run/uv_executor.hpp"

namespace ptests {

namespace {

constexpr unsigned k_ticks_a_sample = 2;                       ///< what trees use, for the reports
constexpr std::size_t k_tests_a_sample = 32;                   ///< with more, each is looked at more rarely: below 1 % of a processor
constexpr unsigned k_ticks_a_machine = 20;                     ///< how the machine is doing
constexpr auto k_ending_tick = std::chrono::milliseconds(10);  ///< trees whose leader has ended
constexpr auto k_longest_killing = std::chrono::seconds(5);    ///< what survives that cannot be killed by us

/// The kernel floors a child's ru_maxrss by the size of the process it was cloned from: only more than our own peak says something.
/// Which only grows.
std::uint64_t peak_rss_bytes(const rusage& usage) {
  static rusage own{};
  if (usage.ru_maxrss > own.ru_maxrss) ::getrusage(RUSAGE_SELF, &own);
  return usage.ru_maxrss > own.ru_maxrss ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

/// Since the last look at it.
bool exceeded_cpu_time(const Limits* limits, const Usage& usage, const EndedOrphans& ended) {
  const std::optional<double> most = limits != nullptr ? limits->positive(LimitKind::cpu_time) : std::nullopt;
  return most && (ended.met_cpu_limit || Seconds(usage.user + usage.system).count() > *most);
}

/// What the whole tree waited for a processor, when its leader, which tells of itself only, did a good part of the work.
std::chrono::microseconds wait_of_tree(const Proc::Scheduling& leader, std::chrono::microseconds cpu_time) {
  constexpr double k_good_part = 0.25;
  const double part = Seconds(leader.ran) / std::max(Seconds(cpu_time), Seconds(1e-6));
  if (part < k_good_part) return std::chrono::microseconds(0);
  return std::chrono::round<std::chrono::microseconds>(Seconds(leader.waited) / std::min(part, 1.0));
}

ExitStatus to_exit_status(int status) {
  if (WIFSIGNALED(status)) return {ExitStatus::Kind::signaled, WTERMSIG(status), WCOREDUMP(status) != 0};
  return {ExitStatus::Kind::exited, WEXITSTATUS(status), false};
}

}  // namespace

Usage UvExecutor::final_usage(TestId test, const Child& child, const rusage& used) const {
  CpuTime cpu = trees_.ended_orphans(test).time;
  cpu.add(used);
  Usage usage;
  usage.user = cpu.user;
  usage.system = cpu.system;
  usage.peak_rss_bytes = peak_rss_bytes(used);
  usage.read_bytes = static_cast<std::uint64_t>(used.ru_inblock) * 512;
  usage.written_bytes = static_cast<std::uint64_t>(used.ru_oublock) * 512;
  usage.voluntary_switches = used.ru_nvcsw;
  usage.involuntary_switches = used.ru_nivcsw;
  child.watch.add_to(usage);
  if (child.cgroup)
    if (const auto peak = child.cgroup->peak_memory()) usage.peak_rss_bytes = std::max(usage.peak_rss_bytes, *peak);
  return usage;
}

OutputSizes UvExecutor::output_sizes(const Child& child) {
  return {file_size(child.output.log.get()), child.errors.log ? file_size(child.errors.log.get()) : 0};
}

/// Keeps no more of the output than OUTPUT_SIZE.
UvExecutor::Output UvExecutor::settle_output(Child& child) {
  if (!child.output.log) return {};
  child.output.drain.copy();
  child.errors.drain.copy();
  const OutputSizes sizes = output_sizes(child);
  const std::optional<double> most = child.limits != nullptr ? child.limits->positive(LimitKind::output_size) : std::nullopt;
  if (!most || static_cast<double>(sizes.sum()) <= *most) return {sizes.output, false};
  const OutputSizes kept = cut_to(sizes, static_cast<std::uint64_t>(*most));
  if (child.errors.log && ::ftruncate(child.errors.log.get(), static_cast<off_t>(kept.errors)) != 0) return {sizes.output, true};
  if (::ftruncate(child.output.log.get(), static_cast<off_t>(kept.output)) != 0) return {sizes.output, true};
  return {kept.output, true};
}

/// A limit that was met without LimitExceeded having told it.
std::optional<LimitKind> UvExecutor::limit_hit(TestId test, Child& child, const Usage& usage, const Output& output) const {
  if (child.cgroup)
    if (const auto hit = child.cgroup->limit_hit()) return hit;
  if (output.was_cut) return LimitKind::output_size;
  return exceeded_cpu_time(child.limits, usage, trees_.ended_orphans(test)) ? std::optional(LimitKind::cpu_time) : std::nullopt;
}

bool UvExecutor::has_left_processes(TestId test, const Child& child) const {
  return trees_.has_orphans(test) || (child.cgroup && !child.cgroup->is_empty());
}

void UvExecutor::on_exit(TestId test) {
  Child& child = children_.at(test);
  // Before the leader is reaped its number, and so its group's, cannot belong to anyone else.
  trees_.look();
  if (child.is_killing) ::kill(-child.process.pid, SIGKILL);
  // Very short tests, which no sample has seen, are not worth the look.
  const bool was_seen = child.watch.rss_bytes() > 0;
  const std::optional<Proc::Scheduling> leader = was_seen ? Proc().scheduling(child.process.pid) : std::nullopt;
  int status = 0;
  rusage used{};
  if (::wait4(child.process.pid, &status, WNOHANG, &used) <= 0) return;
  child.has_exited = true;
  // To close it is not enough: the test that was started last may still have a copy, on its way through exec.
  exits_.remove(child.process.pidfd.get());
  surroundings_.guard->remove(child.process.pid);
  trees_.leader_ended(test);

  const Output output = settle_output(child);
  ChildExited fact{test, to_exit_status(status), final_usage(test, child, used), false, child.process.pid, {}, output.size};
  if (leader) fact.usage.cpu_wait = wait_of_tree(*leader, fact.usage.user + fact.usage.system);
  fact.limit_hit = limit_hit(test, child, fact.usage, output);
  fact.left_processes = has_left_processes(test, child);
  if (fact.left_processes) {
    if (child.is_killing) kill_everything(test, child);
    schedule_endings();
  } else {
    forget(test);
  }
  push(fact);
}

void UvExecutor::forget(TestId test) {
  const auto found = children_.find(test);
  Child& child = found->second;
  if (child.is_pinned) CPU_XOR(&taken_processors_, &taken_processors_, &child.pinned);
  trees_.remove(test);
  children_.erase(found);
}

void UvExecutor::schedule_endings() {
  if (is_ending_scheduled_) return;
  is_ending_scheduled_ = true;
  ending_tick_.start(k_ending_tick);
}

/// Trees that are killed or that outlive their leader.
void UvExecutor::tick_endings() {
  is_ending_scheduled_ = false;
  trees_.look();
  const Time now = std::chrono::steady_clock::now();
  std::vector<TreeEnded> ended;
  for (auto& [test, child] : children_) {
    if (!child.is_killing && !child.has_exited) continue;
    const bool gives_up = child.is_killing && now - child.killing_since > k_longest_killing;
    if (child.has_exited && (gives_up || !has_left_processes(test, child))) {
      const Output output = settle_output(child);
      ended.push_back({test, limit_hit(test, child, {}, output), output.size});
      continue;
    }
    if (child.is_killing) kill_everything(test, child);
    schedule_endings();
  }
  for (const TreeEnded& fact : ended) {
    forget(fact.test);
    push(fact);
  }
}

void UvExecutor::tick() {
  const Time now = std::chrono::steady_clock::now();
  ++ticks_;
  trees_.look();
  for (auto& [test, child] : children_)
    if (!child.is_killing) look_at(test, child, now);
  if (ticks_ % k_ticks_a_machine == 0) push(MachineSampled{read_machine(surroundings_.logs)});
  if (!children_.empty() || steps_.any_runs()) tick_.start(k_tick);
}

void UvExecutor::look_at(TestId test, Child& child, Time now) {
  if (child.output.log) {
    if (const auto exceeded = child.watch.on_output(output_sizes(child).sum(), now)) tell_limit(test, child, *exceeded);
  }
  if (child.cgroup)
    if (const auto hit = child.cgroup->limit_hit()) tell_limit(test, child, {*hit, 0});
  const auto ticks_a_sample = k_ticks_a_sample * static_cast<unsigned>(1 + children_.size() / k_tests_a_sample);
  if (child.watch.is_strict() || ticks_ % ticks_a_sample == 0) sample(test, child, now);
}

void UvExecutor::sample(TestId test, Child& child, Time now) {
  const std::vector<ProcessStat> members = trees_.members(test);
  TreeSample found = sum_up(members);
  const EndedOrphans ended = trees_.ended_orphans(test);
  found.cpu_seconds += ended.time.seconds();
  // What the cgroup counts the kernel enforces; the sum of resident sizes counts shared pages again and again.
  if (child.cgroup) {
    if (const auto memory = child.cgroup->memory()) found.rss_bytes = *memory;
    if (const auto cpu = child.cgroup->cpu_seconds()) found.cpu_seconds = *cpu;
  }
  if (const auto exceeded = child.watch.on_sample(found, now)) tell_limit(test, child, *exceeded);
  if (const auto is_asleep = child.sleep.look(found, now)) push(SleepChanged{test, *is_asleep});
  if (ended.met_cpu_limit && child.limits != nullptr && child.limits->positive(LimitKind::cpu_time))
    tell_limit(test, child, {LimitKind::cpu_time, 0});
  if (!child.watch.looks_closer(now)) return;
  int files = 0;
  Proc::Io io;
  for (const ProcessStat& member : members) {
    files += trees_.proc().open_files(member.pid);
    child.watch.on_peak_rss(trees_.proc().peak_rss_bytes(member.pid));
    if (const auto one = trees_.proc().io(member.pid)) {
      io.read_bytes += one->read_bytes;
      io.written_bytes += one->written_bytes;
    }
  }
  child.watch.on_open_files(files);
  child.watch.on_io(io);
}

void UvExecutor::tell_limit(TestId test, Child& child, const Exceeded& exceeded) {
  if (child.told_limit == exceeded.kind) return;
  child.told_limit = exceeded.kind;
  push(LimitExceeded{test, exceeded.kind, exceeded.measured});
}

}  // namespace ptests
