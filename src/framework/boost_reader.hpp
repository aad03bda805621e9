#pragma once

#include <memory>
#include <span>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// Reads what Boost.Test's logger HRF writes at the level test_suite. `cases` outlives it.
std::unique_ptr<CaseReader> make_boost_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen);

}  // namespace ptests
