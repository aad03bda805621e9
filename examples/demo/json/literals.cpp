// Values written in C++: initialiser lists and literals.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

TEST_CASE("an initialiser list reads almost like JSON") {
  const json person = {{"name", "Ada"}, {"year", 1815}, {"tags", {"maths", "poetry"}}, {"email", nullptr}};
  CHECK(person == R"({"name": "Ada", "year": 1815, "tags": ["maths", "poetry"], "email": null})"_json);
}

TEST_CASE("a list of pairs is an object unless told otherwise") {
  CHECK(json{{"a", 1}, {"b", 2}}.is_object());
  CHECK(json::array({{"a", 1}, {"b", 2}}).dump() == R"([["a",1],["b",2]])");
  CHECK(json::object({{"a", 1}}).dump() == R"({"a":1})");
}

TEST_CASE("empty is null, [] and {} have names") {
  CHECK(json().is_null());
  CHECK(json::array().dump() == "[]");
  CHECK(json::object().dump() == "{}");
}
