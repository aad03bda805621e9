// JSON Patch (RFC 6902).
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

TEST_CASE("the six operations") {
  const json before = R"({"name": "ada", "tags": ["a", "b"], "old": 1})"_json;
  const json after = before.patch(R"([
    {"op": "test",    "path": "/name",   "value": "ada"},
    {"op": "replace", "path": "/name",   "value": "grace"},
    {"op": "add",     "path": "/tags/1", "value": "new"},
    {"op": "remove",  "path": "/tags/0"},
    {"op": "move",    "path": "/fresh",  "from": "/old"},
    {"op": "copy",    "path": "/again",  "from": "/fresh"}
  ])"_json);
  CHECK(after == R"({"name": "grace", "tags": ["new", "b"], "fresh": 1, "again": 1})"_json);
}

TEST_CASE("a failed test changes nothing") {
  const json before = {{"version", 1}};
  const json patch = R"([{"op": "replace", "path": "/version", "value": 2},
                         {"op": "test",    "path": "/version", "value": 3}])"_json;
  json document = before;
  CHECK_THROWS_AS(document = document.patch(patch), json::other_error);
  CHECK(document == before);
}

TEST_CASE("an unknown operation is refused") {
  CHECK_THROWS_AS(static_cast<void>(json::object().patch(R"([{"op": "frob", "path": "/a"}])"_json)), json::parse_error);
}
