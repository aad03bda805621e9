add_parallel_test_suite("a;b" SOURCES one.c)
add_parallel_test(NAME x SUITE "a:b" COMMAND cmake)
