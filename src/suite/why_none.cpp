#include "suite/why_none.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "suite/sources.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_most_names = 3;

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

/// The sources and their folders, as people write them.
std::vector<std::string> source_names(const Suite& suite) {
  std::set<std::string> names;
  for (const Test& test : suite.tests) {
    for (const std::string& file : source_files(test, suite.tree)) {
      const std::string shown = shown_path(file, suite.tree);
      names.insert(shown);
      for (std::size_t slash = shown.find('/', 1); slash != std::string::npos; slash = shown.find('/', slash + 1))
        names.insert(shown.substr(0, slash + 1));
    }
  }
  return {names.begin(), names.end()};
}

/// The `names` most like what one of the regular expressions looks for.
std::vector<std::string> nearest_to(const std::vector<std::string>& regexes, const std::vector<std::string>& names) {
  for (const std::string& regex : regexes)
    if (std::vector<std::string> found = nearest_with_part(longest_literal(regex), names, k_most_names); !found.empty()) return found;
  return {};
}

std::string hint_for_label(const std::vector<std::string>& near, const std::vector<std::string>& labels) {
  constexpr std::size_t k_most_labels = 8;
  if (labels.empty()) return "no test has a label";
  if (near.empty() && labels.size() <= k_most_labels) return fmt::format("there is {}", quoted_choice(labels));
  return did_you_mean(near);
}

Error explain_word(const Word& word, const Suite& suite) {
  if (!word.path)
    return {fmt::format("no test matches \"{}\"", word.text), did_you_mean(nearest(word.text, test_names(suite), k_most_names))};
  const std::vector<std::string> names = source_names(suite);
  if (names.empty())
    return {fmt::format("no test is known to be built from \"{}\"", word.text),
            "CTest does not tell what its tests are built from; select by name"};
  return {fmt::format("no test is built from \"{}\"", word.text),
          did_you_mean(nearest(shown_path(*word.path, suite.tree), names, k_most_names))};
}

std::optional<Error> find_idle_regex(const Suite& suite, const Selection& selection, const Patterns& patterns) {
  const std::vector<std::string> names = test_names(suite);
  const auto is_named = [&](const std::string& name) { return any_matches(patterns.names, name); };
  if (!selection.names.empty() && std::none_of(names.begin(), names.end(), is_named))
    return Error{fmt::format("no test matches -R {}", quoted_choice(selection.names)), did_you_mean(nearest_to(selection.names, names))};
  const std::vector<std::string> labels = label_names(suite);
  for (const Regex& regex : patterns.labels)
    if (std::none_of(labels.begin(), labels.end(), [&](const std::string& label) { return regex.found_in(label); }))
      return Error{fmt::format("no label matches -L \"{}\"", regex.source()), hint_for_label(nearest_to({regex.source()}, labels), labels)};
  return std::nullopt;
}

bool has_histories(const Known& known) {
  return std::any_of(known.suite->tests.begin(), known.suite->tests.end(),
                     [&](const Test& test) { return known.histories->contains(test.name); });
}

bool is_empty(const TestSet& tests) {
  return std::none_of(tests.begin(), tests.end(), [](bool marked) { return marked; });
}

std::string shown_priorities(const Selection& selection) {
  std::vector<std::string> shown = selection.priorities;
  for (std::string& priority : shown) priority.front() = 'P';
  return join(shown, " or ");
}

/// An option that alone leaves nothing.
std::optional<Error> find_idle_option(const Selection& selection, const Known& known) {
  const auto leaves_none = [&](Predicate::Kind kind, const std::vector<std::string>& words) {
    Predicate predicate;
    predicate.kind = kind;
    predicate.words = words;
    return is_empty(evaluate(predicate, known));
  };
  const std::string no_history = "it is known from the second run on";
  if (selection.changed && selection.changed->empty())
    return Error{fmt::format("no test is concerned by what changed since {}", selection.changed_since), ""};
  if (!selection.levels.empty() && leaves_none(Predicate::Kind::level, selection.levels))
    return Error{fmt::format("no test has the level {}", quoted_choice(selection.levels)),
                 "the keyword LEVEL of its suite, `@level` in its source or a label gives it one"};
  if (!selection.priorities.empty() && leaves_none(Predicate::Kind::priority, selection.priorities))
    return Error{fmt::format("no test has the priority {}", shown_priorities(selection)),
                 "the keyword PRIORITY of its suite or `@priority` in its source gives it one; else it is P2"};
  if (selection.only_skipped && is_empty(skipped_tests(known))) return Error{"no test was skipped the last time or will be now", ""};
  if (selection.only_failed && leaves_none(Predicate::Kind::status, {"failed"}))
    return Error{"no test failed the last time", has_histories(known) ? "" : no_history};
  if (selection.only_slow && leaves_none(Predicate::Kind::speed, {"slow"}))
    return Error{"no test is slow: above 1 s and ten times the median", has_histories(known) ? "" : no_history};
  return std::nullopt;
}

}  // namespace

