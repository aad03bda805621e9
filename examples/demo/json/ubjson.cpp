// Universal Binary JSON.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

using nlohmann::json;
using namespace nlohmann::literals;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("values are letters followed by their bytes") {
  CHECK(json::to_ubjson(nullptr) == Bytes{'Z'});
  CHECK(json::to_ubjson(true) == Bytes{'T'});
  CHECK(json::to_ubjson(-5) == Bytes{'i', 0xfb});
  CHECK(json::to_ubjson("hi") == Bytes{'S', 'i', 2, 'h', 'i'});
  CHECK(json::to_ubjson({1, 2}) == Bytes{'[', 'i', 1, 'i', 2, ']'});
}

TEST_CASE("size and type in front make arrays of one type small") {
  const json numbers(std::vector<int>(100, 7));
  CHECK(json::to_ubjson(numbers).size() == 202);
  CHECK(json::to_ubjson(numbers, true, true).size() == 106);
}

TEST_CASE("a document comes back as it went, in every form") {
  const json document = R"({"list": [1, -1, 1.5, "text", null], "empty": {}, "large": 5000000000})"_json;
  CHECK(json::from_ubjson(json::to_ubjson(document)) == document);
  CHECK(json::from_ubjson(json::to_ubjson(document, true)) == document);
  CHECK(json::from_ubjson(json::to_ubjson(document, true, true)) == document);
}
