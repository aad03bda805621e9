// Here is no main(): it comes from elsewhere.
#include <gtest/gtest.h>
TEST(One, Passes) { EXPECT_EQ(1, 1); }
