add_parallel_test_suite(unit SOURCES one.c FRAMEWORK tap SKIP_RETURN_CODE 77)
