#pragma once

#include <cstdint>
#include <optional>

namespace ptests {

/// How the machine is doing. What the kernel does not tell is absent.
struct MachineState {
  std::optional<std::uint64_t> memory_total;      ///< bytes, our cgroup's limit included
  std::optional<std::uint64_t> memory_available;  ///< bytes, MemAvailable, our cgroup's room included
  std::optional<double> memory_pressure;          ///< PSI "some avg10", per cent of the time somebody waits for memory
  std::optional<double> cpu_pressure;
  std::optional<double> io_pressure;       ///< the same of a disk
  std::optional<double> load;              ///< one minute
  std::optional<std::uint64_t> disk_free;  ///< bytes, where our logs are
  std::optional<double> io_stall;          ///< PSI "full avg10" of I/O: per cent of the time all that could run wait for a disk
  int processors = 0;                      ///< of the whole machine, which `load` is about; 0 = unknown
};

}  // namespace ptests
