cmake_policy(SET CMP0110 OLD)
add_parallel_test_suite("a suite" SOURCES one.c)
