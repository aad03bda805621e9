add_parallel_test_suite(unit SOURCES one.c two.c FRAMEWORK doctest BUNDLE $<1:2>)
