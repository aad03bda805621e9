add_parallel_test(NAME a SUITE unit COMMAND true PRIORITY 1)
