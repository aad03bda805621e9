#pragma once
// Test cases that belong to whoever includes them.
#include <doctest/doctest.h>

TEST_CASE("shared") {}
