#include "cli/case_choice.hpp"

#include <algorithm>
#include <utility>

#include "run/case_set.hpp"

namespace ptests::cli {

namespace {

/// A suite of the tests and, behind them, of the cases that are known.
struct Extended {
  Suite suite;
  std::vector<TestId> parents;  ///< of those behind the first `own`
  std::size_t own = 0;
};

Extended extend(const Suite& suite, const ParentFinder& finder, const TestHistories& histories) {
  Extended extended{suite, {}, suite.tests.size()};
  std::map<TestId, Test> patterns;
  for (const auto& [name, history] : histories) {
    const std::optional<TestId> parent = finder.find(name);
    if (!parent) continue;
    const auto pattern = patterns.find(*parent);
    extended.suite.tests.push_back(
        pattern != patterns.end() ? pattern->second : patterns.emplace(*parent, make_case_pattern(suite.tests[*parent])).first->second);
    extended.suite.tests.back().name = name;
    extended.parents.push_back(*parent);
  }
  return extended;
}

/// That looks at the cases of one executable.
CaseFilter make_filter(const Suite& suite, Selection selection, TestHistories histories, std::set<std::string> whole) {
  // What a test is made of has been looked at.
  selection.changed.reset();
  return [tree = suite.tree, names = suite.suite_names, selection = std::move(selection), histories = std::move(histories),
          whole = std::move(whole)](const Test& parent, const std::vector<Test*>& cases) {
    std::vector<bool> wanted(cases.size(), whole.contains(parent.name));
    if (whole.contains(parent.name)) return wanted;
    Suite of_cases{tree, {}, names};
    for (const Test* test : cases) {
      of_cases.tests.push_back(*test);
      // It would be looked for among the cases.
      of_cases.tests.back().requirements.fixtures_required.clear();
    }
    if (const Result<Selected> selected = select(of_cases, selection, histories))
      for (const TestId id : selected->tests) wanted[id] = true;
    return wanted;
  };
}

}  // namespace

ParentFinder::ParentFinder(const Suite& suite) {
  for (TestId id = 0; id < suite.tests.size(); ++id)
    if (!suite.tests[id].framework.empty()) parents_.emplace(suite.tests[id].name, id);
}

std::optional<TestId> ParentFinder::find(std::string_view name) const {
  if (parents_.empty()) return std::nullopt;
  for (std::size_t slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
    if (const auto found = parents_.find(name.substr(0, slash)); found != parents_.end()) return found->second;
  return std::nullopt;
}

void sum_up_cases(const Suite& suite, TestHistories& histories) {
  const ParentFinder finder(suite);
  if (finder.empty()) return;
  std::map<TestId, TestHistory> sums;
  for (const auto& [name, history] : histories) {
    const std::optional<TestId> parent = finder.find(name);
    if (!parent) continue;
    TestHistory& sum = sums[*parent];
    sum.runs = std::max(sum.runs, history.runs);
    sum.duration += history.duration;
    sum.failures += history.failures;
    sum.flaky += history.flaky;
    sum.outstanding |= history.outstanding;
    if (is_failure(history.last)) sum.last = history.last;
  }
  for (auto& [id, sum] : sums) {
    TestHistory& own = histories[suite.tests[id].name];
    if (is_failure(own.last)) sum.last = own.last;
    sum.outstanding |= own.outstanding;
    // One process ran them, and nobody knows how long each of them took.
    if (own.duration > sum.duration) {
      sum.duration = own.duration;
      sum.processors = own.processors;
      sum.peak_rss_bytes = own.peak_rss_bytes;
    }
    own = sum;
  }
}

Result<ChosenCases> select_with_cases(const Suite& suite, const Selection& selection, const TestHistories& histories) {
  const ParentFinder finder(suite);
  if (finder.empty()) {
    Result<Selected> selected = select(suite, selection, histories);
    if (!selected) return tl::unexpected(selected.error());
    return ChosenCases{std::move(*selected), {}};
  }
  const Extended extended = extend(suite, finder, histories);
  Selection of_all = selection;
  if (of_all.changed)
    for (std::size_t i = 0; i < extended.parents.size(); ++i)
      if (of_all.changed->contains(extended.parents[i])) of_all.changed->insert(extended.own + i);
  Result<Selected> selected = select(extended.suite, of_all, histories);
  if (!selected) return tl::unexpected(selected.error());

  std::set<TestId> chosen;
  std::set<std::string> whole;
  for (const TestId id : selected->tests)
    if (id < extended.own && chosen.insert(id).second) whole.insert(suite.tests[id].name);
  for (const TestId id : selected->tests) {
    if (id < extended.own) continue;
    const TestId parent = extended.parents[id - extended.own];
    chosen.insert(parent);
    whole.erase(suite.tests[parent].name);
  }
  const std::set<TestId> known(extended.parents.begin(), extended.parents.end());
  const bool is_by_name = !selection.names.empty() || !selection.globs.empty() || !selection.labels.empty() || !selection.tags.empty() ||
                          !selection.expressions.empty();
  for (TestId id = 0; is_by_name && id < suite.tests.size(); ++id)
    if (!suite.tests[id].framework.empty() && !known.contains(id) && !histories.contains(suite.tests[id].name)) chosen.insert(id);
  selected->tests.assign(chosen.begin(), chosen.end());
  return ChosenCases{std::move(*selected), make_filter(suite, selection, histories, std::move(whole))};
}

}  // namespace ptests::cli
