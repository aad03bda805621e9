#pragma once

#include <cmath>
#include <string_view>

#include "core/launch.hpp"

namespace ptests {

/// In seconds, rounded to microseconds, as all machine output has it.
inline double rounded_seconds(Seconds duration) { return std::round(duration.count() * 1e6) / 1e6; }

/// Calls `tell(name, figure)` for everything a test used, with its name in machine output; a figure is an integer or a double.
template <class Tell>
void tell_usage(const Usage& usage, Tell tell) {
  tell("user_seconds", rounded_seconds(usage.user));
  tell("system_seconds", rounded_seconds(usage.system));
  tell("peak_rss_bytes", usage.peak_rss_bytes);
  tell("read_bytes", usage.read_bytes);
  tell("written_bytes", usage.written_bytes);
  tell("voluntary_switches", usage.voluntary_switches);
  tell("involuntary_switches", usage.involuntary_switches);
  tell("most_processes", usage.most_processes);
  tell("most_threads", usage.most_threads);
  tell("most_open_files", usage.most_open_files);
  tell("peak_cpu", usage.peak_cpu);
  tell("cpu_wait_seconds", rounded_seconds(usage.cpu_wait));
}

}  // namespace ptests
