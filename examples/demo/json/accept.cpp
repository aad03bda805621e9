// Validation without exceptions.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;

TEST_CASE("accept only says yes or no") {
  CHECK(json::accept(R"({"a": [1, 2, {"b": null}]})"));
  CHECK_FALSE(json::accept(R"({"a": [1, 2)"));
}

TEST_CASE("a parse without exceptions gives a discarded value") {
  const json value = json::parse("{", nullptr, false);
  CHECK(value.is_discarded());
}

TEST_CASE("a text may nest ten thousand levels deep") {
  const std::string deep = std::string(10000, '[') + std::string(10000, ']');
  CHECK(json::accept(deep));
}

TEST_CASE("comments are accepted only where asked for") {
  const std::string text = "[1, /* one */ 2] // two";
  CHECK_FALSE(json::accept(text));
  CHECK(json::accept(text, true));
  CHECK(json::parse(text, nullptr, true, true) == json{1, 2});
}
