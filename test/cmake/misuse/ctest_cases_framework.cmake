add_parallel_test_suite(unit SOURCES one.c FRAMEWORK tap CTEST_CASES)
