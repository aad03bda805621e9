add_executable(one one.c)
add_parallel_test_suite(unit TARGETS one WILL_FAIL FRAMEWORK gtest)
