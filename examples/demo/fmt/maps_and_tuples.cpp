// Associative containers, pairs and tuples.
#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

TEST_CASE("a map prints its pairs in order") {
  const std::map<std::string, int> ages{{"Grace", 85}, {"Ada", 36}};
  CHECK(fmt::format("{}", ages) == R"({"Ada": 36, "Grace": 85})");
}

TEST_CASE("a set prints in braces") { CHECK(fmt::format("{}", std::set<int>{3, 1, 2, 1}) == "{1, 2, 3}"); }

TEST_CASE("pairs and tuples print in parentheses") {
  CHECK(fmt::format("{}", std::pair{1, 'x'}) == "(1, 'x')");
  CHECK(fmt::format("{}", std::tuple{1, 2.5, "three"}) == R"((1, 2.5, "three"))");
  CHECK(fmt::format("{}", std::tuple<>{}) == "()");
}

TEST_CASE("join takes tuples too") { CHECK(fmt::format("{}", fmt::join(std::tuple{1, 2, 3}, "-")) == "1-2-3"); }
