#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/case_choice.hpp"
#include "core/suite.hpp"
#include "run/case_set.hpp"

namespace ptests::cli {

bool any_has_ctest_cases(const Suite& suite);

/// Writes the cases of `parent` where ctest looks for them. Does nothing for a test without CTEST_CASES.
Result<void> write_ctest_cases(const Test& parent, const CaseSet& set);

/// The numbers and names by which ctest knows a test once the cases are listed. Asks ctest for its list at the first call.
class CTestNumbers {
 public:
  /// `suite` must outlive it.
  explicit CTestNumbers(const Suite& suite) : suite_(&suite), parents_(suite) {}
  /// Of a case that ctest does not have, those of its executable; of an executable that it has by its cases, theirs.
  std::vector<std::pair<int, std::string>> operator()(const Test& test);

 private:
  using Known = std::multimap<std::string, std::pair<int, std::string>, std::less<>>;
  void ask();

  const Suite* suite_;
  ParentFinder parents_;
  bool asked_ = false;
  Known by_name_;
  Known by_file_;  ///< cases, by the file that has them
};

}  // namespace ptests::cli
