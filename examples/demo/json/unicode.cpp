// Escapes, surrogates and invalid UTF-8.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;

TEST_CASE("escapes become UTF-8") {
  CHECK(json::parse(R"("\u00e9\u20ac")") == "é€");
  CHECK(json::parse(R"("\ud83c\udf40")") == "🍀");
  CHECK(json::parse(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
}

TEST_CASE("half a surrogate pair is an error") {
  CHECK_FALSE(json::accept(R"("\ud83c")"));
  CHECK_FALSE(json::accept(R"("\udf40\ud83c")"));
}

TEST_CASE("a dump can be pure ASCII") {
  CHECK(json("é🍀").dump() == "\"é🍀\"");
  CHECK(json("é🍀").dump(-1, ' ', true) == R"("\u00e9\ud83c\udf40")");
}

TEST_CASE("invalid UTF-8 is an error, replaced or ignored") {
  const json value = std::string("a\xff") + "b";
  CHECK_THROWS_AS(static_cast<void>(value.dump()), json::type_error);
  CHECK(value.dump(-1, ' ', false, json::error_handler_t::replace) ==
        "\"a\xef\xbf\xbd"
        "b\"");
  CHECK(value.dump(-1, ' ', false, json::error_handler_t::ignore) == "\"ab\"");
}

TEST_CASE("a NUL inside a string survives") { CHECK(json::parse(R"("a\u0000b")").get<std::string>().size() == 3); }
