add_executable(unit.bundle one.c)
add_parallel_test_suite(unit SOURCES one.c FRAMEWORK gtest BUNDLE MAIN paralleltests)
