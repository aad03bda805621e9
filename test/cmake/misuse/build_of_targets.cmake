add_executable(one one.c)
add_parallel_test_suite(unit TARGETS one LINK_LIBRARIES m)
