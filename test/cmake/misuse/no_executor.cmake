include("${REPOSITORY}/cmake/ParallelTests.cmake")
add_parallel_test(NAME a SUITE x COMMAND cmake)
