add_parallel_test_suite("" SOURCES one.c)
