#include "suite/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "base/files.hpp"
#include "base/regex.hpp"
#include "base/text.hpp"
#include "suite/evaluate.hpp"
#include "suite/sources.hpp"
#include "suite/why_none.hpp"

namespace ptests {

namespace {

using Regexes = std::vector<Regex>;

Result<Regexes> compile(const std::vector<std::string>& sources, std::string_view option) {
  Regexes regexes;
  for (const std::string& source : sources) {
    Result<Regex> regex = Regex::compile(source);
    if (!regex) return fail(fmt::format("{}: {}", option, regex.error().message));
    regexes.push_back(std::move(*regex));
  }
  return regexes;
}

/// Whether each of `regexes` matches at least one of `labels`.
bool each_matches(const Regexes& regexes, const std::vector<std::string>& labels) {
  return std::all_of(regexes.begin(), regexes.end(), [&](const Regex& regex) {
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) { return regex.found_in(label); });
  });
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Word understand(const std::string& text, const Suite& suite) {
  const bool names_a_test = std::any_of(suite.tests.begin(), suite.tests.end(), [&](const Test& test) { return is_name(text, test); });
  if (names_a_test || text.empty()) return {text, std::nullopt};
  std::error_code error;
  const fs::path here = fs::absolute(text, error).lexically_normal();
  const fs::path there = (fs::path(suite.tree.source_directory) / text).lexically_normal();
  if (fs::exists(here, error)) return {text, without_slash(here.string())};
  const bool is_path = fs::exists(there, error) || text.find('/') != std::string::npos || looks_like_source(text);
  return {text, is_path ? std::optional(without_slash(there.string())) : std::nullopt};
}

Result<Patterns> compile(const Suite& suite, const Selection& selection) {
  Patterns patterns;
  struct Option {
    std::string_view name;
    const std::vector<std::string>& sources;
    Regexes& regexes;
  };
  for (const Option& option : {Option{"-R", selection.names, patterns.names}, Option{"-E", selection.not_names, patterns.not_names},
                               Option{"-L", selection.labels, patterns.labels}, Option{"-LE", selection.not_labels, patterns.not_labels}}) {
    Result<Regexes> regexes = compile(option.sources, option.name);
    if (!regexes) return tl::unexpected(regexes.error());
    option.regexes = std::move(*regexes);
  }
  for (const std::string& text : selection.expressions) {
    Result<Expression> expression = Expression::parse(text);
    if (!expression) return tl::unexpected(expression.error());
    patterns.expressions.push_back(std::move(*expression));
  }
  for (const std::string& text : selection.globs) patterns.words.push_back(understand(text, suite));
  return patterns;
}

Result<void> check_suites(const Suite& suite, const Selection& selection) {
  constexpr std::size_t k_most_names = 3;
  for (const std::string& name : selection.suites)
    if (!contains(suite.suite_names, name))
      return fail(fmt::format("no suite is named \"{}\"", name), did_you_mean(nearest(name, suite.suite_names, k_most_names)));
  return {};
}

/// Marks the tests that set up or clean up what marked ones require, until nothing is added; only those that are `allowed`.
template <class Allowed>
void add_fixtures(const Suite& suite, std::vector<bool>& marked, Allowed allowed) {
  std::unordered_map<std::string, std::vector<TestId>> helpers;
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    for (const std::string& fixture : suite.tests[id].requirements.fixtures_setup) helpers[fixture].push_back(id);
    for (const std::string& fixture : suite.tests[id].requirements.fixtures_cleanup) helpers[fixture].push_back(id);
  }
  std::vector<TestId> open;
  for (TestId id = 0; id < marked.size(); ++id)
    if (marked[id]) open.push_back(id);
  while (!open.empty()) {
    const Test& test = suite.tests[open.back()];
    open.pop_back();
    for (const std::string& fixture : test.requirements.fixtures_required) {
      for (const TestId helper : helpers[fixture]) {
        if (marked[helper] || !allowed(suite.tests[helper])) continue;
        marked[helper] = true;
        open.push_back(helper);
      }
    }
  }
}

