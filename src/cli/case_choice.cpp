#include "cli/case_choice.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/bundle.hpp"
#include "framework/adapter.hpp"
#include "run/case_set.hpp"
#include "suite/why_none.hpp"

namespace ptests::cli {

namespace {

/// A suite of the tests and, behind them, of the sources that are bundled and of the cases that are known.
struct Extended {
  Suite suite;
  std::vector<ParentFinder::Parent> parents;  ///< of those behind the first `own`
  std::size_t own = 0;
  std::size_t sources = 0;  ///< of those behind them

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

/// Whether what is selected of an executable is what is selected of its cases: only their suite and what they are made of are looked at.
bool says_the_same_of_cases(const Selection& selection) {
  Selection rest = selection;
  rest.suites.clear();
  rest.changed_since.clear();
  rest.changed.reset();
  rest.quarantined.clear();
  return rest == Selection();
}

/// What names that match `glob` begin with.
std::string_view beginning_of(std::string_view glob) { return glob.substr(0, glob.find_first_of("*?[\\")); }

/// Whether `accepts` what the names of the cases of `test` begin with: its own name or, of a bundle, that of a source, and a slash.
template <class Accepts>
bool any_beginning(const Test& test, Accepts accepts) {
  return accepts(test.name + "/") ||
         std::any_of(test.bundle.begin(), test.bundle.end(), [&](const BundledSource& source) { return accepts(source.name + "/"); });
}

/// Whether `glob` can only mean cases of `test`.
bool means_cases_of(const Test& test, const std::string& glob) {
  return tells_cases(test) && any_beginning(test, [&](const std::string& beginning) { return beginning_of(glob).starts_with(beginning); });
}

bool may_mean_cases_of(const Test& test, const std::string& glob) {
  return any_beginning(test, [&](const std::string& beginning) {
    return beginning_of(glob).starts_with(beginning) || beginning.starts_with(beginning_of(glob));
  });
}

/// Executables none of whose cases are known.
std::set<TestId> never_listed(const Extended& extended, const TestHistories& histories) {
  std::set<TestId> ids;
  for (TestId id = 0; id < extended.own; ++id)
    if (tells_cases(extended.suite.tests[id]) && !histories.contains(extended.suite.tests[id].name)) ids.insert(id);
  for (std::size_t i = extended.sources; i < extended.parents.size(); ++i) ids.erase(extended.parents[i].id);
  return ids;
}

/// Takes the words out of `selection` that match nothing that is known, and may mean a case of an executable that is `new_ones`, or can
/// only mean one of another.
std::vector<std::string> take_words_of_new_cases(Selection& selection, const Extended& extended, const std::set<TestId>& new_ones) {
  const std::vector<Test>& tests = extended.suite.tests;
  const auto is_known = [&](const std::string& word) {
    return std::any_of(tests.begin(), tests.end(), [&](const Test& test) { return is_name(word, test); });
  };
  const auto may_mean_new_one = [&](const std::string& word) {
    for (TestId id = 0; id < extended.own; ++id)
      if (means_cases_of(tests[id], word) || (new_ones.contains(id) && may_mean_cases_of(tests[id], word))) return true;
    return false;
  };
  const auto taken = std::stable_partition(selection.globs.begin(), selection.globs.end(),
                                           [&](const std::string& word) { return is_known(word) || !may_mean_new_one(word); });
  std::vector<std::string> words(taken, selection.globs.end());
  selection.globs.erase(taken, selection.globs.end());
  return words;
}

/// Whether a name or what its source says of a case decides.
bool is_by_name(const Selection& selection) {
  return !selection.names.empty() || !selection.globs.empty() || !selection.labels.empty() || !selection.tags.empty() ||
         !selection.expressions.empty();
}

/// What is selected, as far as nobody has to know the cases for that.
Selection without_names(Selection selection) {
  for (auto* words : {&selection.names, &selection.not_names, &selection.labels, &selection.not_labels, &selection.globs,
                      &selection.expressions, &selection.tags})
    words->clear();
  return selection;
}

/// The test or bundled source that a case of `parent` is one of.
std::string_view owner_of(const Test& test, const Test& parent) {
  for (const BundledSource& source : parent.bundle)
    if (test.name.starts_with(source.name) && test.name.substr(source.name.size()).starts_with('/')) return source.name;
  return parent.name;
}

/// That looks at the cases of one executable. Cases of tests and bundled sources in `whole` are wanted,
/// but for those that -E or -LE leaves out.
CaseFilter make_filter(const Suite& suite, Selection selection, TestHistories histories, std::set<std::string, std::less<>> whole) {
  // What a test is made of has been looked at.
  selection.changed.reset();
  Selection exclusions;
  exclusions.not_names = selection.not_names;
  exclusions.not_labels = selection.not_labels;
  return [tree = suite.tree, names = suite.suite_names, selection = std::move(selection), exclusions = std::move(exclusions),
          histories = std::move(histories), whole = std::move(whole)](const Test& parent, const std::vector<Test*>& cases) {
    std::vector<bool> is_of_whole(cases.size(), whole.contains(parent.name));
    if (whole.contains(parent.name) && exclusions == Selection()) return is_of_whole;
    Suite of_cases{tree, {}, names};
    for (std::size_t i = 0; i < cases.size(); ++i) {
      is_of_whole[i] = is_of_whole[i] || whole.contains(owner_of(*cases[i], parent));
      of_cases.tests.push_back(*cases[i]);
      // It would be looked for among the cases.
      of_cases.tests.back().requirements.fixtures_required.clear();
    }
    std::vector<bool> wanted(cases.size());
    if (const Result<Selected> selected = select_of_part(of_cases, exclusions, histories))
      for (const TestId id : selected->tests) wanted[id] = is_of_whole[id];
    if (const Result<Selected> selected = select_of_part(of_cases, selection, histories))
      for (const TestId id : selected->tests) wanted[id] = true;
    return wanted;
  };
}

}  // namespace

bool tells_cases(const Test& test) {
  return can_have_cases(test) && !test.disabled && test.skip_reason.empty() && test.defect.empty() &&
         make_adapter(test.framework) != nullptr;
}

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
  if (finder.empty() || says_the_same_of_cases(selection)) {
    Result<Selected> selected = select(suite, selection, histories);
    if (!selected) return tl::unexpected(selected.error());
    return ChosenCases{std::move(*selected), {}, {}};
  }
  const Extended extended = extend(suite, finder, histories);
  Selection of_all = selection;
  const std::set<TestId> new_ones = never_listed(extended, histories);
  const std::vector<std::string> new_words = take_words_of_new_cases(of_all, extended, new_ones);
  if (!of_all.globs.empty()) {
    Selection of_words;
    of_words.globs = of_all.globs;
    Result<Selected> meant = select(extended.suite, of_words, histories);
    if (meant && meant->tests.empty()) return ChosenCases{std::move(*meant), {}, {}};
  }
  if (of_all.changed)
    for (std::size_t i = 0; i < extended.parents.size(); ++i)
      if (of_all.changed->contains(extended.parents[i].id)) of_all.changed->insert(extended.own + i);
  Result<Selected> selected = new_words.empty() || !of_all.globs.empty() ? select(extended.suite, of_all, histories) : Selected();
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
  const auto may_have_more = [&](TestId id) {
    const Test& test = suite.tests[id];
    const auto means = [&](const std::string& word) { return means_cases_of(test, word); };
    const auto may_mean = [&](const std::string& word) { return may_mean_cases_of(test, word); };
    if (std::any_of(new_words.begin(), new_words.end(), means)) return true;
    return new_ones.contains(id) && is_by_name(selection) &&
           (selection.globs.empty() || std::any_of(selection.globs.begin(), selection.globs.end(), may_mean));
  };
  std::set<TestId> for_cases;
  const Result<Selected> allowed = select(suite, without_names(selection), histories);
  if (!allowed) return tl::unexpected(allowed.error());
  for (const TestId id : allowed->tests)
    if (may_have_more(id) && chosen.insert(id).second) for_cases.insert(id);
  selected->tests.assign(chosen.begin(), chosen.end());
  return ChosenCases{std::move(*selected), make_filter(suite, selection, histories, std::move(whole)), std::move(for_cases)};
}

}  // namespace ptests::cli
