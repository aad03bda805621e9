add_library(one STATIC one.c)
add_parallel_test_suite(unit TARGETS one)
