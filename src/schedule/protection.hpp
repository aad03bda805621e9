#pragma once

#include <optional>
#include <string>

#include "core/limits.hpp"
#include "core/machine.hpp"

namespace ptests {

/// When the machine is in need. A threshold that is absent never acts. Three steps: hold (no new test starts), shed (the
/// youngest test is killed and runs again later, alone), stop (the run ends, resumable).
struct ProtectionThresholds {
  struct Step {
    std::optional<double> memory_available;  ///< below so many bytes
    std::optional<double> memory_pressure;   ///< above so many per cent; see memory_plenty
    std::optional<double> cpu_pressure;
    std::optional<double> io_stall;   ///< above so many per cent; see crowded_load
    std::optional<double> load;       ///< above this one-minute load
    std::optional<double> disk_free;  ///< below so many bytes
  };
  Step hold;
  Step shed;
  Step stop;
  /// While more bytes than this are available, memory pressure does not count: it then comes from a test at a limit of its own.
  std::optional<double> memory_plenty;
  /// Up to this load I/O does not count: all then wait for a disk since there are only a few tests, which read and write.
  std::optional<double> crowded_load;
  Seconds stop_after{5};  ///< `stop` must hold so long without a break
  Seconds shed_every{2};  ///< at most one test is shed in that time
};

/// Cautious ones for a machine of this size, with so much free at the beginning: they act before it swaps or the disk is full, and
/// never kill or stop because it is merely busy. `processors` are those that tests may use.
ProtectionThresholds default_thresholds(const MachineState& machine, int processors);

/// Decides what to do about the state of the machine. Pure: it is told the time.
class Protection {
 public:
  enum class Action { go_on, hold, shed, stop };
  struct Decision {
    Action action = Action::go_on;
    std::string reason;  ///< "memory: 210.0 MiB available, below 512.0 MiB"
  };
  explicit Protection(ProtectionThresholds thresholds) : thresholds_(thresholds) {}
  /// `now` in seconds from any beginning, never going back. Over `stop`, but not for long enough yet, is at least a hold; so is
  /// over `shed` so soon after the last one.
  Decision decide(const MachineState& machine, Seconds now);

 private:
  ProtectionThresholds thresholds_;
  std::optional<Seconds> stop_since_;
  std::optional<Seconds> last_shed_;
};

}  // namespace ptests
