// JSON Merge Patch (RFC 7386).
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

namespace {

json merged(json target, const json& patch) {
  target.merge_patch(patch);
  return target;
}

}  // namespace

TEST_CASE("the test cases of RFC 7386, appendix A") {
  CHECK(merged(R"({"a":"b"})"_json, R"({"a":"c"})"_json) == R"({"a":"c"})"_json);
  CHECK(merged(R"({"a":"b"})"_json, R"({"b":"c"})"_json) == R"({"a":"b","b":"c"})"_json);
  CHECK(merged(R"({"a":"b"})"_json, R"({"a":null})"_json) == R"({})"_json);
  CHECK(merged(R"({"a":["b"]})"_json, R"({"a":"c"})"_json) == R"({"a":"c"})"_json);
  CHECK(merged(R"({"a":{"b":"c"}})"_json, R"({"a":{"b":"d","c":null}})"_json) == R"({"a":{"b":"d"}})"_json);
  CHECK(merged(R"(["a","b"])"_json, R"(["c","d"])"_json) == R"(["c","d"])"_json);
  CHECK(merged(R"({"a":"foo"})"_json, "null"_json) == "null"_json);
  CHECK(merged(R"({"e":null})"_json, R"({"a":1})"_json) == R"({"e":null,"a":1})"_json);
  CHECK(merged(R"({})"_json, R"({"a":{"bb":{"ccc":null}}})"_json) == R"({"a":{"bb":{}}})"_json);
}
