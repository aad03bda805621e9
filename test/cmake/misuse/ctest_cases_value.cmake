add_parallel_test_suite(unit SOURCES one.c FRAMEWORK gtest CTEST_CASES 2)
