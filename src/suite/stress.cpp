#include "suite/stress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "base/text.hpp"
#include "suite/values.hpp"

namespace ptests {

namespace {

/// Copies in a time, of all tests together. Each takes 2 KiB of memory.
constexpr int k_most_copies = 20'000;

/// With its unit: a bare number is one of copies.
std::optional<Seconds> parse_time(std::string_view text) {
  const std::optional<double> seconds = parse_number(text) ? std::nullopt : parse_duration(text);
  return seconds && *seconds > 0 ? std::optional(Seconds(*seconds)) : std::nullopt;
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

int Stress::copies_of_each(std::size_t tests) const {
  if (time.count() <= 0 || tests == 0) return copies;
  return std::max(1, copies / static_cast<int>(std::min(tests, static_cast<std::size_t>(copies))));
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
