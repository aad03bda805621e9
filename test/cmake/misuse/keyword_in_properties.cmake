add_parallel_test_suite(unit SOURCES one.c PROPERTIES COST 1 OWN_PROPERTY 2)
