#include <doctest/doctest.h>

TEST_CASE("same") { FAIL("in the other source"); }
