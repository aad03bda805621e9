#pragma once

#include <string>

#include "core/machine.hpp"

namespace ptests {

/// Looks at the machine: /proc/meminfo, /proc/pressure, /proc/loadavg, our memory cgroup (v1 and v2), free disk under
/// `directory`. `proc` and `sys` are roots that tests replace.
MachineState read_machine(const std::string& directory, const std::string& proc = "/proc", const std::string& sys = "/sys/fs/cgroup");

}  // namespace ptests
