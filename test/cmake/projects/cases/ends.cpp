// Executables that fail outside of their cases.
#ifdef OWN_MAIN
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#endif
#include <doctest/doctest.h>

#include "common.hpp"

namespace {
struct Crashing {
#ifdef AT_START
  Crashing() { matrix::crash(); }
#else
  ~Crashing() { matrix::crash(); }
#endif
} crashing;
}  // namespace

TEST_CASE("passes") { CHECK(true); }
TEST_CASE("passes too") { CHECK(true); }
