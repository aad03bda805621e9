add_test(NAME unit.one COMMAND cmake)
add_executable(one one.c)
add_parallel_test_suite(unit TARGETS one)
