// Characters and truth values, as text and as numbers.
#include <doctest/doctest.h>
#include <fmt/format.h>

TEST_CASE("a character is text first, a number on request") {
  CHECK(fmt::format("{}", 'A') == "A");
  CHECK(fmt::format("{:d} {:#x}", 'A', 'A') == "65 0x41");
  CHECK(fmt::format("{:c}", 65) == "A");
}

TEST_CASE("the debug form shows what is invisible") { CHECK(fmt::format("{:?}", '\n') == "'\\n'"); }

TEST_CASE("a bool is a word first, a number on request") {
  CHECK(fmt::format("{} {}", true, false) == "true false");
  CHECK(fmt::format("{:d} {:d}", true, false) == "1 0");
  CHECK(fmt::format("[{:>6}]", true) == "[  true]");
}
