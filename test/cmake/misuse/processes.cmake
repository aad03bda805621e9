add_parallel_test(NAME a SUITE unit COMMAND true PROCESSES 1.5)
