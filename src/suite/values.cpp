#include "suite/values.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace ptests {

namespace {

/// 31 years, where a steady clock counts nanoseconds in 64 bits; and more of anything than a machine has.
constexpr double k_most = 1e9;

std::optional<double> not_negative(std::optional<double> value) {
  if (!value || *value < 0) return std::nullopt;
  return std::min(*value, k_most);
}

std::optional<double> whole(std::optional<double> value) { return value && std::nearbyint(*value) == *value ? value : std::nullopt; }

/// Source: setpriority(2).
std::optional<double> parse_nice(std::string_view text) {
  const std::optional<double> value = whole(parse_number(text));
  return value && *value >= -20 && *value <= 19 ? value : std::nullopt;
}

}  // namespace

ValueForm limit_form(LimitKind kind) {
  if (kind == LimitKind::nice) return {"a whole number from -20 to 19", ""};
  switch (limit_info(kind).unit) {
    case LimitUnit::seconds: return {"a number", "seconds, without a unit; 0 = no limit"};
    case LimitUnit::bytes: return {"a size", "bytes, or with a suffix: 512M, 2G"};
    case LimitUnit::count: return {"a whole number", "0 = no limit"};
    case LimitUnit::number: break;
  }
  return {"a number of processors", "2, or a part: 0.5; 0 = no limit"};
}

std::string_view expected_instead_of(std::string_view text, const ValueForm& form) {
  const bool is_number = parse_number(text).has_value();
  if (is_number && form.expected == k_seconds_form.expected) return "a number that is not negative";
  return is_number && form.expected == k_duration_form.expected ? "a time that is not negative" : form.expected;
}

std::optional<double> parse_seconds(std::string_view text) { return not_negative(parse_number(text)); }

std::optional<double> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<char, double>, 3> k_units{{{'s', 1}, {'m', 60}, {'h', 3600}}};
  for (const auto& [unit, seconds] : k_units) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number = parse_number(text.substr(0, text.size() - 1));
    return number ? not_negative(*number * seconds) : std::nullopt;
  }
  return parse_seconds(text);
}

std::optional<double> parse_limit(LimitKind kind, std::string_view text) {
  if (kind == LimitKind::nice) return parse_nice(text);
  switch (limit_info(kind).unit) {
    case LimitUnit::seconds: return parse_seconds(text);
    case LimitUnit::bytes: return parse_size(text);
    case LimitUnit::count: return not_negative(whole(parse_number(text)));
    case LimitUnit::number: break;
  }
  return not_negative(parse_number(text));
}

}  // namespace ptests
