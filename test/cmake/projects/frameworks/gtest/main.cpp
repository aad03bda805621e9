#include <paralleltests/gtest.hpp>

#include <cstdio>
int main(int argc, char** argv) {
  std::puts("the main of the suite");
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
