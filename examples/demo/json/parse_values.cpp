// Every kind of JSON value, parsed.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;

TEST_CASE("the six kinds of values") {
  CHECK(json::parse("null").is_null());
  CHECK(json::parse("true").is_boolean());
  CHECK(json::parse("1.5").is_number_float());
  CHECK(json::parse("\"text\"").is_string());
  CHECK(json::parse("[1, 2]").is_array());
  CHECK(json::parse("{\"a\": 1}").is_object());
}

TEST_CASE("integers know their sign") {
  CHECK(json::parse("42").is_number_unsigned());
  CHECK(json::parse("-42").is_number_integer());
  CHECK_FALSE(json::parse("-42").is_number_unsigned());
}

TEST_CASE("white space around values means nothing") { CHECK(json::parse(" [ 1 ,\t2\r\n] ") == json::parse("[1,2]")); }

TEST_CASE("any range of characters can be parsed") {
  const std::string text = "garbage{\"a\":[1]}garbage";
  CHECK(json::parse(text.begin() + 7, text.end() - 7) == json{{"a", {1}}});
}
