// Equality and order of values of different kinds.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using nlohmann::json;

TEST_CASE("objects are equal whatever the order of their members") {
  CHECK(json::parse(R"({"a":1,"b":2})") == json::parse(R"({"b":2,"a":1})"));
  CHECK(json::parse("[1,2]") != json::parse("[2,1]"));
}

TEST_CASE("kinds have an order: null, boolean, number, object, array, string") {
  json values = {"text", json::array(), json::object(), 1, true, nullptr};
  std::sort(values.begin(), values.end());
  CHECK(values.dump() == R"([null,true,1,{},[],"text"])");
}

TEST_CASE("values can be the elements of a set") {
  const std::set<json> distinct{1, 1.0, "a", "a", nullptr};
  CHECK(distinct.size() == 3);
}

TEST_CASE("a value compares with plain C++ values") {
  CHECK(json("text") == "text");
  CHECK(json(42) == 42);
  CHECK(json(nullptr) == nullptr);
}