bool any_matches(const std::vector<Regex>& regexes, const std::string& text) {
  return std::any_of(regexes.begin(), regexes.end(), [&](const Regex& regex) { return regex.found_in(text); });
}

bool is_name(const std::string& word, const Test& test) {
  // Many words are mostly names, and looking for wildcards in all tests takes ten times as long.
  const bool has_wildcards = word.find_first_of("*?[\\") != std::string::npos;
  return has_wildcards ? glob_match(word, test.name) : word == test.name;
}

bool is_meant(const Word& word, const Test& test, const BuildTree& tree) {
  if (!word.path) return is_name(word.text, test);
  const std::vector<std::string> files = source_files(test, tree);
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& file) { return is_below(file, *word.path) || glob_match(*word.path, file); });
}

TestSet skipped_tests(const Known& known) {
  Predicate predicate;
  predicate.kind = Predicate::Kind::status;
  predicate.words = {"skipped"};
  TestSet tests = evaluate(predicate, known);
  for (TestId id = 0; id < tests.size(); ++id) {
    const Test& test = known.suite->tests[id];
    if (test.disabled || !test.skip_reason.empty()) tests[id] = true;
  }
  return tests;
}

std::string did_you_mean(const std::vector<std::string>& names) {
  return names.empty() ? std::string("see the tests there are with `ptests list`") : fmt::format("did you mean {}?", quoted_choice(names));
}

std::optional<Error> find_slip(const Suite& suite, const Selection& selection, const Patterns& patterns) {
  for (const Word& word : patterns.words)
    if (std::none_of(suite.tests.begin(), suite.tests.end(), [&](const Test& test) { return is_meant(word, test, suite.tree); }))
      return explain_word(word, suite);
  for (const std::string& tag : selection.tags) {
    const auto has_tag = [&](const Test& test) { return std::find(test.labels.begin(), test.labels.end(), tag) != test.labels.end(); };
    if (std::any_of(suite.tests.begin(), suite.tests.end(), has_tag)) continue;
    const std::vector<std::string> labels = label_names(suite);
    return Error{fmt::format("no test has the tag \"{}\"", tag), hint_for_label(nearest(tag, labels, k_most_names), labels)};
  }
  for (std::size_t i = 0; i < patterns.expressions.size(); ++i)
    if (const Idle idle = find_idle(patterns.expressions[i], suite); idle.predicate != nullptr)
      return error_at(selection.expressions[i], idle.predicate->at, idle.error.message, idle.error.hint);
  return std::nullopt;
}

Error explain_none(const Selection& selection, const Patterns& patterns, const Known& known) {
  const Suite& suite = *known.suite;
  if (suite.tests.empty())
    return {fmt::format("{} has no tests", suite.tree.build_directory), "is enable_testing() called in the top CMakeLists.txt?"};
  if (std::optional<Error> slip = find_slip(suite, selection, patterns)) return *slip;
  if (std::optional<Error> idle = find_idle_regex(suite, selection, patterns)) return *idle;
  if (std::optional<Error> idle = find_idle_option(selection, known)) return *idle;
  for (std::size_t i = 0; i < patterns.expressions.size(); ++i)
    if (is_empty(evaluate(patterns.expressions[i], known)))
      return {fmt::format("no test fits -e \"{}\"", selection.expressions[i]), "see what a part of it selects with `ptests list -e`"};
  return {"no tests matched", "no test fits all of the options together; try `ptests list` with fewer of them"};
}

}  // namespace ptests
