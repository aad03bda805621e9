#include <catch2/catch.hpp>
TEST_CASE("one") { CHECK(1 + 1 == 2); }
