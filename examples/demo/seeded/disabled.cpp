// Not run: its property DISABLED is set.
#include <doctest/doctest.h>

TEST_CASE("never runs") { FAIL("a disabled test was started"); }
