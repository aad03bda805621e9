add_parallel_test_suite(unit SOURCES "a b.c" a_b.c)
