#include "framework/adapter.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "framework/boost.hpp"
#include "framework/catch2.hpp"
#include "framework/doctest.hpp"
#include "framework/gtest.hpp"

namespace ptests {

std::unique_ptr<Adapter> make_adapter(std::string_view framework) {
  if (framework == "doctest") return make_doctest_adapter();
  if (framework == "gtest") return make_gtest_adapter();
  if (framework == "catch2") return make_catch2_adapter();
  if (framework == "boost") return make_boost_adapter();
  return nullptr;
}

void make_names_unique(std::vector<TestCase>& cases) {
  // A name that a case has of its own is never given to another.
  std::unordered_set<std::string> taken;
  for (const TestCase& test_case : cases) taken.insert(test_case.name);
  std::unordered_map<std::string, std::size_t> seen;
  for (TestCase& test_case : cases) {
    std::size_t& number = seen[test_case.name];
    if (++number == 1) continue;
    const std::string base = test_case.name;
    test_case.name = fmt::format("{}#{}", base, number);
    while (!taken.insert(test_case.name).second) test_case.name = fmt::format("{}#{}", base, ++number);
  }
}

}  // namespace ptests
