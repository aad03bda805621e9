#include <gtest/gtest.h>
TEST(Quoting, Passes) { EXPECT_STRNE("int main() {}", ""); }
