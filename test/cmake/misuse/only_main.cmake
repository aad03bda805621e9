add_parallel_test_suite(unit SOURCES on*.c MAIN one.c)
