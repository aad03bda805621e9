#include <catch2/catch.hpp>

TEST_CASE("one, two", "[a][b;c]") {}
TEST_CASE("one", "[b]") { CHECK(1 == 2); }
TEST_CASE("hidden", "[.]") { FAIL(); }
TEST_CASE("*wild* \"quoted\" [x] \\") {}
TEST_CASE("a wild* \"quoted\" [x] \\") { FAIL(); }
TEST_CASE("a name that is so long that the list of Catch2 breaks it into two lines, ($where) @it likes") {}
