#pragma once

#include <chrono>

#include "cli/options.hpp"
#include "core/seams.hpp"
#include "process/sweep.hpp"

namespace ptests::cli {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall() override { return std::chrono::system_clock::now(); }
};

/// What a run is called, and what it would leave if it were killed.
RunRemains name_run();

/// Those that tests may keep busy.
int processors(const Options& options);

}  // namespace ptests::cli
