#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::string_literals;

namespace {

/// What `write` puts into an object with one member, without the object around it.
template <class Write>
std::string member(Write write) {
  std::string text;
  {
    JsonWriter json(text);
    json.open_object();
    write(json);
    json.close_object();
  }
  return text.substr(1, text.size() - 2);
}

std::string text_of(std::string_view value) {
  return member([&](JsonWriter& json) { json.text("k", value); }).substr(4);
}

template <class Number>
std::string number_of(Number value) {
  return member([&](JsonWriter& json) { json.number("k", value); }).substr(4);
}

/// Bytes among which lead and continuation bytes, controls, quotes and backslashes are more frequent than by chance.
std::string random_bytes(Dice& dice) {
  std::string bytes;
  for (int n = dice.roll(24); n > 0; --n) {
    switch (dice.roll(5)) {
      case 0: bytes += static_cast<char>(0xc0 + dice.roll(64)); break;
      case 1: bytes += static_cast<char>(0x80 + dice.roll(64)); break;
      case 2: bytes += "\"\\/\b\f\n\r\t"[dice.roll(8)]; break;
      case 3: bytes += static_cast<char>(dice.roll(32)); break;
      default: bytes += static_cast<char>(dice.roll(256)); break;
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("members stand in the order of the calls, on one line, behind what was there") {
  std::string text = "before ";
  {
    JsonWriter json(text);
    json.open_object();
    json.number("z", 1);
    json.text("a", "b");
    json.open_array("empty");
    json.close_array();
    json.open_array("list");
    json.open_object();
    json.boolean("yes", true);
    json.boolean("no", false);
    json.close_object();
    json.open_object();
    json.close_object();
    json.close_array();
    json.open_object("inner");
    json.null("n");
    json.close_object();
    json.number("half", 0.5);
    json.close_object();
  }
  CHECK(text == R"(before {"z":1,"a":"b","empty":[],"list":[{"yes":true,"no":false},{}],"inner":{"n":null},"half":0.5})");
}

TEST_CASE("texts are escaped as little as JSON allows") {
  CHECK(text_of("") == R"("")");
  CHECK(text_of("plain \x7f ~/") == "\"plain \x7f ~/\"");
  CHECK(text_of("a\"b\\c") == R"("a\"b\\c")");
  CHECK(text_of("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(text_of("\0\x01\x1b\x1f"s) == R"("\u0000\u0001\u001b\u001f")");
  CHECK(text_of("\xc3\xa4 \xf0\x9f\x98\x80") == "\"\xc3\xa4 \xf0\x9f\x98\x80\"");
}

TEST_CASE("what is no UTF-8 becomes U+FFFD, the beginning of a character only one") {
  struct Row {
    std::string bytes;
    int replaced = 0;
  };
  for (const Row& row : {
           Row{"\xff", 1}, Row{"\x80\xbf", 2}, Row{"\xc3", 1}, Row{"\xe2\x82", 1}, Row{"\xf0\x9f\x98", 1}, Row{"\xf0\x9f\xf0\x9f", 2},
           Row{"\xc0\x80", 2},          // overlong
           Row{"\xe0\x9f\xbf", 3},      // the same
           Row{"\xed\xa0\x80", 3},      // a surrogate
           Row{"\xf4\x90\x80\x80", 4},  // beyond U+10FFFF
       }) {
    CAPTURE(fmt::format("{:02x}", fmt::join(std::string_view(row.bytes), " ")));
    std::string expected;
    for (int i = 0; i < row.replaced; ++i) expected += "\xef\xbf\xbd";
    CHECK(text_of(row.bytes) == '"' + expected + '"');
    CHECK(text_of("a" + row.bytes + "b\xc3\xa4") == "\"a" + expected + "b\xc3\xa4\"");
  }
}

TEST_CASE("any bytes are written as nlohmann's library writes them, and it reads them back") {
  Dice dice(11);
  for (int i = 0; i < 20000; ++i) {
    const std::string bytes = random_bytes(dice);
    const std::string text = text_of(bytes);
    const std::string theirs = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
    REQUIRE(dump_json(bytes) == theirs);
    if (text != theirs) CAPTURE(fmt::format("{:02x}", fmt::join(std::string_view(bytes), " ")));
    REQUIRE(text == theirs);
    const Result<JsonDocument> parsed = parse_json(text);
    REQUIRE_MESSAGE(parsed, message(parsed));
    const bool has_replaced = text.find("\xef\xbf\xbd") != std::string::npos;
    if (!has_replaced) REQUIRE(parsed->root().text() == bytes);
  }
}

TEST_CASE("integers of every size") {
  CHECK(number_of(0) == "0");
  CHECK(number_of(-7) == "-7");
  CHECK(number_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(number_of(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("a double has a point or an exponent, and is null when it is not finite") {
  CHECK(number_of(0.0) == "0.0");
  CHECK(number_of(-0.0) == "-0.0");
  CHECK(number_of(2.0) == "2.0");
  CHECK(number_of(1.25) == "1.25");
  CHECK(number_of(0.1) == "0.1");
  CHECK(number_of(0.000001) == "1e-06");
  CHECK(number_of(100000.0) == "100000.0");
  CHECK(number_of(1e300) == "1e+300");
  CHECK(number_of(std::numeric_limits<double>::infinity()) == "null");
  CHECK(number_of(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("a time has a point or an exponent, and is null when it is not finite") {
  using Time = std::chrono::duration<double>;
  CHECK(number_of(Time(0)) == "0.0");
  CHECK(number_of(Time(12)) == "12.0");
  CHECK(number_of(Time(0.0000014)) == "0.000001");
  CHECK(number_of(Time(1e300)) == "1e+300");
  CHECK(number_of(std::chrono::microseconds(1'500'000)) == "1.5");
  CHECK(number_of(Time(std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("a document may be longer than any room that was made for it") {
  std::string expected = "{";
  std::string text;
  {
    JsonWriter json(text);
    json.open_object();
    for (int i = 0; i < 3000; ++i) {
      json.text("k", std::string(static_cast<std::size_t>(i), 'x'));
      expected += (i > 0 ? ",\"k\":\"" : "\"k\":\"") + std::string(static_cast<std::size_t>(i), 'x') + "\"";
    }
    json.close_object();
  }
  CHECK(text == expected + "}");
}

TEST_CASE("a short text takes no more room than it needs") { CHECK(dump_json(std::string(100, 'x')).capacity() < 200); }

TEST_CASE("every double is read back as it was") {
  Dice dice(12);
  for (int i = 0; i < 20000; ++i) {
    std::uint64_t bits = 0;
    for (int byte = 0; byte < 8; ++byte) bits = (bits << 8U) | static_cast<std::uint64_t>(dice.roll(256));
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (i % 2 == 0) value = dice.roll(1'000'000'000) / 1e6;
    if (!std::isfinite(value)) continue;
    const Result<JsonDocument> parsed = parse_json(number_of(value));
    REQUIRE_MESSAGE(parsed, message(parsed));
    REQUIRE(parsed->root().kind() == JsonValue::Kind::fraction);
    REQUIRE(parsed->root().number() == value);
  }
}
