#include "cli/ctest_cases.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "framework/ctest_cases.hpp"
#include "suite/ctest_import.hpp"

namespace ptests::cli {

bool any_has_ctest_cases(const Suite& suite) {
  return std::any_of(suite.tests.begin(), suite.tests.end(), [](const Test& test) { return test.ctest_cases.has_value(); });
}

Result<void> write_ctest_cases(const Test& parent, const CaseSet& set) {
  if (!parent.ctest_cases || set.stamp.empty()) return {};
  std::vector<LoneCase> commands = set.adapter->lone_cases(set.cases);
  std::vector<CTestCase> cases;
  for (std::size_t i = 0; i < set.cases.size(); ++i) {
    const TestCase& one = set.cases[i];
    cases.push_back({set.tests[i]->name, set.tests[i]->location, one.disabled, one.labels, std::move(commands[i])});
  }
  return write_file_atomically(parent.ctest_cases->file, ctest_cases_text(parent, set.stamp, cases));
}

void CTestNumbers::ask() {
  asked_ = true;
  const Result<Suite> imported = import_ctest(suite_->tree);
  if (!imported) return;
  for (const Test& test : imported->tests) {
    by_name_.emplace(test.name, std::pair(test.number, test.name));
    by_file_.emplace(test.declared_in, std::pair(test.number, test.name));
  }
}

std::vector<std::pair<int, std::string>> CTestNumbers::operator()(const Test& test) {
  if (!asked_) ask();
  std::vector<std::pair<int, std::string>> found;
  const auto take = [&](const Known& known, std::string_view key) {
    for (auto [at, end] = known.equal_range(key); at != end; ++at) found.push_back(at->second);
  };
  take(by_name_, test.name);
  if (found.empty() && test.ctest_cases) take(by_file_, test.ctest_cases->file);
  if (const auto parent = parents_.find(test.name); found.empty() && parent) take(by_name_, suite_->tests[*parent].name);
  if (found.empty()) found.emplace_back(test.number, test.name);
  return found;
}

}  // namespace ptests::cli
