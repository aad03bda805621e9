add_parallel_test_suite(unit SOURCES one.c MAIN paralleltests FRAMEWORK boost)
