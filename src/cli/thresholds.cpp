#include "cli/thresholds.hpp"

namespace ptests::cli {

Result<ProtectionThresholds> make_thresholds(const Options& options, const MachineState& machine, int processors) {
  if (options.cpu_threshold && !machine.cpu_pressure)
    return fail("--cpu-threshold: this machine tells no CPU pressure (there is no /proc/pressure/cpu)",
                "boot the kernel with psi=1, or leave it out");
  if (options.memory_threshold && !machine.memory_available)
    return fail("--mem-threshold: this machine does not tell how much memory is available", "leave it out");
  ProtectionThresholds thresholds = default_thresholds(machine, processors);
  if (options.memory_threshold) thresholds.stop.memory_available = options.memory_threshold;
  if (options.cpu_threshold) thresholds.stop.cpu_pressure = options.cpu_threshold;
  return thresholds;
}

}  // namespace ptests::cli
