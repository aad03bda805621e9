add_parallel_test_suite(unit SOURCES one.c CPU_TIME 1m)
