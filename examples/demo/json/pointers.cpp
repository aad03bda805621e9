// JSON Pointer (RFC 6901).
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace nlohmann::literals;

TEST_CASE("the examples of RFC 6901") {
  const json document = {{"foo", {"bar", "baz"}}, {"", 0}, {"a/b", 1}, {"c%d", 2}, {"m~n", 8}};
  CHECK(document[""_json_pointer] == document);
  CHECK(document["/foo"_json_pointer] == json{"bar", "baz"});
  CHECK(document["/foo/0"_json_pointer] == "bar");
  CHECK(document["/"_json_pointer] == 0);
  CHECK(document["/a~1b"_json_pointer] == 1);
  CHECK(document["/c%d"_json_pointer] == 2);
  CHECK(document["/m~0n"_json_pointer] == 8);
}

TEST_CASE("writing through a pointer makes what is missing") {
  json document;
  document["/servers/0/port"_json_pointer] = 8080;
  CHECK(document == R"({"servers": [{"port": 8080}]})"_json);
}

TEST_CASE("pointers are built and taken apart") {
  json::json_pointer pointer = "/a"_json_pointer / "b/c" / 3;
  CHECK(pointer.to_string() == "/a/b~1c/3");
  CHECK(pointer.back() == "3");
  CHECK(pointer.parent_pointer().to_string() == "/a/b~1c");
}

TEST_CASE("a pointer without its slash is refused") { CHECK_THROWS_AS(json::json_pointer("foo"), json::parse_error); }
