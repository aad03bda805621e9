#include <doctest/doctest.h>
TEST_CASE("two") { CHECK(1 + 1 == 2); }
