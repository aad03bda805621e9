add_parallel_test_suite(unit SOURCES one.c TIMEOUT_SIGNAL_NAME 15)
