#include "base/decimal_seconds.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace ptests {

namespace {

/// As microseconds they fit into 64 bits.
constexpr double k_most = 9e12;
constexpr int k_decimals = 6;

}  // namespace

DecimalSeconds::DecimalSeconds(std::chrono::duration<double> time) : begin_(digits_.data()), end_(digits_.data()) {
  if (!(std::abs(time.count()) < k_most)) {
    end_ = fmt::format_to_n(digits_.data(), digits_.size(), "{}", time.count()).out;
    return;
  }
  const std::int64_t micros = std::llround(time.count() * 1e6);
  std::uint64_t rest = micros < 0 ? -static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  // From the last digit to the first.
  char* at = digits_.data() + digits_.size();
  end_ = at;
  bool is_told = false;  // zeros behind the last decimal are not
  for (int i = 0; i < k_decimals; ++i, rest /= 10) {
    const auto digit = static_cast<char>('0' + rest % 10);
    is_told |= digit != '0';
    if (is_told) *--at = digit;
  }
  if (is_told) *--at = '.';
  do *--at = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (micros < 0) *--at = '-';
  begin_ = at;
}

}  // namespace ptests
