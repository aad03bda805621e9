#include <catch2/catch.hpp>

TEST_CASE("two", "[.][slow]") {}
TEST_CASE("sections") {
  SECTION("a") {}
  SECTION("b") { FAIL(); }
}
