#pragma once

#include <string_view>

#include "core/launch.hpp"

namespace ptests {

/// Calls `tell(name, figure)` for everything a test used, with its name in machine output; a figure is an integer, a double, or a
/// time as Seconds, which machine output has rounded to microseconds.
template <class Tell>
void tell_usage(const Usage& usage, Tell tell) {
  tell("user_seconds", Seconds(usage.user));
  tell("system_seconds", Seconds(usage.system));
  tell("peak_rss_bytes", usage.peak_rss_bytes);
  tell("read_bytes", usage.read_bytes);
  tell("written_bytes", usage.written_bytes);
  tell("voluntary_switches", usage.voluntary_switches);
  tell("involuntary_switches", usage.involuntary_switches);
  tell("most_processes", usage.most_processes);
  tell("most_threads", usage.most_threads);
  tell("most_open_files", usage.most_open_files);
  tell("peak_cpu", usage.peak_cpu);
  tell("cpu_wait_seconds", Seconds(usage.cpu_wait));
}

}  // namespace ptests
