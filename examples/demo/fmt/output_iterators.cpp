// Formatting into something that exists already.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

TEST_CASE("format_to appends through any output iterator") {
  std::string line = "> ";
  fmt::format_to(std::back_inserter(line), "{}", 1);
  CHECK(line == "> 1");

  std::vector<char> bytes;
  fmt::format_to(std::back_inserter(bytes), "{:03}", 7);
  CHECK(bytes == std::vector<char>{'0', '0', '7'});
}

TEST_CASE("format_to_n never writes past the end, and tells the whole size") {
  std::array<char, 4> small{'.', '.', '.', '.'};
  const auto result = fmt::format_to_n(small.data(), 3, "{}", 123456);
  CHECK(std::string_view(small.data(), small.size()) == "123.");
  CHECK(result.size == 6);
}

TEST_CASE("formatted_size counts without writing") { CHECK(fmt::formatted_size("{:10} {}", "", 42) == 13); }
