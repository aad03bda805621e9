#include "schedule/shard.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"

namespace ptests {

namespace {

using Index = std::unordered_map<std::string_view, std::vector<TestId>>;

const std::vector<TestId>& find(const Index& index, const std::string& name) {
  static const std::vector<TestId> k_none;
  const auto found = index.find(name);
  return found == index.end() ? k_none : found->second;
}

/// Tests that go to the same shard.
struct Group {
  std::vector<TestId> tests;
  Seconds duration{};
  std::string_view first_name;
  int shard = 0;  ///< from 1 on
};

/// Which tests belong to fixtures, and which are connected.
class Connections {
 public:
  /// `tests`: each once, in ascending order.
  Connections(const Suite& suite, const std::vector<TestId>& tests);

  std::vector<Group> groups(const std::vector<Forecast>& forecasts);
  /// The fixtures' tests that `test` needs in its shard.
  std::vector<TestId> fixture_tests_for(TestId test) const;

 private:
  void find_fixture_tests();
  std::vector<TestId> direct_needs(TestId test) const;
  void connect();
  void connect_to_dependencies(TestId test, TestId of);
  TestId root_of(TestId test);
  const Requirements& requirements(TestId test) const { return suite_->tests[test].requirements; }

  const Suite* suite_;
  std::vector<TestId> tests_;
  Index names_;
  Index fixture_tests_;  ///< by fixture, what sets it up or cleans it up
  Index requirers_;      ///< by fixture
  std::vector<bool> is_fixture_test_;
  std::vector<TestId> parents_;  ///< towards the root of its group
};

Connections::Connections(const Suite& suite, const std::vector<TestId>& tests)
    : suite_(&suite), tests_(tests), is_fixture_test_(suite.tests.size()), parents_(suite.tests.size()) {
  for (const TestId id : tests_) {
    names_[suite.tests[id].name].push_back(id);
    for (const std::string& fixture : requirements(id).fixtures_setup) fixture_tests_[fixture].push_back(id);
    for (const std::string& fixture : requirements(id).fixtures_cleanup) fixture_tests_[fixture].push_back(id);
    for (const std::string& fixture : requirements(id).fixtures_required) requirers_[fixture].push_back(id);
  }
  std::iota(parents_.begin(), parents_.end(), TestId{0});
  find_fixture_tests();
  connect();
}

void Connections::find_fixture_tests() {
  for (const auto& [fixture, tests] : fixture_tests_) {
    const std::vector<TestId>& requirers = find(requirers_, std::string(fixture));
    for (const TestId id : tests)
      if (std::any_of(requirers.begin(), requirers.end(), [id](TestId requirer) { return requirer != id; })) is_fixture_test_[id] = true;
  }
  // Those that only require each other would be in no shard.
  std::vector<bool> reached(is_fixture_test_.size());
  for (const TestId id : tests_) {
    if (is_fixture_test_[id]) continue;
    for (const TestId needed : fixture_tests_for(id)) reached[needed] = true;
  }
  for (const TestId id : tests_)
    if (!reached[id]) is_fixture_test_[id] = false;
}

std::vector<TestId> Connections::direct_needs(TestId test) const {
  std::vector<TestId> needs;
  const auto add_fixture = [&](const std::string& fixture) {
    for (const TestId id : find(fixture_tests_, fixture))
      if (is_fixture_test_[id] && id != test) needs.push_back(id);
  };
  for (const std::string& fixture : requirements(test).fixtures_required) add_fixture(fixture);
  for (const std::string& name : requirements(test).depends) {
    for (const TestId before : find(names_, name)) {
      if (!is_fixture_test_[before]) continue;
      for (const std::string& fixture : requirements(before).fixtures_setup) add_fixture(fixture);
      for (const std::string& fixture : requirements(before).fixtures_cleanup) add_fixture(fixture);
    }
  }
  return needs;
}

std::vector<TestId> Connections::fixture_tests_for(TestId test) const {
  std::vector<TestId> all = direct_needs(test);
  std::vector<TestId> open = all;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  while (!open.empty()) {
    const TestId next = open.back();
    open.pop_back();
    for (const TestId needed : direct_needs(next)) {
      const auto place = std::lower_bound(all.begin(), all.end(), needed);
      if (place != all.end() && *place == needed) continue;
      all.insert(place, needed);
      open.push_back(needed);
    }
  }
  return all;
}

TestId Connections::root_of(TestId test) {
  while (parents_[test] != test) test = parents_[test] = parents_[parents_[test]];
  return test;
}

void Connections::connect_to_dependencies(TestId test, TestId of) {
  for (const std::string& name : requirements(of).depends)
    for (const TestId before : find(names_, name))
      if (!is_fixture_test_[before]) parents_[root_of(before)] = root_of(test);
}

void Connections::connect() {
  for (const TestId id : tests_) {
    if (is_fixture_test_[id]) continue;
    connect_to_dependencies(id, id);
    for (const TestId needed : fixture_tests_for(id)) connect_to_dependencies(id, needed);
  }
}

std::vector<Group> Connections::groups(const std::vector<Forecast>& forecasts) {
  std::vector<Group> groups;
  std::unordered_map<TestId, std::size_t> index;
  for (const TestId id : tests_) {
    if (is_fixture_test_[id]) continue;
    const auto [place, is_new] = index.emplace(root_of(id), groups.size());
    if (is_new) groups.push_back({{}, {}, suite_->tests[id].name, 0});
    Group& group = groups[place->second];
    group.tests.push_back(id);
    group.first_name = std::min(group.first_name, std::string_view(suite_->tests[id].name));
    if (id < forecasts.size()) group.duration += forecasts[id].duration;
  }
  return groups;
}

/// What a shard has so far.
struct Load {
  Seconds duration{};
  std::size_t tests = 0;
  auto operator<=>(const Load&) const = default;  // NOLINT(modernize-use-nullptr): it is no pointer
};

void balance(std::vector<Group>& groups, int count) {
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    if (a.duration != b.duration) return a.duration > b.duration;
    return std::tie(a.first_name, a.tests) < std::tie(b.first_name, b.tests);
  });
  std::vector<Load> loads(static_cast<std::size_t>(count));
  for (Group& group : groups) {
    const auto least = std::min_element(loads.begin(), loads.end());
    least->duration += group.duration;
    least->tests += group.tests.size();
    group.shard = static_cast<int>(least - loads.begin()) + 1;
  }
}

