// MessagePack.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

using nlohmann::json;
using namespace nlohmann::literals;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("the example on msgpack.org takes 18 bytes") {
  const json document = R"({"compact": true, "schema": 0})"_json;
  const Bytes bytes = json::to_msgpack(document);
  CHECK(bytes.size() == 18);
  CHECK(bytes[0] == 0x82);
  CHECK(json::from_msgpack(bytes) == document);
}

TEST_CASE("numbers take as few bytes as they need") {
  CHECK(json::to_msgpack(127).size() == 1);
  CHECK(json::to_msgpack(128).size() == 2);
  CHECK(json::to_msgpack(65536).size() == 5);
  CHECK(json::to_msgpack(-32).size() == 1);
  CHECK(json::to_msgpack(1.5).size() == 5);
  CHECK(json::to_msgpack(0.1).size() == 9);
}

TEST_CASE("strings of every length class come back") {
  for (const std::size_t length : {0u, 31u, 32u, 255u, 256u, 65535u, 65536u}) {
    const json text = std::string(length, 'x');
    CHECK(json::from_msgpack(json::to_msgpack(text)) == text);
  }
}
