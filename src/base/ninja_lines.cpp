#include "base/ninja_lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ptests {

std::optional<std::pair<int, int>> parse_ninja_status(std::string_view line) {
  const std::size_t slash = line.find('/');
  const std::size_t end = line.find("] ");
  if (!line.starts_with('[') || slash == line.npos || end == line.npos || slash > end) return std::nullopt;
  const std::optional<int> done = parse_int(line.substr(1, slash - 1));
  const std::optional<int> all = parse_int(line.substr(slash + 1, end - slash - 1));
  if (!done || !all) return std::nullopt;
  return std::pair(*done, *all);
}

std::optional<std::string_view> ninja_failed_outputs(std::string_view line) {
  constexpr std::string_view k_failed = "FAILED: ";
  if (!line.starts_with(k_failed)) return std::nullopt;
  line.remove_prefix(k_failed.size());
  if (line.starts_with("[code=")) line.remove_prefix(std::min(line.size(), line.find("] ") + 2));
  while (line.ends_with(' ')) line.remove_suffix(1);
  return line;
}

}  // namespace ptests
