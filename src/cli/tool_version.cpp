#include "cli/tool_version.hpp"

#include <fmt/format.h>

#include "base/command.hpp"

namespace ptests::cli {

std::optional<std::string> tool_version(const std::string& program, const fs::path& kept) {
  const std::optional<std::string> path = program.find('/') == std::string::npos ? find_in_path(program) : std::optional(program);
  if (!path) return std::nullopt;
  const std::string key = fmt::format("{} {}\n", *path, file_stamp(*path));
  const Result<std::string> known = read_file(kept);
  if (known && known->starts_with(key)) return known->substr(key.size());
  const Result<CommandOutput> output = run_command({*path, "--version"}, ".");
  if (!output) return std::nullopt;
  if (fs::is_directory(kept.parent_path())) static_cast<void>(write_file_atomically(kept, key + output->out));
  return output->out;
}

}  // namespace ptests::cli
