#pragma once

#include <future>

namespace ptests {

/// For std::async: in a thread of its own, or, where none can be had, by whoever waits for it.
inline constexpr std::launch k_aside = std::launch::async | std::launch::deferred;

}  // namespace ptests
