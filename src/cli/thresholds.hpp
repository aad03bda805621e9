#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "core/machine.hpp"
#include "schedule/protection.hpp"

namespace ptests::cli {

/// When a run protects the machine: cautious thresholds, and in place of those for stopping what the command line says. `processors` are
/// those that tests may use. An error for one that asks for what this machine does not tell.
Result<ProtectionThresholds> make_thresholds(const Options& options, const MachineState& machine, int processors);

}  // namespace ptests::cli
