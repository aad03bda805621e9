// Passes: a known bug with WILL_FAIL, and the test fails as expected.
#include <doctest/doctest.h>

TEST_CASE("one tenth and two tenths are three tenths") { CHECK(0.1 + 0.2 == 0.3); }
