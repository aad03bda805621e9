// Containers, whole or joined.
#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <array>
#include <list>
#include <string>
#include <vector>

TEST_CASE("a sequence prints in brackets, strings quoted") {
  CHECK(fmt::format("{}", std::vector<int>{1, 2, 3}) == "[1, 2, 3]");
  CHECK(fmt::format("{}", std::list<std::string>{"a", "b\n"}) == R"(["a", "b\n"])");
  CHECK(fmt::format("{}", std::vector<int>{}) == "[]");
}

TEST_CASE("sequences nest") {
  const std::array<std::vector<int>, 2> nested{{{1}, {2, 3}}};
  CHECK(fmt::format("{}", nested) == "[[1], [2, 3]]");
}

TEST_CASE("a format after :: is the elements'") { CHECK(fmt::format("{::#04x}", std::vector<int>{1, 255}) == "[0x01, 0xff]"); }

TEST_CASE("join chooses the separator") {
  CHECK(fmt::format("{}", fmt::join(std::vector<int>{1, 2, 3}, " + ")) == "1 + 2 + 3");
  CHECK(fmt::format("{:.1f}", fmt::join({1.0, 2.25}, ";")) == "1.0;2.2");
}
