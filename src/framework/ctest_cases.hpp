#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// A test case as ctest is to have it.
struct CTestCase {
  std::string name;  ///< of the test
  SourceLocation location;
  bool disabled = false;
  std::vector<std::string> labels;  ///< besides those of its executable
  LoneCase how;
};

/// CMake code that makes tests of ctest of all cases of `parent`, in a file that the one of its directory includes; what they say to each
/// other stands in cmake/ParallelTestsCTestCases.cmake. It does nothing for another executable than that of `stamp` (file_stamp()), or when
/// the test's command is another one by now. Its last line says that it is whole.
std::string ctest_cases_text(const Test& parent, std::string_view stamp, const std::vector<CTestCase>& cases);

}  // namespace ptests
