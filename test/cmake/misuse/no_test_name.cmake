add_parallel_test(SUITE x COMMAND cmake)
