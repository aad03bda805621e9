add_parallel_test(NAME "a
b" SUITE unit COMMAND cmake)
