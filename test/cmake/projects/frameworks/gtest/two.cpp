#include <gtest/gtest.h>
namespace {
int domain(int x) { return x; }
}  // namespace
/* Nor is here
 * a main(). */
TEST(Two, Passes) { EXPECT_EQ(domain(1), 1); }
