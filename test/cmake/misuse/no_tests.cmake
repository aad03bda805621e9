add_parallel_test_suite(unit LABELS fast)
