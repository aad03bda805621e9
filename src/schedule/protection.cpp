#include "schedule/protection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace ptests {

namespace {

constexpr double k_mib = 1024.0 * 1024.0;

using Step = ProtectionThresholds::Step;
using Measured = std::optional<double>;

Measured to_number(std::optional<std::uint64_t> bytes) { return bytes ? Measured(static_cast<double>(*bytes)) : std::nullopt; }

/// A figure below its threshold, in words; "" when it is not, or either is unknown.
std::string lack(std::string_view what, Measured bytes, std::string_view state, Measured threshold) {
  if (!bytes || !threshold || *bytes >= *threshold) return "";
  return fmt::format("{}: {} {}, below {}", what, describe_size(*bytes), state, describe_size(*threshold));
}

/// The same for a figure above its threshold.
std::string excess(std::string_view what, Measured value, Measured threshold, std::string_view unit) {
  if (!value || !threshold || *value <= *threshold) return "";
  return fmt::format("{}: {:.1f}{}, above {:.1f}{}", what, *value, unit, *threshold, unit);
}

/// What is beyond the thresholds of that step, in words; "" when nothing is.
std::string beyond(Step ProtectionThresholds::*which, const MachineState& machine, const ProtectionThresholds& thresholds) {
  const Step& step = thresholds.*which;
  const Measured available = to_number(machine.memory_available);
  const bool plenty = available && thresholds.memory_plenty && *available > *thresholds.memory_plenty;
  const bool crowded = !thresholds.crowded_load || (machine.load && *machine.load > *thresholds.crowded_load);
  std::vector<std::string> reasons = {
      lack("memory", available, "available", step.memory_available),
      excess("memory pressure", plenty ? std::nullopt : machine.memory_pressure, step.memory_pressure, " %"),
      excess("CPU pressure", machine.cpu_pressure, step.cpu_pressure, " %"),
      excess("I/O pressure", crowded ? machine.io_stall : std::nullopt, step.io_stall, " %"),
      excess("load", machine.load, step.load, ""),
      lack("disk", to_number(machine.disk_free), "free", step.disk_free),
  };
  std::erase(reasons, "");
  return join(reasons, "; ");
}

/// Half of it to shed, a quarter to stop.
void set_falling(ProtectionThresholds& thresholds, Measured Step::*figure, double first) {
  thresholds.hold.*figure = first;
  thresholds.shed.*figure = first / 2;
  thresholds.stop.*figure = first / 4;
}

}  // namespace

ProtectionThresholds default_thresholds(const MachineState& machine, int processors) {
  ProtectionThresholds thresholds;
  if (machine.memory_total) {
    const auto total = static_cast<double>(*machine.memory_total);
    // 256 MiB is what a compiler or a large test takes at once; on a large machine what the kernel itself wants for its reserves
    // and caches grows with it. The state is looked at once a second, and meanwhile a test per processor may have begun.
    const double wanted = std::max({0.02 * total, 256 * k_mib, 32 * k_mib * processors});
    // A small machine or container has never so much: an eighth of it must do, or it would hold for ever.
    set_falling(thresholds, &Step::memory_available, std::min(wanted, total / 8));
    // A test that thrashes within its own MEMORY limit shows in the machine's pressure too. A machine that itself reclaims in
    // earnest has far less left than a quarter.
    thresholds.memory_plenty = total / 4;
  }
  // Per cent of the last ten seconds in which somebody waited for memory. For comparison: systemd-oomd kills when everybody in a
  // cgroup waited 60 % of the time (oomd.conf(5)).
  thresholds.hold.memory_pressure = 40;
  thresholds.shed.memory_pressure = 60;
  thresholds.stop.memory_pressure = 80;
  if (machine.disk_free) {
    // Room for eight logs of the default OUTPUT_SIZE, 64 MiB; on a disk that is nearly full, half of what there is, so that
    // tests which write little still run.
    set_falling(thresholds, &Step::disk_free, std::min(512 * k_mib, static_cast<double>(*machine.disk_free) / 2));
  }
  // A machine with all its processors and disks at work is what a test run wants: CPU pressure has no threshold, and load and I/O only
  // hold back, where more tests at a time gain nothing. Tests that sync their files all wait for the disk however few they are, so I/O
  // counts only when there are many more of them than processors.
  if (machine.processors > 0) {
    thresholds.hold.load = 8.0 * machine.processors;
    thresholds.hold.io_stall = 60;
    thresholds.crowded_load = 2.0 * machine.processors;
  }
  return thresholds;
}

Protection::Decision Protection::decide(const MachineState& machine, Seconds now) {
  const std::string stop = beyond(&ProtectionThresholds::stop, machine, thresholds_);
  if (stop.empty()) {
    stop_since_.reset();
  } else if (!stop_since_) {
    stop_since_ = now;
  }
  if (stop_since_ && now - *stop_since_ >= thresholds_.stop_after)
    return {Action::stop, fmt::format("{}; for {:.0f} s", stop, (now - *stop_since_).count())};

  const std::string shed = beyond(&ProtectionThresholds::shed, machine, thresholds_);
  const bool may_shed = !last_shed_ || now - *last_shed_ >= thresholds_.shed_every;
  if (!shed.empty() && may_shed) {
    last_shed_ = now;
    return {Action::shed, shed};
  }
  for (const std::string& reason : {stop, shed, beyond(&ProtectionThresholds::hold, machine, thresholds_)})
    if (!reason.empty()) return {Action::hold, reason};
  return {Action::go_on, ""};
}

}  // namespace ptests
