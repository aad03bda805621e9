add_executable(program one.c)
add_parallel_test_suite(unit TARGETS program FRAMEWORK gtest BUNDLE)
