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

/// What a selection means for a suite.
struct Selected {
  /// In CTest's order, with the set-up and clean-up tests of the fixtures they require, as ctest adds them.
  std::vector<TestId> tests;
  /// When there are none: which word matched nothing, and what it may have meant.
  Error why_none;
};

/// A glob that matches no test leaves none. An error for an invalid regular expression or an unknown suite.
Result<Selected> select(const Suite& suite, const Selection& selection);

}  // namespace ptests
