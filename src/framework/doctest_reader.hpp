#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// Which cases doctest is told to run: places among those that count, the first is 1.
struct DoctestRange {
  std::size_t first = 1;
  std::size_t last = 1;
  bool with_disabled = false;  ///< the disabled count too
};

/// Of `chosen`, which are neighbours of those not disabled, or one disabled one.
DoctestRange doctest_range(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen);

/// Reads what doctest's reporter "xml" writes while the cases run. `cases` outlives it.
std::unique_ptr<CaseReader> make_doctest_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen);

}  // namespace ptests
