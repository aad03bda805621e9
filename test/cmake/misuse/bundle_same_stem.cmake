add_parallel_test_suite(unit SOURCES one.c other/one.c FRAMEWORK gtest BUNDLE)
