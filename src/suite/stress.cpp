#include "suite/stress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "base/text.hpp"

namespace ptests {

namespace {

/// Copies of one test in a time: more would not start in a day.
constexpr int k_most_copies = 20'000;

std::optional<Seconds> parse_time(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::string_view number = text.substr(0, text.size() - 1);
  const std::optional<double> value = parse_number(number);
  if (!value || *value <= 0 || !std::isfinite(*value)) return std::nullopt;
  switch (text.back()) {
    case 's': return Seconds(*value);
    case 'm': return Seconds(60 * *value);
    case 'h': return Seconds(3600 * *value);
    default: return std::nullopt;
  }
}

std::set<std::string> required_fixtures(const Suite& suite, const std::vector<TestId>& selected) {
  std::set<std::string> fixtures;
  for (const TestId id : selected)
    for (const std::string& fixture : suite.tests[id].requirements.fixtures_required) fixtures.insert(fixture);
  return fixtures;
}

bool is_helper(const Requirements& requirements, const std::set<std::string>& fixtures) {
  const auto is_required = [&](const std::string& fixture) { return fixtures.contains(fixture); };
  return std::any_of(requirements.fixtures_setup.begin(), requirements.fixtures_setup.end(), is_required) ||
         std::any_of(requirements.fixtures_cleanup.begin(), requirements.fixtures_cleanup.end(), is_required);
}

}  // namespace

Result<Stress> parse_stress(const std::string& text) {
  if (const int copies = parse_int(text).value_or(0); copies > 0) return Stress{copies, Seconds(0)};
  if (const std::optional<Seconds> time = parse_time(text)) return Stress{k_most_copies, *time};
  return fail(fmt::format("--stress: expected a number of copies or a time, got \"{}\"", text), "100, 30s, 5m, 1h");
}

std::string original_name(const Test& copy) {
  const std::size_t number = copy.name.rfind(" (");
  return copy.name.ends_with(')') && number != std::string::npos ? copy.name.substr(0, number) : copy.name;
}

Stressed stress(const Suite& suite, const std::vector<TestId>& selected, int copies) {
  Stressed stressed{suite, {}, {}};
  stressed.suite.tests.clear();
  const std::set<std::string> fixtures = required_fixtures(suite, selected);
  const auto add = [&](TestId id, Test test) {
    test.number = static_cast<int>(stressed.suite.tests.size()) + 1;
    stressed.tests.push_back(stressed.suite.tests.size());
    stressed.originals.push_back(id);
    stressed.suite.tests.push_back(std::move(test));
  };
  for (int copy = 1; copy <= copies; ++copy) {
    for (const TestId id : selected) {
      const bool helps = is_helper(suite.tests[id].requirements, fixtures);
      if (helps && copy > 1) continue;
      Test test = suite.tests[id];
      if (copy > 1) test.name += fmt::format(" ({})", copy);
      add(id, std::move(test));
    }
  }
  return stressed;
}

}  // namespace ptests
