add_parallel_test(NAME a SUITE x COMMAND cmake -E true CONFIGURATIONS Debug)
