// Objects that keep the order in which their members came.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using nlohmann::ordered_json;

TEST_CASE("json sorts, ordered_json keeps") {
  const char* text = R"({"z":1,"a":2,"m":3})";
  CHECK(json::parse(text).dump() == R"({"a":2,"m":3,"z":1})");
  CHECK(ordered_json::parse(text).dump() == text);
}

TEST_CASE("a new member goes to the end, a changed one stays") {
  ordered_json value = {{"z", 1}, {"a", 2}};
  value["m"] = 3;
  value["z"] = 9;
  CHECK(value.dump() == R"({"z":9,"a":2,"m":3})");
}

TEST_CASE("a conversion between the two loses nothing but the order") {
  const ordered_json ordered = {{"z", 1}, {"a", {{"y", 2}, {"b", 3}}}};
  CHECK(json(ordered).dump() == R"({"a":{"b":3,"y":2},"z":1})");
}
