// How a replacement field finds its argument: in order, by number, by name.
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace fmt::literals;

TEST_CASE("numbers allow any order and repetition") { CHECK(fmt::format("{1} {0} {1}", "a", "b") == "b a b"); }

TEST_CASE("names read better than numbers") {
  CHECK(fmt::format("{name} is {age}", fmt::arg("age", 36), fmt::arg("name", "Ada")) == "Ada is 36");
  CHECK(fmt::format("{x}, {y}", "x"_a = 1, "y"_a = 2) == "1, 2");
}

TEST_CASE("width and precision can be arguments too") {
  CHECK(fmt::format("{:{}}", 7, 4) == "   7");
  CHECK(fmt::format("{:.{}f}", 2.71828, 2) == "2.72");
  CHECK(fmt::format("{value:>{width}}", "value"_a = "ab", "width"_a = 5) == "   ab");
}

TEST_CASE("arguments nobody asks for are ignored") { CHECK(fmt::format("{}", 1, 2, 3) == "1"); }
