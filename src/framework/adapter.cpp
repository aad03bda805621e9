#include "framework/adapter.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "framework/boost.hpp"
#include "framework/catch2.hpp"
#include "framework/doctest.hpp"
#include "framework/gtest.hpp"

namespace ptests {

std::vector<LoneCase> Adapter::lone_cases(const std::vector<TestCase>& cases) const {
  std::vector<LoneCase> all;
  for (std::size_t index = 0; index < cases.size(); ++index) {
    CaseCommand command = run_command(cases, {&index, 1}, {}, {}, true);
    all.push_back({std::move(command.arguments), std::move(command.environment), "", ""});
  }
  return all;
}

std::unique_ptr<Adapter> make_adapter(std::string_view framework) {
  if (framework == "doctest") return make_doctest_adapter();
  if (framework == "gtest") return make_gtest_adapter();
  if (framework == "catch2") return make_catch2_adapter();
  if (framework == "boost") return make_boost_adapter();
  return nullptr;
}

namespace {

void make_unique(const std::vector<std::string*>& names) {
  // A name that a case has of its own is never given to another.
  std::unordered_set<std::string> taken;
  for (const std::string* name : names) taken.insert(*name);
  std::unordered_map<std::string, std::size_t> seen;
  for (std::string* name : names) {
    const std::string base = *name;
    std::size_t& number = seen[base];
    if (++number == 1) continue;
    *name = fmt::format("{}#{}", base, number);
    while (!taken.insert(*name).second) *name = fmt::format("{}#{}", base, ++number);
  }
}

}  // namespace

void make_names_unique(std::vector<TestCase>& cases) {
  std::vector<std::string*> names;
  std::unordered_map<std::string_view, std::vector<std::string*>> by_file;
  for (TestCase& test_case : cases) {
    test_case.name_in_file = test_case.name;
    names.push_back(&test_case.name);
    by_file[test_case.location.file].push_back(&test_case.name_in_file);
  }
  make_unique(names);
  for (const auto& [file, of_file] : by_file) make_unique(of_file);
}

}  // namespace ptests
