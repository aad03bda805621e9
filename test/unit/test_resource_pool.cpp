#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <numeric>

#include "schedule/resource_pool.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

ResourceSpec make_spec(const std::vector<std::pair<std::string, std::vector<Resource>>>& types) {
  ResourceSpec spec;
  for (const auto& [type, resources] : types) spec.types[type] = resources;
  return spec;
}

/// What the tests that compare with ctest's output gave to it.
ResourceSpec machine() { return make_spec({{"gpus", {{"0", 4}, {"1", 2}, {"2", 4}, {"3", 1}}}, {"crypto_chips", {{"card0", 4}}}}); }

ResourceGroups groups_of(std::string_view property) {
  const Result<ResourceGroups> groups = parse_resource_groups(property);
  REQUIRE_MESSAGE(groups, message(groups));
  return *groups;
}

/// "[gpus:2][gpus:2][crypto_chips:1]" or the error.
std::string show(const Result<ResourceGroups>& groups) {
  if (!groups) return groups.error().message;
  std::string text;
  for (const ResourceGroup& group : *groups) {
    Words parts;
    for (const SlotsNeeded& needed : group) parts.push_back(fmt::format("{}:{}", needed.type, needed.slots));
    text += fmt::format("[{}]", fmt::join(parts, ","));
  }
  return text;
}

/// The environment of a test that has the machine for itself, without what all names begin with.
Words environment_of(std::string_view property) {
  ResourcePool pool(machine());
  const std::optional<Allocation> allocation = pool.allocate(groups_of(property));
  if (!allocation) return {"not run"};
  Words environment = resource_environment(*allocation);
  for (std::string& line : environment) {
    CHECK(line.starts_with("CTEST_RESOURCE_GROUP_"));
    line.erase(0, std::string_view("CTEST_RESOURCE_GROUP_").size());
  }
  return environment;
}

int total_slots(const ResourceSpec& spec, const std::string& type) {
  int sum = 0;
  for (const Resource& resource : spec.types.at(type)) sum += resource.slots;
  return sum;
}

ResourceSpec random_spec(Dice& dice) {
  ResourceSpec spec;
  for (const char* type : {"a", "b"}) {
    for (int id = dice.roll(4); id >= 0; --id) spec.types[type].push_back({fmt::format("r{}", id), dice.roll(5)});
  }
  return spec;
}

ResourceGroups random_groups(Dice& dice) {
  ResourceGroups groups;
  for (int n = dice.roll(4); n > 0; --n) {
    ResourceGroup& group = groups.emplace_back();
    for (int i = dice.roll(3); i > 0; --i) group.push_back({dice.roll(2) == 0 ? "a" : "b", dice.roll(4)});
  }
  return groups;
}

/// Whether the needs fit, found by trying everything.
bool fits(std::vector<int> needs, std::vector<int> free) {
  if (needs.empty()) return true;
  const int need = needs.back();
  needs.pop_back();
  for (int& slots : free) {
    if (slots < need) continue;
    slots -= need;
    if (fits(needs, free)) return true;
    slots += need;
  }
  return false;
}

/// The slots that are free, by type.
std::map<std::string, std::vector<int>> free_of(const ResourcePool& pool, const ResourceSpec& spec) {
  std::map<std::string, std::vector<int>> free;
  for (const auto& [type, resources] : spec.types)
    for (const Resource& resource : resources) free[type].push_back(pool.free_slots(type, resource.id));
  return free;
}

bool fits(const ResourceGroups& groups, const std::map<std::string, std::vector<int>>& free) {
  return std::all_of(free.begin(), free.end(), [&](const auto& of_type) {
    std::vector<int> needs;
    for (const ResourceGroup& group : groups)
      for (const SlotsNeeded& needed : group)
        if (needed.type == of_type.first) needs.push_back(needed.slots);
    return fits(needs, of_type.second);
  });
}

/// Each requirement of each group has its slots, from one resource.
bool answers(const Allocation& allocation, const ResourceGroups& groups) {
  return std::equal(
      groups.begin(), groups.end(), allocation.groups.begin(), allocation.groups.end(), [](const auto& needs, const auto& parts) {
        return std::equal(
            needs.begin(), needs.end(), parts.begin(), parts.end(),
            [](const SlotsNeeded& needed, const Allocation::Part& part) { return needed.type == part.type && needed.slots == part.slots; });
      });
}

}  // namespace

