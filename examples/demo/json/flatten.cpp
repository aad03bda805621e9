// A document as one flat list of pointers and values.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

TEST_CASE("every leaf gets its pointer as a key") {
  const json document = R"({"a": {"b": [1, 2]}, "c/d": true})"_json;
  CHECK(document.flatten() == R"({"/a/b/0": 1, "/a/b/1": 2, "/c~1d": true})"_json);
}

TEST_CASE("unflatten is the way back") {
  const json document = R"({"users": [{"name": "ada"}, {"name": "grace"}], "count": 2})"_json;
  CHECK(document.flatten().unflatten() == document);
}

TEST_CASE("empty arrays and objects come back as null") {
  const json document = R"({"list": [], "map": {}})"_json;
  CHECK(document.flatten().unflatten() == R"({"list": null, "map": null})"_json);
}

TEST_CASE("what is not flat cannot be unflattened") {
  CHECK_THROWS_AS(static_cast<void>(R"({"/a": [1]})"_json.unflatten()), json::type_error);
}
