// Exits with 0, but its output matches FAIL_REGULAR_EXPRESSION.
#include <doctest/doctest.h>

#include <cstdio>

TEST_CASE("prints a warning") { std::puts("warning: the cache is 97 % full"); }
