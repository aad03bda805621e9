// GoogleTest's own main, and our listener.
#include <gtest/gtest.h>

#include "../gtest.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  paralleltests::register_gtest_listener();  // once more: an option may have brought another printer
  return RUN_ALL_TESTS();
}
