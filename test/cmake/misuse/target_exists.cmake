add_executable(unit.one one.c)
add_parallel_test_suite(unit SOURCES one.c)
