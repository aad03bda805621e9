add_parallel_test_suite(unit SOURCES one.c MEMORY "5 apples")
