#include "core/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/text.hpp"

namespace ptests {

namespace {

/// The table stands in the order of the enumeration, so that a kind is its index.
constexpr bool is_in_order() {
  for (std::size_t i = 0; i < k_limits.size(); ++i)
    if (static_cast<std::size_t>(k_limits[i].kind) != i) return false;
  return true;
}
static_assert(is_in_order());

constexpr std::string_view k_prefixes = "KMGT";

}  // namespace

void Limits::take_defaults(const Limits& defaults) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i]) values[i] = defaults.values[i];
}

void Limits::replace_by(const Limits& others) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (others.values[i]) values[i] = others.values[i];
}

bool Limits::any() const {
  return std::any_of(values.begin(), values.end(), [](const std::optional<double>& value) { return value.has_value(); });
}

std::optional<double> Limits::positive(LimitKind kind) const {
  const std::optional<double> value = (*this)[kind];
  return value && *value > 0 ? value : std::nullopt;
}

const LimitInfo& limit_info(LimitKind kind) { return k_limits[static_cast<std::size_t>(kind)]; }

std::optional<double> parse_size(std::string_view text) {
  std::size_t end = text.size();
  if (end > 0 && (text[end - 1] == 'B' || text[end - 1] == 'b')) --end;
  if (end > 1 && (text[end - 1] == 'i' || text[end - 1] == 'I')) --end;
  double factor = 1;
  if (end > 0) {
    const std::size_t power = k_prefixes.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text[end - 1]))));
    if (power != std::string_view::npos) {
      factor = std::pow(1024.0, static_cast<double>(power + 1));
      --end;
    } else if (end < text.size() && text.substr(end) != "B" && text.substr(end) != "b") {
      return std::nullopt;  // "5iB"
    }
  }
  const std::optional<double> number = parse_number(text.substr(0, end));
  const bool is_size = number && *number >= 0 && *number * factor < 0x1p63;  // what a file or a limit can be
  return is_size ? std::optional(std::floor(*number * factor)) : std::nullopt;
}

std::string describe_size(double bytes) {
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  std::size_t power = 0;
  bytes /= 1024;
  for (; bytes >= 1024 && power + 1 < k_prefixes.size(); ++power) bytes /= 1024;
  return fmt::format("{:.1f} {}iB", bytes, k_prefixes[power]);
}

std::string describe_limit(LimitKind kind, double value) {
  switch (limit_info(kind).unit) {
    case LimitUnit::seconds: return fmt::format("{:g} s", value);
    case LimitUnit::bytes: return describe_size(value);
    case LimitUnit::count:
    case LimitUnit::number: break;
  }
  return fmt::format("{}", value);
}

}  // namespace ptests
