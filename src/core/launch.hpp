#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptests {

/// One process to start.
struct LaunchSpec {
  std::vector<std::string> command;                     ///< command[0] is a path, not a name to search for
  std::optional<std::vector<std::string>> environment;  ///< "NAME=value"; nothing = ours, unchanged
  std::string working_directory;
  std::string output_file;  ///< stdout and stderr, merged; created or emptied
};

/// How a process ended: by itself with `code`, or by signal `code`.
struct ExitStatus {
  enum class Kind { exited, signaled };
  Kind kind = Kind::exited;
  int code = 0;
  bool core_dumped = false;
};

/// What a process and the children it waited for used.
struct Usage {
  std::chrono::microseconds user{};
  std::chrono::microseconds system{};
  std::uint64_t peak_rss_bytes = 0;  ///< 0 when not known (the kernel's figure is floored by our own size)
};

}  // namespace ptests
