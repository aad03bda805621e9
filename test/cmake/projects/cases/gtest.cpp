#include <gtest/gtest.h>

#include "common.hpp"

class SetUpFails : public testing::Test {
 protected:
  void SetUp() override { FAIL() << "no set-up"; }
};
class SuiteSetUpFails : public testing::Test {
 public:
  static void SetUpTestSuite() { throw std::runtime_error("no set-up of the suite"); }
};
class Squares : public testing::TestWithParam<int> {};
template <class T>
class Typed : public testing::Test {};
using Types = testing::Types<char, int>;
TYPED_TEST_SUITE(Typed, Types);

TEST(Matrix, passes) { EXPECT_TRUE(true); }
TEST(Matrix, fails) { EXPECT_EQ(1, 2); }
TEST(Matrix, passes_behind_a_failure) { EXPECT_TRUE(true); }
TEST(Matrix, throws) { throw std::runtime_error("thrown on purpose"); }
TEST(Matrix, crashes) { matrix::crash(); }
TEST(Matrix, exits) { std::exit(0); }
TEST(Matrix, hangs) { matrix::hang(); }
TEST(Matrix, skips) { GTEST_SKIP() << "no reason to run"; }
TEST(Matrix, DISABLED_fails) { FAIL(); }
TEST(Matrix, prints_much) { matrix::print_much(); }
TEST(Matrix, prints_much_and_fails) {
  matrix::print_much();
  FAIL();
}
TEST(Matrix, imitates) { matrix::print_like_a_framework(); }
TEST(Matrix, threads) { EXPECT_TRUE(matrix::run_threads()); }
TEST(Matrix, leaves_something_behind) { ++matrix::visits(); }
TEST(Matrix, wants_to_be_first) { EXPECT_EQ(matrix::visits(), 0); }
TEST_F(SetUpFails, never_begins) { EXPECT_TRUE(true); }
TEST_F(SuiteSetUpFails, has_no_suite) { EXPECT_TRUE(true); }
TEST_P(Squares, are_small) { EXPECT_LT(GetParam() * GetParam(), 5); }
INSTANTIATE_TEST_SUITE_P(Some, Squares, testing::Values(1, 2, 3));
TYPED_TEST(Typed, is_small) { EXPECT_EQ(sizeof(TypeParam), 1U); }

#ifdef OWN_MAIN
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
#endif
