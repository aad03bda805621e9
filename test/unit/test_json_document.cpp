#include <doctest/doctest.h>

#include <limits>

#include "base/json.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Whether both have the same members, which are found by their names.
bool has_same(const JsonValue& value, const Json& theirs) {
  if (value.is_array()) {
    if (value.elements().size() != theirs.size()) return false;
    for (std::size_t i = 0; i < theirs.size(); ++i)
      if (!has_same(value.elements()[i], theirs[i])) return false;
    return true;
  }
  if (!value.is_object()) return dump_json(value) == theirs.dump();
  if (value.members().size() != theirs.size()) return false;
  for (const auto& [name, member] : theirs.items())
    if (value.find(name) == nullptr || !has_same(*value.find(name), member)) return false;
  return value.find("nobody has this") == nullptr;
}

/// Any JSON, at most `deep` deep.
std::string random_json(Dice& dice, int deep) {
  static const Words values = {"null",
                               "true",
                               "false",
                               "0",
                               "-1",
                               "42",
                               "-9223372036854775808",
                               "18446744073709551615",
                               "1e3",
                               "0.25",
                               "\"\"",
                               "\"a\"",
                               R"("\u00e4\n\"\\")",
                               "\"a text that no short string holds\""};
  static const Words names = {"\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"a name that no short string holds\"", R"("\u0000")"};
  const int kind = deep == 0 ? 0 : dice.roll(3);
  if (kind == 0) return values[static_cast<std::size_t>(dice.roll(static_cast<int>(values.size())))];
  Words parts;
  for (int i = dice.roll(6); i > 0; --i) {
    const std::string name = kind == 1 ? names[static_cast<std::size_t>(dice.roll(static_cast<int>(names.size())))] + ":" : "";
    parts.push_back(name + random_json(dice, deep - 1));
  }
  return fmt::format("{}{}{}", kind == 1 ? "{" : " [", fmt::join(parts, ", "), kind == 1 ? " }" : "]");
}

}  // namespace

TEST_CASE("what is no JSON is an error with its place") {
  CHECK(message(parse_json("{\"a\": \n  ]")).starts_with("parse error at line 2, column 3: "));
  for (const std::string text : {"", " ", "{", "[1,]", "{\"a\"}", "nul", "\"\xff\"", "\"\\ud800\"", "1 2", "'a'"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_json(text));
  }
}

TEST_CASE("a number beyond every double is an error, not an exception") {
  bool is_error = false;
  CHECK_NOTHROW(is_error = !parse_json("[1e999]"));
  CHECK(is_error);
}

TEST_CASE("any document is read as nlohmann's library reads it") {
  Dice dice(17);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = random_json(dice, 4);
    const Result<JsonDocument> document = parse_json(text);
    CAPTURE(text);
    REQUIRE_MESSAGE(document, message(document));
    const Json theirs = Json::parse(text);
    REQUIRE(dump_json(document->root()) == theirs.dump());
    REQUIRE(has_same(document->root(), theirs));
  }
}

TEST_CASE("of members with one name the last counts") {
  const JsonDocument document = *parse_json(R"({"a": 1, "b": 2, "a": {"c": 3}, "b": 4, "a": 5})");
  REQUIRE(document.root().members().size() == 2);
  CHECK(document.root().find("a")->whole_number<int>() == 5);
  CHECK(document.root().find("b")->whole_number<int>() == 4);
  CHECK(document.root().find("") == nullptr);
  CHECK(document.root().find("ab") == nullptr);
  CHECK(document.root().find("c") == nullptr);
}

TEST_CASE("numbers keep their kind and every digit") {
  const JsonDocument document = *parse_json("[-9223372036854775808, 18446744073709551615, 7, 7.0, 0.1]");
  const auto numbers = document.root().elements();
  REQUIRE(numbers.size() == 5);
  CHECK(numbers[0].whole_number<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
  CHECK(numbers[1].whole_number<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
  CHECK(numbers[2].is_whole_number());
  CHECK_FALSE(numbers[3].is_whole_number());
  CHECK(numbers[2].number() == numbers[3].number());
  CHECK(numbers[4].number() == 0.1);
}

TEST_CASE("as deep as it may be, and deeper") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const Result<JsonDocument> deep = parse_json(nested(256));
  REQUIRE_MESSAGE(deep, message(deep));
  CHECK(dump_json(deep->root()) == nested(256));
  CHECK(message(parse_json(nested(257))) == "parse error: nested more than 256 deep");
  CHECK_FALSE(parse_json(std::string(10'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  CHECK(message(parse_json(objects)) == "parse error: nested more than 256 deep");
}

TEST_CASE("what was read needs neither the text it was read from nor the place it was read to") {
  std::string text = R"({"name": "a text that no short string holds", "list": [1, "x"]})";
  Result<JsonDocument> read = parse_json(text);
  REQUIRE(read);
  text.assign(text.size(), '#');
  const JsonDocument document = std::move(*read);
  CHECK(document.root().find("name")->text() == "a text that no short string holds");
  CHECK(document.root().find("list")->elements()[1].text() == "x");
  std::string word = "a text that no short string holds";
  const JsonDocument of_text = JsonDocument::of_text(word);
  word.assign(word.size(), '#');
  CHECK(of_text.root().text() == "a text that no short string holds");
  CHECK(JsonDocument::of_text("").root().text().empty());
}