TEST_CASE("RESOURCE_GROUPS is understood as ctest 3.25 does") {
  CHECK(show(parse_resource_groups("2,gpus:2;crypto_chips:1")) == "[gpus:2][gpus:2][crypto_chips:1]");
  CHECK(show(parse_resource_groups(Words{"2,gpus:2", "gpus:4,crypto_chips:2"})) == "[gpus:2][gpus:2][gpus:4,crypto_chips:2]");
  CHECK(show(parse_resource_groups("")) == "");
  CHECK(show(parse_resource_groups("0,gpus:1")) == "");
  CHECK(show(parse_resource_groups("2")) == "[][]");
  CHECK(show(parse_resource_groups("2,")) == "[][]");
  CHECK(show(parse_resource_groups("gpus:2,")) == "[gpus:2]");
  CHECK(show(parse_resource_groups("gpus:0")) == "[gpus:0]");
  CHECK(show(parse_resource_groups("2,gpus:2,,crypto_chips:1")) == "[gpus:2,crypto_chips:1][gpus:2,crypto_chips:1]");
}

TEST_CASE("what ctest refuses is an error that names the group") {
  const auto expected = [](std::string_view group, std::string_view part) {
    return fmt::format("RESOURCE_GROUPS: \"{}\": expected a type and its slots, got \"{}\"", group, part);
  };
  for (const char* text :
       {"gpus", "GPUS:1", " gpus:1", "gpus :1", "gpus: 1", "gpus:", ":1", "gpus:-1", "gpus:+1", "gpus:1:1", "1gpus:1", "-1"}) {
    CAPTURE(text);
    CHECK(show(parse_resource_groups(text)) == expected(text, text));
  }
  CHECK(show(parse_resource_groups("gpus:1,2")) == expected("gpus:1,2", "2"));
  CHECK(show(parse_resource_groups("gpus:1 ;gpus:1")) == expected("gpus:1 ", "gpus:1 "));
  CHECK(show(parse_resource_groups("-1,gpus:1")) == expected("-1,gpus:1", "-1"));
  CHECK(hint(parse_resource_groups("gpus")).find("2,gpus:4") != std::string::npos);
}

TEST_CASE("numbers that nobody means are refused") {
  CHECK_FALSE(parse_resource_groups("gpus:99999999999"));
  CHECK_FALSE(parse_resource_groups("99999999999,gpus:1"));
  CHECK(show(parse_resource_groups("10001")) == "RESOURCE_GROUPS: \"10001\": more than 10000 groups");
  CHECK_FALSE(parse_resource_groups("6000;6000"));
  CHECK(groups_of("5000;5000").size() == 10000);
}

TEST_CASE("the environment is what ctest 3.25 sets, the choice of the resource included") {
  CHECK(environment_of("2,gpus:2;crypto_chips:1") == Words{"COUNT=3", "0=gpus", "0_GPUS=id:0,slots:2", "1=gpus", "1_GPUS=id:2,slots:2",
                                                           "2=crypto_chips", "2_CRYPTO_CHIPS=id:card0,slots:1"});
  CHECK(environment_of("gpus:4,crypto_chips:2") ==
        Words{"COUNT=1", "0=crypto_chips,gpus", "0_CRYPTO_CHIPS=id:card0,slots:2", "0_GPUS=id:0,slots:4"});
  CHECK(environment_of("0,gpus:1") == Words{"COUNT=0"});
  CHECK(environment_of("gpus:0") == Words{"COUNT=1", "0=gpus", "0_GPUS=id:0,slots:0"});
  CHECK(environment_of("2") == Words{"COUNT=2", "0=", "1="});
  CHECK(environment_of("gpus:2,gpus:2") == Words{"COUNT=1", "0=gpus", "0_GPUS=id:0,slots:2;id:2,slots:2"});
  CHECK(environment_of("gpus:2,gpus:1,crypto_chips:1") ==
        Words{"COUNT=1", "0=crypto_chips,gpus", "0_CRYPTO_CHIPS=id:card0,slots:1", "0_GPUS=id:0,slots:2;id:2,slots:1"});
  CHECK(environment_of("3,gpus:2") ==
        Words{"COUNT=3", "0=gpus", "0_GPUS=id:0,slots:2", "1=gpus", "1_GPUS=id:2,slots:2", "2=gpus", "2_GPUS=id:2,slots:2"});
  CHECK(environment_of("4,gpus:1") == Words{"COUNT=4", "0=gpus", "0_GPUS=id:0,slots:1", "1=gpus", "1_GPUS=id:2,slots:1", "2=gpus",
                                            "2_GPUS=id:2,slots:1", "3=gpus", "3_GPUS=id:0,slots:1"});
  for (const char* property : {"gpus:5", "4,gpus:3", "none:1", "gpus:2,zz:0"}) CHECK(environment_of(property) == Words{"not run"});
}

