// Ends the process itself, with exit code 3 and without a word from the framework.
#include <doctest/doctest.h>

#include <cstdlib>

TEST_CASE("leaves with code 3") { std::exit(3); }
