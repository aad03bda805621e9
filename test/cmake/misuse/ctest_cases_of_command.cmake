add_parallel_test(NAME a SUITE unit COMMAND true FRAMEWORK gtest CTEST_CASES)
