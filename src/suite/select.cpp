#include "suite/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/regex.hpp"
#include "base/text.hpp"

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

bool any_matches(const Regexes& regexes, const std::string& text) {
  return std::any_of(regexes.begin(), regexes.end(), [&](const Regex& regex) { return regex.found_in(text); });
}

/// Whether each of `regexes` matches at least one of `labels`.
bool each_matches(const Regexes& regexes, const std::vector<std::string>& labels) {
  return std::all_of(regexes.begin(), regexes.end(), [&](const Regex& regex) {
    return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) { return regex.found_in(label); });
  });
}

std::vector<std::string> test_names(const Suite& suite) {
  std::vector<std::string> names;
  for (const Test& test : suite.tests) names.push_back(test.name);
  return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::string choice = quoted_choice(nearest(word, names, 3));
  return choice.empty() ? std::string("see the tests there are with `ptests list`") : fmt::format("did you mean {}?", choice);
}

Result<void> check_words(const Suite& suite, const Selection& selection) {
  for (const std::string& name : selection.suites)
    if (std::find(suite.suite_names.begin(), suite.suite_names.end(), name) == suite.suite_names.end())
      return fail(fmt::format("no suite is named \"{}\"", name), did_you_mean(name, suite.suite_names));
  for (const std::string& glob : selection.globs)
    if (std::none_of(suite.tests.begin(), suite.tests.end(), [&](const Test& test) { return glob_match(glob, test.name); }))
      return fail(fmt::format("no test matches \"{}\"", glob), did_you_mean(glob, test_names(suite)));
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

}  // namespace

Result<std::vector<TestId>> select(const Suite& suite, const Selection& selection) {
  if (Result<void> checked = check_words(suite, selection); !checked) return tl::unexpected(checked.error());
  const Result<Regexes> names = compile(selection.names, "-R");
  if (!names) return tl::unexpected(names.error());
  const Result<Regexes> not_names = compile(selection.not_names, "-E");
  if (!not_names) return tl::unexpected(not_names.error());
  const Result<Regexes> labels = compile(selection.labels, "-L");
  if (!labels) return tl::unexpected(labels.error());
  const Result<Regexes> not_labels = compile(selection.not_labels, "-LE");
  if (!not_labels) return tl::unexpected(not_labels.error());

  const auto wanted = [&](const Test& test) {
    const auto& suites = selection.suites;
    const auto& globs = selection.globs;
    return (names->empty() || any_matches(*names, test.name)) && !any_matches(*not_names, test.name) &&
           each_matches(*labels, test.labels) && (not_labels->empty() || !each_matches(*not_labels, test.labels)) &&
           (suites.empty() || std::find(suites.begin(), suites.end(), test.suite) != suites.end()) &&
           (globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return glob_match(glob, test.name); }));
  };
  std::vector<bool> marked(suite.tests.size());
  std::transform(suite.tests.begin(), suite.tests.end(), marked.begin(), wanted);
  // ctest drops what -E names before it looks at fixtures, unless -R stands beside it.
  add_fixtures(suite, marked, [&](const Test& test) { return !names->empty() || !any_matches(*not_names, test.name); });

  std::vector<TestId> selected;
  for (TestId id = 0; id < marked.size(); ++id)
    if (marked[id]) selected.push_back(id);
  return selected;
}

}  // namespace ptests
