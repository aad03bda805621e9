add_parallel_test_suite(unit SOURCES one.c two.c BUNDLE)
