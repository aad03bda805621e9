#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/history.hpp"
#include "core/suite.hpp"
#include "suite/expression.hpp"

namespace ptests {

/// By TestId.
using TestSet = std::vector<bool>;

/// What the tests of a suite are asked about.
struct Known {
  const Suite* suite = nullptr;
  const TestHistories* histories = nullptr;
  const std::set<std::string>* quarantined = nullptr;  ///< names
};

/// "unit", "integration", "system" or "": what the test says, else a label of that name.
std::string level_of(const Test& test);
/// Whose cases its executable has: "doctest", "gtest", ...; "ctest" for a test that is judged by its exit code and CTest's properties.
std::string_view framework_of(const Test& test);

/// The tests of which the expression is true. One pass over the tests for each predicate.
TestSet evaluate(const Expression& expression, const Known& known);
TestSet evaluate(const Predicate& predicate, const Known& known);

/// An exact argument in an expression that means nothing in a suite.
struct Idle {
  const Predicate* predicate = nullptr;  ///< nullptr = all of them mean something
  Error error;                           ///< with what may have been meant
};
/// The first one that is a slip of the pen, wherever it stands: under a `not` it would select what nobody asked for.
Idle find_idle(const Expression& expression, const Suite& suite);

/// The longest a test may take on average without being slow: ten times the median of those that are known, at least 1 s.
Seconds slow_above(const Suite& suite, const TestHistories& histories);

}  // namespace ptests
