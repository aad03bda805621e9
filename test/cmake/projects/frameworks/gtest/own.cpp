#include <gtest/gtest.h>

#include <cstdio>
TEST(Own, Passes) { EXPECT_EQ(1, 1); }
int main(int argc, char** argv) {
  std::puts("a main of its own");
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
