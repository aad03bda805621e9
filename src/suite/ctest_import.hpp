#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/suite.hpp"

namespace ptests {

/// Every test of a build directory as real ctest lists it. Runs `ctest --show-only=json-v1`; blocks.
Result<Suite> import_ctest(const BuildTree& tree);

/// The tests in what `ctest --show-only=json-v1` printed, with the executables of `tree` as their targets.
Result<Suite> parse_ctest_json(std::string_view text, const BuildTree& tree);

/// The suite of a manifest with CTest's other tests between its own, all in CTest's order and with CTest's numbers.
Suite merge_imported(Suite ours, Suite imported);

}  // namespace ptests
