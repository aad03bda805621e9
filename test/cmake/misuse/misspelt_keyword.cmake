add_parallel_test_suite(unit SOURCES one.c LINK_LIBS m)
