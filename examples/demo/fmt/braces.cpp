// Literal text around the replacement fields.
#include <doctest/doctest.h>
#include <fmt/format.h>

TEST_CASE("a doubled brace is one brace") {
  CHECK(fmt::format("{{}}") == "{}");
  CHECK(fmt::format("{{{}}}", 1) == "{1}");
}

TEST_CASE("text without fields passes unchanged") {
  CHECK(fmt::format("") == "");
  CHECK(fmt::format("100 % of $HOME\n") == "100 % of $HOME\n");
}

TEST_CASE("a lonely brace is an error") {
  CHECK_THROWS_WITH_AS(fmt::format(fmt::runtime("}")), "unmatched '}' in format string", fmt::format_error);
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{")), fmt::format_error);
}
