#include <doctest/doctest.h>

#include "schedule/resources.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

const Requirements k_one;
const Requirements k_two{.processors = 2};
const Requirements k_hundred{.processors = 100};
const Requirements k_serial{.run_serial = true};
const Requirements k_lock{.locks = {"a", "b"}};
const Requirements k_other_lock{.locks = {"b", "c"}};

}  // namespace

TEST_CASE("a lease takes processors and gives them back when it goes") {
  Resources resources(2);
  {
    const Lease first = resources.take(k_one);
    CHECK(resources.fits(k_one));
    CHECK_FALSE(resources.fits(k_two));
    const Lease second = resources.take(k_one);
    CHECK_FALSE(resources.fits(k_one));
    CHECK(resources.exhausted());
  }
  CHECK(resources.fits(k_two));
  CHECK_FALSE(resources.exhausted());
}

TEST_CASE("a test that wants more processors than there are takes all of them") {
  Resources resources(3);
  CHECK(resources.processors_for(k_hundred) == 3);
  CHECK(resources.processors_for({.processors = 0}) == 1);
  CHECK(resources.fits(k_hundred));
  const Lease all = resources.take(k_hundred);
  CHECK(resources.exhausted());
}

TEST_CASE("a serial test starts when nothing runs, and nothing starts beside it") {
  Resources resources(4);
  {
    const Lease one = resources.take(k_one);
    CHECK_FALSE(resources.fits(k_serial));
  }
  CHECK(resources.fits(k_serial));
  {
    const Lease alone = resources.take(k_serial);
    CHECK(resources.exhausted());
    CHECK_FALSE(resources.fits(k_one));
  }
  CHECK(resources.fits(k_one));
}

TEST_CASE("a lock has one holder") {
  Resources resources(4);
  {
    const Lease lease = resources.take(k_lock);
    CHECK(resources.is_held("a"));
    CHECK(resources.is_held("b"));
    CHECK_FALSE(resources.is_held("c"));
    REQUIRE(resources.held_lock(k_other_lock) != nullptr);
    CHECK(*resources.held_lock(k_other_lock) == "b");
    CHECK_FALSE(resources.fits(k_other_lock));
    CHECK(resources.fits(k_one));
  }
  CHECK(resources.held_lock(k_other_lock) == nullptr);
  CHECK(resources.fits(k_lock));
}

TEST_CASE("a lock named twice is one lock") {
  Resources resources(2);
  const Requirements twice{.locks = {"a", "a"}};
  { const Lease lease = resources.take(twice); }
  CHECK_FALSE(resources.is_held("a"));
}

TEST_CASE("a moved lease gives back once") {
  Resources resources(2);
  {
    Lease first = resources.take(k_one);
    Lease second = std::move(first);
    CHECK(resources.fits(k_one));
    Lease third = resources.take(k_one);
    second = std::move(third);
    CHECK(resources.exhausted());
  }
  CHECK(resources.fits(k_two));
}
