#pragma once

#include <string_view>

#include "base/json.hpp"
#include "core/test.hpp"

namespace ptests {

/// Gives `test` the CTest property `name`, with a value as CTest's json-v1 or our manifest writes it. A property we do not
/// act on is kept in Test::properties only. Errors name the place: a wrong type, an invalid regular expression,
/// a limit's value that is none, a PTESTS_... property that there is not.
Result<void> apply_property(Test& test, std::string_view name, const JsonAt& value);

}  // namespace ptests
