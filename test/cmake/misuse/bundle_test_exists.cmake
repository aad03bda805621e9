add_parallel_test(NAME unit.one SUITE unit COMMAND true)
add_parallel_test_suite(unit SOURCES one.c FRAMEWORK gtest BUNDLE)
