#include "framework/boost_case.hpp"

#include <utility>

#include "base/text.hpp"

namespace ptests {

std::string boost_id(const BoostCase& of) {
  std::string id = of.path;
  if (of.expected_failures != 0 || !of.needs.empty()) id += '\n' + std::to_string(of.expected_failures);
  for (const std::string& need : of.needs) id += '\n' + need;
  return id;
}

BoostCase parse_boost_id(std::string_view id) {
  std::vector<std::string> lines = split(id, '\n');
  BoostCase of;
  of.path = std::move(lines.front());
  if (lines.size() > 1) of.expected_failures = parse_int(lines[1]).value_or(0);
  if (lines.size() > 2) of.needs.assign(lines.begin() + 2, lines.end());
  return of;
}

bool is_at_or_below(std::string_view path, std::string_view unit) {
  return path.starts_with(unit) && (path.size() == unit.size() || path[unit.size()] == '/');
}

int boost_number(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c >= '0' && c <= '9') digits += c;
  return parse_int(digits).value_or(0);
}

}  // namespace ptests
