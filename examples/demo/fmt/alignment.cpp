// Width, fill and alignment.
#include <doctest/doctest.h>
#include <fmt/format.h>

TEST_CASE("text stands left, numbers stand right") {
  CHECK(fmt::format("[{:6}]", "ab") == "[ab    ]");
  CHECK(fmt::format("[{:6}]", 42) == "[    42]");
}

TEST_CASE("an alignment overrides that") {
  CHECK(fmt::format("[{:<6}]", 42) == "[42    ]");
  CHECK(fmt::format("[{:>6}]", "ab") == "[    ab]");
  CHECK(fmt::format("[{:^7}]", "ab") == "[  ab   ]");
}

TEST_CASE("any character can fill") {
  CHECK(fmt::format("{:*^9}", "fmt") == "***fmt***");
  CHECK(fmt::format("{:→>4}", 1) == "→→→1");
}

TEST_CASE("text longer than the width stays whole") { CHECK(fmt::format("{:3}", "abcdef") == "abcdef"); }
