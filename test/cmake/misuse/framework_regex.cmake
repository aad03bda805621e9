add_parallel_test_suite(unit SOURCES one.c FRAMEWORK doctest LABELS fast FAIL_REGULAR_EXPRESSION "error" "warn;ing")
