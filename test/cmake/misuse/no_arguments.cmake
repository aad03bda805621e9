add_parallel_test()
