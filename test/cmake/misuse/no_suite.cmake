add_parallel_test(NAME a COMMAND cmake)
