add_parallel_test_suite(unit SOURCES one.c two.c FRAMEWORK gtest BUNDLE MAIN two.c)
