#include "base/make_rules.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ptests {

namespace {

/// Lines with those that go on after a backslash put together; those that are commands left out.
std::vector<std::string> whole_lines(std::string_view text) {
  std::vector<std::string> lines;
  bool goes_on = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const bool was_going_on = goes_on;
    goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    if (was_going_on) {
      lines.back() += line;
    } else if (goes_on || (!line.empty() && line.front() != '\t' && line.front() != '#')) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

/// Separated by spaces; `\ ` is one, `$$` is a `$`.
std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = i + 1 < text.size() && ((text[i] == '\\' && text[i + 1] == ' ') || (text[i] == '$' && text[i + 1] == '$'));
    if (is_escape) ++i;
    if (!is_escape && (text[i] == ' ' || text[i] == '\t')) {
      if (!name.empty()) names.push_back(std::exchange(name, {}));
    } else {
      name += text[i];
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
  return names;
}

/// `outputs: inputs`; nothing for an assignment, a pattern, a command, or a target that starts with a dot, which is make's own.
std::optional<MakeRule> parse_rule(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || line.front() == '\t' || line.front() == '.' || line.find_first_of("=%") < colon) return std::nullopt;
  return MakeRule{split_names(line.substr(0, colon)), split_names(line.substr(colon + 1))};
}

}  // namespace

std::vector<MakeRule> read_make_rules(std::string_view text) {
  std::vector<MakeRule> rules;
  for (const std::string& line : whole_lines(text))
    if (std::optional<MakeRule> rule = parse_rule(line)) rules.push_back(std::move(*rule));
  return rules;
}

}  // namespace ptests