/// What -R, -E, -L, -LE, --suite, --tag and the positional words say of a test by itself.
bool is_wanted(const Test& test, const Selection& selection, const Patterns& patterns, const BuildTree& tree) {
  const auto& words = patterns.words;
  const auto& tags = selection.tags;
  return (patterns.names.empty() || any_matches(patterns.names, test.name)) && !any_matches(patterns.not_names, test.name) &&
         each_matches(patterns.labels, test.labels) && (patterns.not_labels.empty() || !each_matches(patterns.not_labels, test.labels)) &&
         (selection.suites.empty() || contains(selection.suites, test.suite)) &&
         (tags.empty() || std::any_of(tags.begin(), tags.end(), [&](const auto& tag) { return contains(test.labels, tag); })) &&
         (words.empty() || std::any_of(words.begin(), words.end(), [&](const Word& word) { return is_meant(word, test, tree); }));
}

void keep(TestSet& marked, const TestSet& allowed) {
  std::transform(marked.begin(), marked.end(), allowed.begin(), marked.begin(), std::logical_and<>());
}

TestSet tests_of(Predicate::Kind kind, const std::vector<std::string>& words, const Known& known) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.words = words;
  return evaluate(predicate, known);
}

/// What the options say that look at all tests together.
void keep_fitting(TestSet& marked, const Selection& selection, const Patterns& patterns, const Known& known) {
  using Kind = Predicate::Kind;
  for (const Expression& expression : patterns.expressions) keep(marked, evaluate(expression, known));
  if (!selection.levels.empty()) keep(marked, tests_of(Kind::level, selection.levels, known));
  if (!selection.priorities.empty()) keep(marked, tests_of(Kind::priority, selection.priorities, known));
  if (selection.only_failed) keep(marked, tests_of(Kind::status, {"failed"}, known));
  if (selection.only_slow) keep(marked, tests_of(Kind::speed, {"slow"}, known));
  if (selection.only_skipped) keep(marked, skipped_tests(known));
  if (!selection.changed) return;
  for (TestId id = 0; id < marked.size(); ++id) marked[id] = marked[id] && selection.changed->contains(id);
}

}  // namespace

std::vector<TestId> with_fixtures(const Suite& suite, const std::vector<TestId>& tests) {
  std::vector<bool> marked(suite.tests.size());
  for (const TestId id : tests) marked[id] = true;
  add_fixtures(suite, marked, [](const Test&) { return true; });
  std::vector<TestId> all;
  for (TestId id = 0; id < marked.size(); ++id)
    if (marked[id]) all.push_back(id);
  return all;
}

namespace {

enum class Slips : std::uint8_t { leave_none, are_of_others };

Result<Selected> select(const Suite& suite, const Selection& selection, const TestHistories& histories, Slips slips) {
  if (Result<void> checked = check_suites(suite, selection); !checked) return tl::unexpected(checked.error());
  const Result<Patterns> patterns = compile(suite, selection);
  if (!patterns) return tl::unexpected(patterns.error());

  const Known known{&suite, &histories, &selection.quarantined};
  TestSet marked(suite.tests.size());
  if (slips == Slips::are_of_others || !find_slip(suite, selection, *patterns)) {
    std::transform(suite.tests.begin(), suite.tests.end(), marked.begin(),
                   [&](const Test& test) { return is_wanted(test, selection, *patterns, suite.tree); });
    keep_fitting(marked, selection, *patterns, known);
  }
  // ctest drops what -E names before it looks at fixtures, unless -R stands beside it.
  add_fixtures(suite, marked, [&](const Test& test) { return !patterns->names.empty() || !any_matches(patterns->not_names, test.name); });

  Selected selected;
  for (TestId id = 0; id < marked.size(); ++id)
    if (marked[id]) selected.tests.push_back(id);
  if (selected.tests.empty()) selected.why_none = explain_none(selection, *patterns, known);
  return selected;
}

}  // namespace

Result<Selected> select(const Suite& suite, const Selection& selection, const TestHistories& histories) {
  return select(suite, selection, histories, Slips::leave_none);
}

Result<Selected> select_of_part(const Suite& part, const Selection& selection, const TestHistories& histories) {
  return select(part, selection, histories, Slips::are_of_others);
}

}  // namespace ptests
