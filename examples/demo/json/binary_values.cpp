// Byte strings, which only the binary formats can carry.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

using nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("a byte string is a value of its own kind") {
  const json value = json::binary({0xde, 0xad, 0xbe, 0xef});
  CHECK(value.is_binary());
  const Bytes& bytes = value.get_binary();
  CHECK(bytes == Bytes{0xde, 0xad, 0xbe, 0xef});
}

TEST_CASE("CBOR, MessagePack and BSON carry it, with its subtype") {
  const json document = {{"blob", json::binary({1, 2, 3}, 42)}};
  CHECK(json::from_msgpack(json::to_msgpack(document)) == document);
  CHECK(json::from_bson(json::to_bson(document)) == document);
  const json back = json::from_cbor(json::to_cbor(document), true, true, json::cbor_tag_handler_t::store);
  CHECK(back == document);
}

TEST_CASE("text shows it for debugging only") { CHECK(json::binary({1, 2}).dump() == R"({"bytes":[1,2],"subtype":null})"); }
