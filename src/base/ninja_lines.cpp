#include "base/ninja_lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ptests {

namespace {

std::string_view between_quotes(std::string_view text, std::size_t from) {
  const std::size_t start = text.find('"', from);
  if (start == text.npos) return {};
  const std::size_t end = text.find('"', start + 1);
  return end == text.npos ? std::string_view() : text.substr(start + 1, end - start - 1);
}

}  // namespace

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
  constexpr std::string_view k_red = "\x1b[31m";
  constexpr std::string_view k_plain = "\x1b[0m";
  if (line.starts_with(k_red)) line.remove_prefix(k_red.size());
  if (!line.starts_with(k_failed)) return std::nullopt;
  line.remove_prefix(k_failed.size());
  if (line.starts_with(k_plain)) line.remove_prefix(k_plain.size());
  if (line.starts_with("[code=")) line.remove_prefix(std::min(line.size(), line.find("] ") + 2));
  while (line.ends_with(' ')) line.remove_suffix(1);
  return line;
}

NinjaGraphLine parse_ninja_graph_line(std::string_view line) {
  NinjaGraphLine result;
  if (!line.starts_with('"')) return result;
  result.id = between_quotes(line, 0);
  if (result.id.empty()) return result;
  const std::size_t behind = result.id.size() + 2;
  if (line.substr(behind).starts_with(" -> ")) {
    result.to = between_quotes(line, behind);
    result.only_orders = line.find("style=dotted") != line.npos;
  } else if (const std::size_t label = line.find("[label="); label != line.npos) {
    result.label = between_quotes(line, label);
    result.is_file = !line.ends_with("shape=ellipse]");
  }
  return result;
}

}  // namespace ptests
