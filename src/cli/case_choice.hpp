#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/history.hpp"
#include "run/runner.hpp"
#include "suite/select.hpp"

namespace ptests::cli {

/// The test of `suite` whose executable has the case `name`, by its name: "unit.net" of "unit.net/reads a header", or what bundles the
/// source of that name; nothing for others.
class ParentFinder {
 public:
  struct Parent {
    TestId id = 0;
    const BundledSource* source = nullptr;  ///< of a bundle: the one that has the case; lives as long as the suite
  };
  explicit ParentFinder(const Suite& suite);
  std::optional<Parent> find_source(std::string_view name) const;
  std::optional<TestId> find(std::string_view name) const;
  bool empty() const { return parents_.empty(); }

 private:
  std::map<std::string, Parent, std::less<>> parents_;
};

/// Whether it can be asked for its cases.
bool tells_cases(const Test& test);

/// What is known of an executable, and of a bundled source, is what is known of its cases, how long they take together, whether one
/// failed, and of what it did besides them the last time.
void sum_up_cases(const Suite& suite, TestHistories& histories);

/// What a selection means where cases are tests.
struct ChosenCases {
  Selected selected;     ///< tests of the suite
  CaseFilter is_wanted;  ///< which of their cases; nothing = all
  /// Those of them that are there only because one of their cases may be meant: nobody knows these.
  std::set<TestId> for_cases;
};

/// Which cases of a test run is asked of each of them when one that earlier runs knew is selected, or when one that nobody knows may be: by
/// a name, a label or an expression, of an executable whose cases never ran; or by a positional word that begins with the name of the
/// executable and a slash, and matches nothing that is known. A test that is selected while none of the cases that are known is runs with
/// all of them.
Result<ChosenCases> select_with_cases(const Suite& suite, const Selection& selection, const TestHistories& histories);

}  // namespace ptests::cli
