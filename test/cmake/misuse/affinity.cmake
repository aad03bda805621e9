add_parallel_test_suite(unit SOURCES one.c PROCESSOR_AFFINITY 3-4)
