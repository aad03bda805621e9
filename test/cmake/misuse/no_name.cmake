add_parallel_test_suite()
