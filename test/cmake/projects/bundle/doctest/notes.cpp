// @tag smoke
// @level integration
// @timeout 3
#include <doctest/doctest.h>

TEST_CASE("noted") {}
