#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

TEST_CASE("passes") {}
TEST_CASE("fails") { CHECK(1 == 2); }
TEST_CASE("left out" * doctest::skip()) { FAIL("not to be run"); }
TEST_CASE("a, \"b\" [c;d] \\e\\ $f ${g} @h@ *?/ ü") {}
TEST_CASE("a, \"b\" [c;d] \\e\\ $f ${g} @h@ *?/ ") { FAIL("begins as the other one"); }
TEST_CASE("]==] [[ ;; #( $<1:x> ") {}
TEST_CASE("surroundings") {
  char folder[4096];
  REQUIRE(getcwd(folder, sizeof folder) != nullptr);
  CHECK(std::string(folder).substr(std::string(folder).rfind('/')) == "/work");
  REQUIRE(std::getenv("PLACE") != nullptr);
  CHECK(std::string(std::getenv("PLACE")) == "a;b");
}
