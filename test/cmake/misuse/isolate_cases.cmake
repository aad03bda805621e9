add_parallel_test_suite(unit SOURCES one.c FRAMEWORK catch2 ISOLATE_CASES 2)
