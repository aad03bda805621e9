#pragma once

#include <memory>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// A case that a process runs.
struct GtestRun {
  std::size_t index = 0;  ///< in the list
  bool chosen = true;     ///< false = it runs along, and there are no events of it
};

/// Reads what GoogleTest prints, without colours and with times. `runs` is in the order of the list, which is that of the process unless
/// its output says that it is random; `cases` outlives it.
/// The end of a case is believed when what must follow it has followed, as a test may print anything, its own end too.
std::unique_ptr<CaseReader> make_gtest_reader(const std::vector<TestCase>& cases, std::vector<GtestRun> runs);

}  // namespace ptests
