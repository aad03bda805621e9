#include <catch2/catch.hpp>

TEST_CASE("one, two", "[a]") {}
TEST_CASE("fails", "[b]") { CHECK(1 == 2); }
