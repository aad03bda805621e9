// What is wrong in a text that is no JSON, and where.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

using nlohmann::json;

namespace {

std::size_t error_position(const std::string& text) {
  json value;
  try {
    value = json::parse(text);
    return 0;
  } catch (const json::parse_error& error) {
    CHECK(error.id == 101);
    return error.byte;
  }
}

}  // namespace

TEST_CASE("the error names the byte after the last one read") {
  CHECK(error_position("") == 1);
  CHECK(error_position("[1, 2") == 6);
  CHECK(error_position("{\"a\" 1}") == 6);
  CHECK(error_position("[1,]") == 4);
}

TEST_CASE("what JavaScript allows and JSON does not") {
  for (const char* text : {"'text'", "{a: 1}", "[01]", "[.5]", "[+1]", "NaN", "\"line\nbreak\""}) {
    CAPTURE(text);
    CHECK(error_position(text) > 0);
  }
}

TEST_CASE("the message shows what was read") {
  json value;
  CHECK_THROWS_WITH(value = json::parse("[1 2]"), doctest::Contains("while parsing array"));
  CHECK_THROWS_WITH(value = json::parse("[1 2]"), doctest::Contains("line 1, column 4"));
}
