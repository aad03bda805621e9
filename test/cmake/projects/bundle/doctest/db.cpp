#include <doctest/doctest.h>

#include <csignal>

#include "shared.hpp"

TEST_CASE("in both") { FAIL("in db"); }
TEST_CASE("crashes") { std::raise(SIGSEGV); }
TEST_CASE("twice") {}
