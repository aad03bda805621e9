#pragma once

#include <string_view>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// What Catch2 prints for `"*" --list-tests --reporter xml --verbosity high`: 3 an XML document, 2.13 its list for people, which it wraps
/// at 80 columns. Names are not made unique.
Result<std::vector<TestCase>> parse_catch2_list(std::string_view output);

}  // namespace ptests
