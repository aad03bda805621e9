add_parallel_test_suite(unit SOURCES ${nothing} LABELS fast)
