#include <gtest/gtest.h>

class Index : public testing::TestWithParam<int> {};

TEST_P(Index, has) { EXPECT_NE(GetParam(), 2); }
TEST(IndexOnly, DISABLED_waits) {}
INSTANTIATE_TEST_SUITE_P(All, Index, testing::Values(1, 2));
