#include <gtest/gtest.h>

TEST(Table, opens) {}
TEST(Table, fails) { FAIL(); }
TEST(Table, skips) { GTEST_SKIP() << "not here"; }
TEST(Table, DISABLED_waits) { FAIL(); }
