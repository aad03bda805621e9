// The difference of two values as a patch that leads from one to the other.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

TEST_CASE("equal values have no difference") {
  const json value = R"({"a": [1, 2, {"b": null}]})"_json;
  CHECK(json::diff(value, value).empty());
}

TEST_CASE("the difference names what changed") {
  const json patch = json::diff(R"({"a": 1, "b": 2})"_json, R"({"a": 1, "b": 3})"_json);
  CHECK(patch == R"([{"op": "replace", "path": "/b", "value": 3}])"_json);
}

TEST_CASE("a difference applied gives the other value") {
  const json values = R"([
    null, 1, "text", [], [1, 2, 3], [3, 2], {}, {"a": {"b": [1]}}, {"a": {"b": [2, 1]}, "c": 0}
  ])"_json;
  for (const json& from : values) {
    for (const json& to : values) {
      CAPTURE(from.dump());
      CAPTURE(to.dump());
      CHECK(from.patch(json::diff(from, to)) == to);
    }
  }
}
