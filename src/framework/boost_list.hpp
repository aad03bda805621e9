#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/test_case.hpp"

namespace ptests {

/// What Boost.Test writes for `--list_content=DOT`, as cases in the order in which they run. `output` is what the executable printed
/// besides. Names are not made unique.
Result<std::vector<TestCase>> parse_boost_list(std::string_view list, std::string_view output);

}  // namespace ptests