void spread_by_hash(std::vector<Group>& groups, int count) {
  for (Group& group : groups) {
    const std::uint64_t hash = XXH3_64bits(group.first_name.data(), group.first_name.size());
    group.shard = static_cast<int>(hash % static_cast<std::uint64_t>(count)) + 1;
  }
}

/// A hash of these, whatever their order.
std::string hash_of(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  std::string text;
  for (const std::string& word : words) text += word + '\0';
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

ShardPart describe(const Suite& suite, const std::vector<TestId>& tests, const std::vector<Group>& groups, Shard shard) {
  std::vector<std::string> names;
  names.reserve(tests.size());
  for (const TestId id : tests) names.push_back(suite.tests[id].name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::string> places;
  for (const Group& group : groups)
    for (const TestId id : group.tests) places.push_back(fmt::format("{} {}", group.shard, suite.tests[id].name));
  return {shard.index, shard.count, names.size(), hash_of(names), hash_of(std::move(places))};
}

}  // namespace

Result<Shard> parse_shard(std::string_view text) {
  constexpr std::string_view k_hint = "--shard 2/5 runs the second of five parts";
  const std::vector<std::string> parts = split(text, '/');
  const std::optional<int> index = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt;
  const std::optional<int> count = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!index || !count) return fail(fmt::format("--shard: expected K/N, got \"{}\"", text), std::string(k_hint));
  if (*count < 1) return fail(fmt::format("--shard: \"{}\": there must be at least one shard", text), std::string(k_hint));
  if (*index < 1 || *index > *count)
    return fail(fmt::format("--shard: there is no shard {} of {}", *index, *count), fmt::format("they are 1/{0} to {0}/{0}", *count));
  return Shard{*index, *count};
}

ShardTests shard_tests(const Suite& suite, const std::vector<TestId>& selected, const std::vector<Forecast>& forecasts,
                       HistoryKnown history, Shard shard) {
  std::vector<TestId> tests = selected;
  std::sort(tests.begin(), tests.end());
  tests.erase(std::unique(tests.begin(), tests.end()), tests.end());
  Connections connections(suite, tests);
  std::vector<Group> groups = connections.groups(forecasts);
  history == HistoryKnown::yes ? balance(groups, shard.count) : spread_by_hash(groups, shard.count);
  ShardPart part = describe(suite, tests, groups, shard);
  std::vector<bool> chosen(suite.tests.size());
  for (const Group& group : groups) {
    if (group.shard != shard.index) continue;
    for (const TestId id : group.tests) {
      chosen[id] = true;
      for (const TestId needed : connections.fixture_tests_for(id)) chosen[needed] = true;
    }
  }
  std::erase_if(tests, [&](TestId id) { return !chosen[id]; });
  return {std::move(tests), std::move(part)};
}

}  // namespace ptests
