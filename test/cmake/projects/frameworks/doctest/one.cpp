#include <doctest/doctest.h>
TEST_CASE("one") { CHECK(1 + 1 == 2); }
