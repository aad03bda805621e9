add_parallel_test_suite(unit TARGETS oen)
add_executable(one one.c)
