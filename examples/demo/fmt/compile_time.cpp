// Format strings compiled, and whole results computed, at compile time.
#include <doctest/doctest.h>
#include <fmt/compile.h>

#include <array>
#include <string_view>

TEST_CASE("a compiled format gives the same text") {
  CHECK(fmt::format(FMT_COMPILE("{}"), 42) == "42");
  CHECK(fmt::format(FMT_COMPILE("{:>5}|{:<5}|{:x}"), "ab", 1.5, 255) == "   ab|1.5  |ff");
  CHECK(fmt::format(FMT_COMPILE("{0} {1} {0}"), 'a', 'b') == "a b a");
}

TEST_CASE("a compiled format writes to any output") {
  std::array<char, 16> buffer{};
  char* end = fmt::format_to(buffer.data(), FMT_COMPILE("{}-{}"), 2022, 12);
  CHECK(std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())) == "2022-12");
  CHECK(fmt::formatted_size(FMT_COMPILE("{}"), 12345) == 5);
}
