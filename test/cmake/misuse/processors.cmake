add_parallel_test_suite(unit SOURCES one.c PROCESSORS 1.5)
