#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/limits.hpp"

namespace ptests {

/// Where a test's output goes. stdin is /dev/null always.
enum class Capture : std::uint8_t {
  file,   ///< stdout and stderr merged, straight into the log
  split,  ///< stdout into the log, stderr into a file beside it
  pipe,   ///< merged through a pipe that we copy into the log
  pty,    ///< merged through a terminal of its own, for programs that want one
  none,   ///< ours: nothing is kept, and the test runs alone
};

/// One process to start.
struct LaunchSpec {
  std::vector<std::string> command;                     ///< command[0] is a path, not a name to search for
  const std::vector<std::string>* inherited = nullptr;  ///< "NAME=value", shared by many tests; outlives the start; nullptr = nothing
  std::vector<std::string> environment;                 ///< "NAME=value", besides `inherited`
  std::string working_directory;
  std::string output_file;  ///< created or emptied
  std::string error_file;   ///< the same for Capture::split, else unused
  Capture capture = Capture::file;
  bool is_split_drained = false;   ///< Capture::split goes through two pipes that we copy into the files
  const Limits* limits = nullptr;  ///< outlives the process; nullptr = none
  int pinned_processors = 0;       ///< pins it to so many processors; 0 = to none
  std::string own_jobs;            ///< the fifo of a jobserver that is made for it alone; "" = none
  int own_tokens = 0;              ///< that are in there
};

/// How a process ended: by itself with `code`, or by signal `code`.
struct ExitStatus {
  enum class Kind { exited, signaled };
  Kind kind = Kind::exited;
  int code = 0;
  bool core_dumped = false;
  bool is_success() const { return kind == Kind::exited && code == 0; }
};

/// What a test's tree of processes used. A figure that is not known is 0.
struct Usage {
  std::chrono::microseconds user{};    ///< of the process and the children it waited for
  std::chrono::microseconds system{};  ///< the same
  std::uint64_t peak_rss_bytes = 0;    ///< of the tree where it was watched, else of the largest process
  std::uint64_t read_bytes = 0;        ///< from and to storage
  std::uint64_t written_bytes = 0;
  std::int64_t voluntary_switches = 0;  ///< context switches
  std::int64_t involuntary_switches = 0;
  int most_processes = 0;  ///< at one time, as sampled
  int most_threads = 0;
  int most_open_files = 0;
  double peak_cpu = 0;  ///< processors busy, as sampled: 1.0 = one
  /// CPU time that it would have had on processors of its own: how long it waited for one while it could run, as far as the kernel tells.
  std::chrono::microseconds cpu_wait{};
};

/// A core dump and what made it.
struct CoreDump {
  std::string file;
  std::string executable;
};

/// A live process of a test, for people.
struct ProcessInfo {
  int pid = 0;
  std::string command;  ///< its command line, or [name] when it has none
};

}  // namespace ptests
