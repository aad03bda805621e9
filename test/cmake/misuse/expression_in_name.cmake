add_parallel_test_suite("unit$<CONFIG>" SOURCES one.c)
