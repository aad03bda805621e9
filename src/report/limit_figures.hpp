#pragma once

#include <cmath>
#include <cstdint>

#include "core/limits.hpp"

namespace ptests {

/// Calls `tell(name, value)` for each limit that holds, with its name in machine output and its value in the unit of its LimitInfo; a value
/// is an integer where it is whole, else a double. What is 0 is no limit.
template <class Tell>
void tell_limits(const Limits& limits, Tell tell) {
  constexpr double k_most_exact = 0x1p53;
  for (const LimitInfo& info : k_limits) {
    const double value = limits[info.kind].value_or(0);
    if (value == 0) continue;
    if (std::nearbyint(value) == value && std::abs(value) < k_most_exact)
      tell(info.name, static_cast<std::int64_t>(value));
    else
      tell(info.name, value);
  }
}

}  // namespace ptests
