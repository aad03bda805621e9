add_custom_target(check)
add_parallel_test_suite(unit SOURCES one.c)
