#include "suite/select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
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

/// Each label once.
std::vector<std::string> label_names(const Suite& suite) {
  std::set<std::string> labels;
  for (const Test& test : suite.tests) labels.insert(test.labels.begin(), test.labels.end());
  return {labels.begin(), labels.end()};
}

constexpr std::size_t k_most_names = 3;

std::string did_you_mean(const std::vector<std::string>& names) {
  return names.empty() ? std::string("see the tests there are with `ptests list`") : fmt::format("did you mean {}?", quoted_choice(names));
}

/// The `names` most like what one of the regular expressions looks for.
std::vector<std::string> nearest_to(const std::vector<std::string>& regexes, const std::vector<std::string>& names) {
  for (const std::string& regex : regexes)
    if (std::vector<std::string> found = nearest_with_part(longest_literal(regex), names, k_most_names); !found.empty()) return found;
  return {};
}

/// The patterns of a Selection.
struct Patterns {
  Regexes names;
  Regexes not_names;
  Regexes labels;
  Regexes not_labels;
};

Result<Patterns> compile(const Selection& selection) {
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
  return patterns;
}

Result<void> check_suites(const Suite& suite, const Selection& selection) {
  for (const std::string& name : selection.suites)
    if (std::find(suite.suite_names.begin(), suite.suite_names.end(), name) == suite.suite_names.end())
      return fail(fmt::format("no suite is named \"{}\"", name), did_you_mean(nearest(name, suite.suite_names, k_most_names)));
  return {};
}

/// The first glob that matches no test, or nullptr.
const std::string* find_idle_glob(const Suite& suite, const std::vector<std::string>& globs) {
  const auto idle = std::find_if(globs.begin(), globs.end(), [&](const std::string& glob) {
    return std::none_of(suite.tests.begin(), suite.tests.end(), [&](const Test& test) { return glob_match(glob, test.name); });
  });
  return idle == globs.end() ? nullptr : &*idle;
}

Error explain_labels(const std::string& regex, const std::vector<std::string>& labels) {
  constexpr std::size_t k_most_labels = 8;
  const std::vector<std::string> near = nearest_to({regex}, labels);
  std::string hint;
  if (labels.empty()) {
    hint = "no test has a label";
  } else if (near.empty() && labels.size() <= k_most_labels) {
    hint = fmt::format("there is {}", quoted_choice(labels));
  } else {
    hint = did_you_mean(near);
  }
  return {fmt::format("no label matches -L \"{}\"", regex), std::move(hint)};
}

/// Why nothing is left of the suite.
Error explain_none(const Suite& suite, const Selection& selection, const Patterns& patterns) {
  if (suite.tests.empty())
    return {fmt::format("{} has no tests", suite.tree.build_directory), "is enable_testing() called in the top CMakeLists.txt?"};
  const std::vector<std::string> names = test_names(suite);
  if (const std::string* glob = find_idle_glob(suite, selection.globs))
    return {fmt::format("no test matches \"{}\"", *glob), did_you_mean(nearest(*glob, names, k_most_names))};
  const auto is_named = [&](const std::string& name) { return any_matches(patterns.names, name); };
  if (!selection.names.empty() && std::none_of(names.begin(), names.end(), is_named))
    return {fmt::format("no test matches -R {}", quoted_choice(selection.names)), did_you_mean(nearest_to(selection.names, names))};
  const std::vector<std::string> labels = label_names(suite);
  for (const Regex& regex : patterns.labels)
    if (std::none_of(labels.begin(), labels.end(), [&](const std::string& label) { return regex.found_in(label); }))
      return explain_labels(regex.source(), labels);
  return {"no tests matched", "no test fits all of the options together; try `ptests list` with fewer of them"};
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

Result<Selected> select(const Suite& suite, const Selection& selection) {
  if (Result<void> checked = check_suites(suite, selection); !checked) return tl::unexpected(checked.error());
  const Result<Patterns> patterns = compile(selection);
  if (!patterns) return tl::unexpected(patterns.error());

  const auto wanted = [&](const Test& test) {
    const auto& suites = selection.suites;
    const auto& globs = selection.globs;
    return (patterns->names.empty() || any_matches(patterns->names, test.name)) && !any_matches(patterns->not_names, test.name) &&
           each_matches(patterns->labels, test.labels) &&
           (patterns->not_labels.empty() || !each_matches(patterns->not_labels, test.labels)) &&
           (suites.empty() || std::find(suites.begin(), suites.end(), test.suite) != suites.end()) &&
           (globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return glob_match(glob, test.name); }));
  };
  std::vector<bool> marked(suite.tests.size());
  if (find_idle_glob(suite, selection.globs) == nullptr) std::transform(suite.tests.begin(), suite.tests.end(), marked.begin(), wanted);
  // ctest drops what -E names before it looks at fixtures, unless -R stands beside it.
  add_fixtures(suite, marked, [&](const Test& test) { return !patterns->names.empty() || !any_matches(patterns->not_names, test.name); });

  Selected selected;
  for (TestId id = 0; id < marked.size(); ++id)
    if (marked[id]) selected.tests.push_back(id);
  if (selected.tests.empty()) selected.why_none = explain_none(suite, selection, *patterns);
  return selected;
}

}  // namespace ptests
