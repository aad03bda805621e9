// Standard containers to JSON and back.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <list>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using nlohmann::json;

TEST_CASE("sequences become arrays") {
  CHECK(json(std::vector<int>{1, 2, 3}).dump() == "[1,2,3]");
  CHECK(json(std::list<std::string>{"a", "b"}).dump() == R"(["a","b"])");
  CHECK(json(std::set<int>{3, 1, 2}).dump() == "[1,2,3]");
}

TEST_CASE("maps of strings become objects, other maps arrays of pairs") {
  CHECK(json(std::map<std::string, int>{{"b", 2}, {"a", 1}}).dump() == R"({"a":1,"b":2})");
  CHECK(json(std::map<int, char>{{1, 'x'}}).dump() == "[[1,120]]");
}

TEST_CASE("pairs and tuples become arrays") {
  CHECK(json(std::tuple{1, "two", 3.0}).dump() == R"([1,"two",3.0])");
  CHECK(json::parse("[1, \"one\"]").get<std::pair<int, std::string>>() == std::pair<int, std::string>{1, "one"});
}

TEST_CASE("a container comes back as it went") {
  const std::map<std::string, std::vector<std::array<int, 2>>> shapes{{"line", {{0, 0}, {1, 1}}}, {"none", {}}};
  CHECK(json(shapes).get<std::map<std::string, std::vector<std::array<int, 2>>>>() == shapes);
}
