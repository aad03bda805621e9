#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What the user asked for. Regular expressions are CMake's and match anywhere, as ctest's.
/// Source: ctest(1), -R -E -L -LE.
struct Selection {
  std::vector<std::string> names;       ///< -R: at least one matches the name
  std::vector<std::string> not_names;   ///< -E: none matches the name
  std::vector<std::string> labels;      ///< -L: each matches at least one label
  std::vector<std::string> not_labels;  ///< -LE: not each matches at least one label
  std::vector<std::string> suites;      ///< --suite: exact names
  std::vector<std::string> globs;       ///< positional: whole names
};

/// The selected tests in CTest's order, with the set-up and clean-up tests of the fixtures they require, as ctest adds
/// them. An error for an invalid regular expression, an unknown suite, or a glob that matches no test (with the nearest names).
Result<std::vector<TestId>> select(const Suite& suite, const Selection& selection);

}  // namespace ptests
