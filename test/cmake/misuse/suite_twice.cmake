add_parallel_test_suite(unit SOURCES one.c)
add_parallel_test_suite(unit SOURCES two.c one.c)
