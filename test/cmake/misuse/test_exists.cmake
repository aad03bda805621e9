add_parallel_test(NAME a SUITE x COMMAND cmake)
add_parallel_test(NAME a SUITE y COMMAND cmake)
