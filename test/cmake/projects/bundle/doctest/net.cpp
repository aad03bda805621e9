#include <doctest/doctest.h>

TEST_CASE("reads") {}
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("in both") {}
TEST_CASE("twice") {}
TEST_CASE("twice") { FAIL("the second one"); }
TEST_CASE("odd, \"name\" [a;b] \\ * ? / ü") {}
TEST_SUITE("a suite") {
  TEST_CASE("in both" * doctest::skip()) {}
}
