add_parallel_test_suite(unit SOURCES one.c TIMEOUT 10 20)
