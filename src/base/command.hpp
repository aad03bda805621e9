#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace ptests {

struct CommandOutput {
  int exit_code = 0;  ///< 128 + signal number when a signal ended it
  std::string out;
  std::string err;
};

/// Runs a short helper program (searched in PATH) to its end and keeps what it printed. Blocks. An error only when it could not be
/// started.
Result<CommandOutput> run_command(const std::vector<std::string>& command, const std::string& working_directory);

bool is_executable_file(const fs::path& path);
/// Where the program `name` is, by PATH.
std::optional<std::string> find_in_path(const std::string& name);

}  // namespace ptests
