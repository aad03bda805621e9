#include "cli/case_choice.hpp"

#include <algorithm>
#include <utility>

#include "core/bundle.hpp"
#include "run/case_set.hpp"

namespace ptests::cli {

namespace {

/// A suite of the tests and, behind them, of the sources that are bundled and of the cases that are known.
struct Extended {
  Suite suite;
  std::vector<ParentFinder::Parent> parents;  ///< of those behind the first `own`
  std::size_t own = 0;
  std::size_t sources = 0;  ///< of those behind them

  bool is_source(TestId id) const { return id >= own && id < own + sources; }
  bool is_case(TestId id) const { return id >= own + sources; }
};

Extended extend(const Suite& suite, const ParentFinder& finder, const TestHistories& histories) {
  Extended extended{suite, {}, suite.tests.size()};
  const auto add = [&](Test test, const ParentFinder::Parent& parent) {
    extended.suite.tests.push_back(std::move(test));
    extended.parents.push_back(parent);
  };
  for (TestId id = 0; id < suite.tests.size(); ++id)
    for (const BundledSource& source : suite.tests[id].bundle) add(make_test_of(suite.tests[id], source), {id, &source});
  extended.sources = extended.parents.size();
  std::map<std::pair<TestId, const BundledSource*>, Test> patterns;
  for (const auto& [name, history] : histories) {
    const std::optional<ParentFinder::Parent> parent = finder.find_source(name);
    if (!parent) continue;
    const auto [pattern, is_new] = patterns.try_emplace({parent->id, parent->source});
    if (is_new) pattern->second = make_case_pattern(suite.tests[parent->id]);
    if (is_new && parent->source != nullptr) pattern->second = make_test_of(pattern->second, *parent->source);
    Test test = pattern->second;
    test.name = name;
    add(std::move(test), *parent);
  }
  return extended;
}

/// The test or bundled source that a case of `parent` is one of.
std::string_view owner_of(const Test& test, const Test& parent) {
  for (const BundledSource& source : parent.bundle)
    if (test.name.starts_with(source.name) && test.name.substr(source.name.size()).starts_with('/')) return source.name;
  return parent.name;
}

/// That looks at the cases of one executable. All cases of tests and bundled sources in `whole` are wanted.
CaseFilter make_filter(const Suite& suite, Selection selection, TestHistories histories, std::set<std::string, std::less<>> whole) {
  // What a test is made of has been looked at.
  selection.changed.reset();
  return [tree = suite.tree, names = suite.suite_names, selection = std::move(selection), histories = std::move(histories),
          whole = std::move(whole)](const Test& parent, const std::vector<Test*>& cases) {
    std::vector<bool> wanted(cases.size(), whole.contains(parent.name));
    if (whole.contains(parent.name)) return wanted;
    for (std::size_t i = 0; i < cases.size(); ++i) wanted[i] = whole.contains(owner_of(*cases[i], parent));
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
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    if (suite.tests[id].framework.empty()) continue;
    parents_.emplace(suite.tests[id].name, Parent{id});
    for (const BundledSource& source : suite.tests[id].bundle) parents_.emplace(source.name, Parent{id, &source});
  }
}

std::optional<TestId> ParentFinder::find(std::string_view name) const {
  const std::optional<Parent> parent = find_source(name);
  return parent ? std::optional(parent->id) : std::nullopt;
}

std::optional<ParentFinder::Parent> ParentFinder::find_source(std::string_view name) const {
  if (parents_.empty()) return std::nullopt;
  for (std::size_t slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
    if (const auto found = parents_.find(name.substr(0, slash)); found != parents_.end()) return found->second;
  return std::nullopt;
}

void sum_up_cases(const Suite& suite, TestHistories& histories) {
  const ParentFinder finder(suite);
  if (finder.empty()) return;
  std::map<std::string_view, TestHistory> sums;
  const auto add = [&](std::string_view owner, const TestHistory& history) {
    TestHistory& sum = sums[owner];
    sum.runs = std::max(sum.runs, history.runs);
    sum.duration += history.duration;
    sum.failures += history.failures;
    sum.flaky += history.flaky;
    sum.outstanding |= history.outstanding;
    if (is_failure(history.last)) sum.last = history.last;
  };
  for (const auto& [name, history] : histories) {
    const std::optional<ParentFinder::Parent> parent = finder.find_source(name);
    if (!parent) continue;
    add(suite.tests[parent->id].name, history);
    if (parent->source != nullptr) add(parent->source->name, history);
  }
  for (auto& [name, sum] : sums) {
    TestHistory& own = histories[std::string(name)];
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
      if (of_all.changed->contains(extended.parents[i].id)) of_all.changed->insert(extended.own + i);
  Result<Selected> selected = select(extended.suite, of_all, histories);
  if (!selected) return tl::unexpected(selected.error());

  std::set<TestId> chosen;
  std::set<std::string, std::less<>> whole;
  for (const TestId id : selected->tests) {
    chosen.insert(id < extended.own ? id : extended.parents[id - extended.own].id);
    if (!extended.is_case(id)) whole.insert(extended.suite.tests[id].name);
  }
  // What is selected of cases that are known wins over their test.
  for (const TestId id : selected->tests) {
    if (!extended.is_case(id)) continue;
    const ParentFinder::Parent& parent = extended.parents[id - extended.own];
    whole.erase(suite.tests[parent.id].name);
    if (parent.source != nullptr) whole.erase(parent.source->name);
  }
  std::set<TestId> known;
  for (std::size_t i = extended.sources; i < extended.parents.size(); ++i) known.insert(extended.parents[i].id);
  const bool is_by_name = !selection.names.empty() || !selection.globs.empty() || !selection.labels.empty() || !selection.tags.empty() ||
                          !selection.expressions.empty();
  for (TestId id = 0; is_by_name && id < suite.tests.size(); ++id)
    if (!suite.tests[id].framework.empty() && !known.contains(id) && !histories.contains(suite.tests[id].name)) chosen.insert(id);
  selected->tests.assign(chosen.begin(), chosen.end());
  return ChosenCases{std::move(*selected), make_filter(suite, selection, histories, std::move(whole))};
}

}  // namespace ptests::cli