TEST_CASE("resources of equal size are taken in the order of their ids") {
  ResourcePool pool(make_spec({{"gpus", {{"9", 1}, {"10", 1}, {"1", 1}}}}));
  const std::optional<Allocation> taken = pool.allocate(groups_of("3,gpus:1"));
  REQUIRE(taken);
  CHECK(taken->groups[0][0].id == "1");
  CHECK(taken->groups[1][0].id == "10");
  CHECK(taken->groups[2][0].id == "9");
}

TEST_CASE("a need is met by one resource alone") {
  const ResourcePool pool(make_spec({{"gpus", {{"0", 2}, {"1", 2}}}}));
  CHECK(pool.can_ever_fit(groups_of("2,gpus:2")));
  CHECK(pool.why_never(groups_of("2,gpus:2")) == "");
  CHECK_FALSE(pool.can_ever_fit(groups_of("gpus:3")));
  CHECK(pool.why_never(groups_of("gpus:3")) == "needs 3 slots of type \"gpus\", each from one resource; these have 2, 2 slots");
  CHECK_FALSE(pool.can_ever_fit(groups_of("3,gpus:2")));
  CHECK(pool.why_never(groups_of("boards:1")) == "needs resources of type \"boards\", of which there are none");
}

TEST_CASE("what was taken is not free until it is given back") {
  ResourcePool pool(machine());
  const std::optional<Allocation> chip = pool.allocate(groups_of("crypto_chips:3"));
  REQUIRE(chip);
  CHECK(pool.free_slots("crypto_chips", "card0") == 1);
  CHECK_FALSE(pool.allocate(groups_of("crypto_chips:2")));
  // What does not fit takes nothing, not even of other types.
  CHECK_FALSE(pool.allocate(groups_of("gpus:4;crypto_chips:2")));
  CHECK(pool.free_slots("gpus", "0") == 4);
  CHECK(pool.can_ever_fit(groups_of("crypto_chips:4")));
  pool.release(*chip);
  CHECK(pool.free_slots("crypto_chips", "card0") == 4);
  CHECK(pool.allocate(groups_of("crypto_chips:4")));
  CHECK(pool.free_slots("crypto_chips", "card1") == 0);
  CHECK(pool.free_slots("boards", "0") == 0);
}

TEST_CASE("an arrangement is found where the first choice leads nowhere") {
  // The greatest first and each to the emptiest would leave 3 + 2 for needs of 3 and 3.
  ResourcePool pool(make_spec({{"gpus", {{"0", 6}, {"1", 5}}}}));
  CHECK(pool.allocate(groups_of("gpus:3,gpus:3,gpus:3,gpus:2")));
}

TEST_CASE("a search without end is given up") {
  ResourceSpec spec;
  for (int i = 0; i < 40; ++i) spec.types["gpus"].push_back({fmt::format("r{}", i), 100 + i});
  const ResourcePool pool(spec);
  // Two fit into none of them, and the sum is not too large.
  CHECK_FALSE(pool.can_ever_fit(groups_of("41,gpus:71")));
}

TEST_CASE("random tests: never more slots than there are, what fits is found, all is given back") {
  Dice dice(11);
  int allocated = 0;
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    const ResourceSpec spec = random_spec(dice);
    ResourcePool pool(spec);
    std::deque<Allocation> held;
    for (int step = 0; step < 20; ++step) {
      const ResourceGroups groups = random_groups(dice);
      const auto free = free_of(pool, spec);
      std::optional<Allocation> taken = pool.allocate(groups);
      CHECK(taken.has_value() == fits(groups, free));
      if (held.empty()) CHECK(taken.has_value() == pool.can_ever_fit(groups));
      if (taken) {
        ++allocated;
        CHECK(answers(*taken, groups));
        held.push_back(std::move(*taken));
      } else {
        ++refused;
        CHECK(free_of(pool, spec) == free);
      }
      for (const auto& [type, slots] : free_of(pool, spec)) CHECK(*std::min_element(slots.begin(), slots.end()) >= 0);
      int used = 0;
      for (const Allocation& allocation : held)
        for (const auto& parts : allocation.groups)
          for (const Allocation::Part& part : parts) used += part.slots;
      int left = 0;
      for (const auto& [type, slots] : free_of(pool, spec)) left += std::accumulate(slots.begin(), slots.end(), 0);
      CHECK(used + left == total_slots(spec, "a") + total_slots(spec, "b"));
      if (!held.empty() && dice.roll(2) == 0) {
        const auto at = held.begin() + dice.roll(static_cast<int>(held.size()));
        pool.release(*at);
        held.erase(at);
      }
    }
    for (const Allocation& allocation : held) pool.release(allocation);
    CHECK(free_of(pool, spec) == free_of(ResourcePool(spec), spec));
  }
  CHECK(allocated > 10000);
  CHECK(refused > 2000);
}
