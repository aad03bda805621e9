#include <doctest/doctest.h>

TEST_CASE("more") {}
TEST_CASE("same") {}
