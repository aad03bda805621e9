#include "suite/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "base/text.hpp"
#include "suite/sources.hpp"
#include "suite/values.hpp"

namespace ptests {

namespace {

using Kind = Predicate::Kind;
using How = Matcher::How;

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <class IsWanted>
TestSet tests_that(const Suite& suite, IsWanted is_wanted) {
  TestSet tests(suite.tests.size());
  std::transform(suite.tests.begin(), suite.tests.end(), tests.begin(), is_wanted);
  return tests;
}

/// Nothing for a test that has not run.
const TestHistory* history_of(const Test& test, const Known& known) {
  const auto found = known.histories->find(test.name);
  return found == known.histories->end() ? nullptr : &found->second;
}

bool has_run(const TestHistory* history) { return history != nullptr && history->runs > 0; }

bool has_status(const Test& test, const Known& known, std::string_view status, Seconds slow) {
  const TestHistory* history = history_of(test, known);
  if (status == "quarantined") return known.quarantined->contains(test.name);
  if (status == "outstanding") return history != nullptr && history->outstanding;
  if (status == "new") return history == nullptr || !history->has_result();
  if (history == nullptr || !history->has_result()) return false;
  const Status last = history->last;
  if (status == "failed") return is_failure(last);
  if (status == "flaky") return history->flaky > 0;
  if (status == "slow") return history->duration > slow;
  if (status == "skipped") return last == Status::skipped || last == Status::disabled;
  return last == Status::passed || last == Status::leaked || last == Status::flaky;
}

bool has_speed(const Test& test, const Known& known, const std::vector<std::string>& speeds, Seconds slow) {
  const TestHistory* history = history_of(test, known);
  return has_run(history) && contains(speeds, history->duration > slow ? "slow" : "fast");
}

TestSet tests_of_file(const Matcher& matcher, const Suite& suite) {
  Matcher pattern = matcher;
  if (pattern.how == How::glob && pattern.text.ends_with('/')) pattern.text += '*';
  const bool is_absolute = pattern.text.starts_with('/') && pattern.how != How::regex;
  return tests_that(suite, [&](const Test& test) {
    const std::vector<std::string> files = source_files(test, suite.tree);
    return std::any_of(files.begin(), files.end(),
                       [&](const std::string& file) { return pattern.matches(is_absolute ? file : shown_path(file, suite.tree)); });
  });
}

enum class Direction { what_it_needs, what_needs_it };

/// For each test those that it needs, or that need it: DEPENDS, and the set-up of fixtures.
std::vector<std::vector<TestId>> neighbours(const Suite& suite, Direction direction) {
  using Index = std::unordered_multimap<std::string_view, TestId>;
  Index named(suite.tests.size());
  Index set_up;
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    named.emplace(suite.tests[id].name, id);
    for (const std::string& fixture : suite.tests[id].requirements.fixtures_setup) set_up.emplace(fixture, id);
  }
  std::vector<std::vector<TestId>> result(suite.tests.size());
  const auto connect = [&](TestId id, const Index& index, const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      const auto [first, last] = index.equal_range(key);
      for (auto needed = first; needed != last; ++needed) {
        const bool forward = direction == Direction::what_it_needs;
        result[forward ? id : needed->second].push_back(forward ? needed->second : id);
      }
    }
  };
  for (TestId id = 0; id < suite.tests.size(); ++id) {
    connect(id, named, suite.tests[id].requirements.depends);
    connect(id, set_up, suite.tests[id].requirements.fixtures_required);
  }
  return result;
}

TestSet closure(TestSet tests, const Suite& suite, Direction direction) {
  const std::vector<std::vector<TestId>> next = neighbours(suite, direction);
  std::vector<TestId> open;
  for (TestId id = 0; id < tests.size(); ++id)
    if (tests[id]) open.push_back(id);
  while (!open.empty()) {
    const TestId id = open.back();
    open.pop_back();
    for (const TestId other : next[id]) {
      if (tests[other]) continue;
      tests[other] = true;
      open.push_back(other);
    }
  }
  return tests;
}

TestSet combine(const std::vector<Expression>& parts, const Known& known, bool start, const std::function<bool(bool, bool)>& join_two) {
  TestSet result(known.suite->tests.size(), start);
  for (const Expression& part : parts) {
    const TestSet tests = evaluate(part, known);
    std::transform(result.begin(), result.end(), tests.begin(), result.begin(), join_two);
  }
  return result;
}

/// The texts that an exact argument of this kind may be, each once.
std::vector<std::string> choices_for(Kind kind, const Suite& suite) {
  if (kind == Kind::suite) return suite.suite_names;
  std::set<std::string> found;
  for (const Test& test : suite.tests) {
    if (kind == Kind::label) found.insert(test.labels.begin(), test.labels.end());
    if (kind == Kind::framework) found.emplace(framework_of(test));
    if (kind == Kind::name || kind == Kind::deps || kind == Kind::rdeps) found.insert(test.name);
    if (kind != Kind::file) continue;
    for (const std::string& file : source_files(test, suite.tree)) found.insert(shown_path(file, suite.tree));
  }
  return {found.begin(), found.end()};
}

std::string_view noun_of(Kind kind) {
  switch (kind) {
    case Kind::suite: return "suite is named";
    case Kind::label: return "test has the label";
    case Kind::framework: return "test is judged as";
    case Kind::file: return "test is built from";
    default: return "test is named";
  }
}

