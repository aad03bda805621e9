// Not started: its property REQUIRED_FILES names a file that does not exist.
#include <doctest/doctest.h>

TEST_CASE("never runs") { FAIL("the required file is missing, yet the test was started"); }
