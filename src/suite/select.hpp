#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/history.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What the user asked for. All that is given must hold. Regular expressions are CMake's and match anywhere, as ctest's.
/// Source: ctest(1), -R -E -L -LE.
struct Selection {
  std::vector<std::string> names;       ///< -R: at least one matches the name
  std::vector<std::string> not_names;   ///< -E: none matches the name
  std::vector<std::string> labels;      ///< -L: each matches at least one label
  std::vector<std::string> not_labels;  ///< -LE: not each matches at least one label
  std::vector<std::string> suites;      ///< --suite: exact names
  std::vector<std::string> globs;       ///< positional: whole names, or sources that a test is made of; at least one matches

  std::vector<std::string> expressions;  ///< -e: each is true
  std::vector<std::string> levels;       ///< --unit --integration --system: one of them
  std::vector<std::string> tags;         ///< --tag: one of these is a label
  std::vector<std::string> priorities;   ///< --priority: "p0".."p3", one of them
  bool only_slow = false;
  bool only_skipped = false;  ///< the last time, or it will be now
  bool only_failed = false;   ///< the last time

  std::string changed_since;                ///< --changed-since: the revision. select() looks at `changed` only
  std::optional<std::set<TestId>> changed;  ///< those that find_changed() found for it
  std::set<std::string> quarantined;        ///< names

  bool operator==(const Selection&) const = default;
};

/// What a selection means for a suite.
struct Selected {
  /// In CTest's order, with the set-up and clean-up tests of the fixtures they require, as ctest adds them.
  std::vector<TestId> tests;
  /// When there are none: which word matched nothing, and what it may have meant.
  Error why_none;
};

/// `tests` with those that set up and clean up the fixtures they require, in CTest's order.
std::vector<TestId> with_fixtures(const Suite& suite, const std::vector<TestId>& tests);

/// A positional word that matches no test's name is a path when there is such a file or folder (looked for in the current directory, then
/// in the source directory), when it has a `/`, or when it ends as source files do.
///
/// An exact word or a glob that matches no test leaves none. An error for an invalid regular expression, an invalid expression or an
/// unknown suite.
Result<Selected> select(const Suite& suite, const Selection& selection, const TestHistories& histories = {});

/// The same of a part of the tests: what a word, a tag or an expression means may be among the others.
Result<Selected> select_of_part(const Suite& part, const Selection& selection, const TestHistories& histories = {});

}  // namespace ptests
