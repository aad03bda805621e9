#include <doctest/doctest.h>

#include "schedule/resources.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;

const Claim k_one{.test = 1};
const Claim k_two{.test = 2, .demand = {2000, 0}};
const Claim k_hundred{.test = 3, .demand = {100000, 0}};
const Claim k_serial{.test = 4, .serial = true};
const Claim k_lock{.test = 5, .uses = {{"a", 1}, {"b", 1}}};
const Claim k_other_lock{.test = 6, .uses = {{"b", 1}, {"c", 1}}};
const Claim k_asleep{.test = 7, .demand = {0, 0}};
const Claim k_large{.test = 8, .demand = {0, 3 * k_gib}};

std::string obstacle(const Resources& resources, const Claim& claim) {
  const std::optional<Obstacle> found = resources.obstacle_of(claim);
  constexpr std::array k_names{"group", "slots", "alone", "processors", "memory", "asleep", "count"};
  return found ? fmt::format("{} {} {}", k_names[static_cast<std::size_t>(found->kind)], found->name, found->holder) : "none";
}

}  // namespace

TEST_CASE("a lease takes processors and gives them back when it goes") {
  Resources resources(2);
  {
    const Lease first = resources.take(k_one);
    CHECK(resources.fits(k_one));
    CHECK_FALSE(resources.fits(k_two));
    const Lease second = resources.take(k_one);
    CHECK_FALSE(resources.fits(k_one));
    CHECK(resources.exhausted_for_tests());
  }
  CHECK(resources.fits(k_two));
  CHECK_FALSE(resources.exhausted_for_tests());
}

TEST_CASE("a test that wants more processors than there are takes all of them") {
  Resources resources(Budget{3, 16});
  CHECK(resources.millicpus_for(k_hundred.demand) == 3000);
  CHECK(resources.fits(k_hundred));
  const Lease all = resources.take(k_hundred);
  CHECK_FALSE(resources.fits(k_one));
}

TEST_CASE("so much more may be given out, but never as much as a processor") {
  for (const int processors : {1, 2, 9, 10, 64}) {
    CAPTURE(processors);
    Resources resources(Budget{processors, 1000});
    std::vector<Lease> leases;
    while (resources.fits(k_one)) leases.push_back(resources.take(k_one));
    CHECK(static_cast<int>(leases.size()) == processors);
  }
}

TEST_CASE("a serial test starts when nothing runs, and nothing starts beside it") {
  Resources resources(4);
  {
    const Lease one = resources.take(k_asleep);
    CHECK(obstacle(resources, k_serial) == "alone  4");
  }
  CHECK(resources.fits(k_serial));
  {
    const Lease alone = resources.take(k_serial);
    CHECK(resources.exhausted_for_tests());
    CHECK(obstacle(resources, k_asleep) == "alone  4");
  }
  CHECK(resources.fits(k_one));
}

TEST_CASE("who runs alone for once keeps the others out as well") {
  Resources resources(4);
  const Lease alone = resources.take(k_one, Resources::Sharing::alone);
  CHECK(obstacle(resources, k_asleep) == "alone  1");
}

TEST_CASE("a group of one has one holder") {
  Resources resources(4);
  {
    const Lease lease = resources.take(k_lock);
    CHECK_FALSE(resources.has_room({"a", 1}));
    CHECK(resources.has_room({"c", 1}));
    REQUIRE(resources.full_group(k_other_lock) != nullptr);
    CHECK(resources.full_group(k_other_lock)->name == "b");
    CHECK(obstacle(resources, k_other_lock) == "group b 5");
    CHECK(resources.fits(k_one));
  }
  CHECK(resources.full_group(k_other_lock) == nullptr);
  CHECK(resources.fits(k_lock));
}

TEST_CASE("a group of three has three") {
  Resources resources(8);
  std::vector<Claim> claims;
  for (TestId id = 0; id < 4; ++id) claims.push_back({.test = id, .uses = {{"net", 3}}});
  std::vector<Lease> leases;
  for (const Claim& claim : claims) {
    CHECK(resources.fits(claim) == (leases.size() < 3));
    if (resources.fits(claim)) leases.push_back(resources.take(claim));
  }
  leases.erase(leases.begin());
  CHECK(resources.fits(claims[3]));
}

TEST_CASE("tests that sleep take places, not processors") {
  Resources resources(Budget{1, 3});
  const Lease one = resources.take(k_asleep);
  const Lease two = resources.take(k_one);
  CHECK(obstacle(resources, k_one) == "processors  0");
  const Lease three = resources.take(k_asleep);
  CHECK(resources.exhausted_for_tests());
  CHECK(obstacle(resources, k_asleep) == "count  0");
}

TEST_CASE("memory is shared; the first one may have more than there is") {
  Resources resources(Budget{4, 16, 4 * k_gib});
  {
    const Lease large = resources.take(k_large);
    CHECK(resources.free_memory() == k_gib);
    CHECK(obstacle(resources, k_large) == "memory  0");
    CHECK(resources.fits(k_one));
  }
  CHECK(resources.free_memory() == 4 * k_gib);
  Resources small(Budget{4, 16, k_gib});
  const Lease large = small.take(k_large);
  CHECK(small.free_memory() == 0);
  CHECK(small.fits(k_asleep));
  Resources uncounted(Budget{4, 16, 0});
  const Lease first = uncounted.take(k_large);
  CHECK(uncounted.fits(k_large));
}

TEST_CASE("slots of a resource specification are taken by the lease and go back with it") {
  const Result<ResourceSpec> spec = parse_resource_spec(R"({"version":{"major":1,"minor":0},"local":[{"gpus":[{"id":"0","slots":2}]}]})");
  REQUIRE_MESSAGE(spec, message(spec));
  Resources resources(Budget{4}, ResourcePool(*spec));
  const Claim two{.test = 1, .resources = {{{"gpus", 2}}}};
  const Claim one{.test = 2, .resources = {{{"gpus", 1}}}};
  {
    const Lease lease = resources.take(two);
    REQUIRE(lease.allocation());
    CHECK(resource_environment(*lease.allocation()).size() == 3);
    CHECK(obstacle(resources, one) == "slots  0");
    CHECK(resources.fits(k_one));
  }
  const Lease lease = resources.take(one);
  CHECK(resources.fits(one));
  CHECK(obstacle(resources, two) == "slots  0");
  Resources without(4);
  CHECK_FALSE(without.take(two).allocation());
}

TEST_CASE("a moved lease gives back once") {
  Resources resources(2);
  {
    Lease first = resources.take(k_one);
    Lease second = std::move(first);
    CHECK(resources.fits(k_one));
    Lease third = resources.take(k_one);
    second = std::move(third);
    CHECK(resources.exhausted_for_tests());
  }
  CHECK(resources.fits(k_two));
}

TEST_CASE("who sleeps lends its processors, and takes them back whoever has them") {
  Resources resources(Budget{2, 9});
  const Claim first{.test = 1, .demand = {2000, 0}};
  const Claim second{.test = 2, .demand = {1000, 0}};
  {
    Lease sleeper = resources.take(first);
    CHECK_FALSE(resources.fits(second));
    sleeper.set_asleep(true);
    sleeper.set_asleep(true);
    REQUIRE(resources.fits(second));
    const Lease other = resources.take(second);
    CHECK(resources.fits(second));
    Lease moved = std::move(sleeper);
    moved.set_asleep(false);
    CHECK(resources.free_millicpus() < 0);
    CHECK_FALSE(resources.fits(second));
    moved.set_asleep(true);
  }
  CHECK(resources.free_millicpus() == Resources(2).free_millicpus());
}
