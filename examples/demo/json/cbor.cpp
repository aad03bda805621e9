// CBOR (RFC 8949).
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

using nlohmann::json;
using namespace nlohmann::literals;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("the examples of RFC 8949, appendix A") {
  CHECK(json::to_cbor(10) == Bytes{0x0a});
  CHECK(json::to_cbor(1000) == Bytes{0x19, 0x03, 0xe8});
  CHECK(json::to_cbor(-100) == Bytes{0x38, 0x63});
  CHECK(json::to_cbor("IETF") == Bytes{0x64, 0x49, 0x45, 0x54, 0x46});
  CHECK(json::to_cbor({1, 2, 3}) == Bytes{0x83, 0x01, 0x02, 0x03});
  CHECK(json::to_cbor(R"({"a": 1})"_json) == Bytes{0xa1, 0x61, 0x61, 0x01});
}

TEST_CASE("a document comes back as it went") {
  const json document = R"({"n": null, "b": true, "i": -70000, "f": 1.5, "s": "ünï", "a": [[], {}]})"_json;
  CHECK(json::from_cbor(json::to_cbor(document)) == document);
}

TEST_CASE("a cut document is an error at every byte") {
  const Bytes whole = json::to_cbor(R"({"key": [1000, "text"]})"_json);
  json document;
  for (auto end = whole.begin(); end != whole.end(); ++end) {
    CHECK_THROWS_AS(document = json::from_cbor(whole.begin(), end), json::parse_error);
  }
}
