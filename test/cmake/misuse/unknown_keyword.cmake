add_parallel_test_suite(unit VERBOSE SOURCES one.c)