bool is_open_choice(Kind kind) {
  return kind == Kind::name || kind == Kind::label || kind == Kind::suite || kind == Kind::framework || kind == Kind::file ||
         kind == Kind::deps || kind == Kind::rdeps;
}

/// Whether there is anything that the argument means; without a list of all there is, which takes longer.
bool is_of_use(const Predicate& predicate, const Suite& suite) {
  if (predicate.kind == Kind::suite) return contains(suite.suite_names, predicate.matcher.text);
  Predicate alone = predicate;
  if (predicate.kind == Kind::deps || predicate.kind == Kind::rdeps) alone.kind = Kind::name;
  const TestSet tests = evaluate(alone, {&suite, nullptr, nullptr});
  return std::find(tests.begin(), tests.end(), true) != tests.end();
}

/// Patterns may match nothing; only who names a thing means it.
Idle check(const Predicate& predicate, const Suite& suite) {
  const Matcher& matcher = predicate.matcher;
  if (!is_open_choice(predicate.kind)) return {};
  const bool names_a_test = predicate.kind == Kind::deps || predicate.kind == Kind::rdeps;
  if (matcher.how != How::exact && !(names_a_test && matcher.how == How::contains)) return {};
  if (is_of_use(predicate, suite)) return {};
  const std::vector<std::string> choices = choices_for(predicate.kind, suite);
  constexpr std::size_t k_most = 3;
  const std::string choice = quoted_choice(nearest(matcher.text, choices, k_most));
  std::string hint = choice.empty() ? "see the tests there are with `ptests list`" : fmt::format("did you mean {}?", choice);
  if (choice.empty() && predicate.kind == Kind::label && choices.empty()) hint = "no test has a label";
  const std::string message = names_a_test && matcher.how == How::contains
                                  ? fmt::format("no test's name contains \"{}\"", matcher.text)
                                  : fmt::format("no {} \"{}\"", noun_of(predicate.kind), matcher.text);
  return {&predicate, {message, hint}};
}

}  // namespace

std::string level_of(const Test& test) {
  if (!test.level.empty()) return test.level;
  for (const auto& [level, same] : k_levels)
    if (contains(test.labels, level)) return std::string(level);
  return {};
}

std::string_view framework_of(const Test& test) { return test.framework.empty() ? std::string_view("ctest") : test.framework; }

Seconds slow_above(const Suite& suite, const TestHistories& histories) {
  std::vector<Seconds> durations;
  for (const Test& test : suite.tests) {
    const auto found = histories.find(test.name);
    if (found != histories.end() && found->second.runs > 0) durations.push_back(found->second.duration);
  }
  constexpr double k_times_median = 10;
  constexpr Seconds k_least{1};
  if (durations.empty()) return k_least;
  const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return std::max(k_least, *middle * k_times_median);
}

TestSet evaluate(const Predicate& predicate, const Known& known) {
  const Suite& suite = *known.suite;
  const Matcher& matcher = predicate.matcher;
  const std::vector<std::string>& words = predicate.words;
  const auto is_named = [&](const Test& test) { return matcher.matches(test.name); };
  const auto has_label = [&](const std::string& label) { return matcher.matches(label); };
  const bool needs_slow = predicate.kind == Kind::speed || (predicate.kind == Kind::status && contains(words, "slow"));
  const Seconds slow = needs_slow ? slow_above(suite, *known.histories) : Seconds{};
  switch (predicate.kind) {
    case Kind::name: return tests_that(suite, is_named);
    case Kind::label: return tests_that(suite, [&](const Test& t) { return std::any_of(t.labels.begin(), t.labels.end(), has_label); });
    case Kind::suite: return tests_that(suite, [&](const Test& t) { return matcher.matches(t.suite); });
    case Kind::level: return tests_that(suite, [&](const Test& t) { return contains(words, level_of(t)); });
    case Kind::file: return tests_of_file(matcher, suite);
    case Kind::framework: return tests_that(suite, [&](const Test& t) { return matcher.matches(std::string(framework_of(t))); });
    case Kind::status:
      return tests_that(suite, [&](const Test& t) {
        return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return has_status(t, known, word, slow); });
      });
    case Kind::speed: return tests_that(suite, [&](const Test& t) { return has_speed(t, known, words, slow); });
    case Kind::priority:
      return tests_that(suite, [&](const Test& t) { return contains(words, fmt::format("p{}", t.requirements.priority)); });
    case Kind::deps: return closure(tests_that(suite, is_named), suite, Direction::what_it_needs);
    case Kind::rdeps: return closure(tests_that(suite, is_named), suite, Direction::what_needs_it);
    case Kind::all: return TestSet(suite.tests.size(), true);
    case Kind::none: break;
  }
  return TestSet(suite.tests.size());
}

TestSet evaluate(const Expression& expression, const Known& known) {
  switch (expression.kind) {
    case Expression::Kind::all_of: return combine(expression.parts, known, true, std::logical_and<>());
    case Expression::Kind::any_of: return combine(expression.parts, known, false, std::logical_or<>());
    case Expression::Kind::none_of: {
      TestSet tests = evaluate(expression.parts.front(), known);
      tests.flip();
      return tests;
    }
    case Expression::Kind::predicate: break;
  }
  return evaluate(expression.predicate, known);
}

Idle find_idle(const Expression& expression, const Suite& suite) {
  if (expression.kind == Expression::Kind::predicate) return check(expression.predicate, suite);
  for (const Expression& part : expression.parts)
    if (Idle idle = find_idle(part, suite); idle.predicate != nullptr) return idle;
  return {};
}

}  // namespace ptests
