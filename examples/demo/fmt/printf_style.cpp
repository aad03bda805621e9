// printf's language, with types checked.
#include <doctest/doctest.h>
#include <fmt/printf.h>

#include <string>

TEST_CASE("the usual conversions") {
  CHECK(fmt::sprintf("%d %5.2f %s %c %%", 42, 3.14159, "text", 'x') == "42  3.14 text x %");
  CHECK(fmt::sprintf("%#x %o %e", 255, 8, 12345.678) == "0xff 10 1.234568e+04");
  CHECK(fmt::sprintf("%-5d|%05d|%+d", 1, 2, 3) == "1    |00002|+3");
}

TEST_CASE("std::string needs no c_str()") { CHECK(fmt::sprintf("%s", std::string("owned")) == "owned"); }

TEST_CASE("positional arguments") { CHECK(fmt::sprintf("%2$s %1$s", "world", "hello") == "hello world"); }

TEST_CASE("a wrong type is an error, not undefined behaviour") { CHECK_THROWS_AS(fmt::sprintf("%d", "text"), fmt::format_error); }
