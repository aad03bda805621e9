// Asking a value for what it is not.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;

TEST_CASE("a wrong type is named in the message") {
  CHECK_THROWS_WITH_AS(static_cast<void>(json(42).get<std::string>()), "[json.exception.type_error.302] type must be string, but is number",
                       json::type_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(json("text").get<int>()), "[json.exception.type_error.302] type must be number, but is string",
                       json::type_error);
}

TEST_CASE("get_ptr asks without throwing") {
  json value = "text";
  CHECK(value.get_ptr<json::string_t*>() != nullptr);
  CHECK(value.get_ptr<json::number_integer_t*>() == nullptr);
}

TEST_CASE("get_ref changes the value in place") {
  json value = "text";
  value.get_ref<std::string&>() += "ure";
  CHECK(value == "texture");
}

TEST_CASE("numbers convert among each other, as in C++") {
  CHECK(json(3.9).get<int>() == 3);
  CHECK(json(7).get<double>() == 7.0);
  CHECK_THROWS_AS(static_cast<void>(json(true).get<std::string>()), json::type_error);
}
