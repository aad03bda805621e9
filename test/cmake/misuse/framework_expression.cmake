add_parallel_test_suite(unit SOURCES one.c FRAMEWORK $<IF:$<CONFIG:Debug>,doctest,gtest>)
