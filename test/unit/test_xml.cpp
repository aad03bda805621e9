#include <doctest/doctest.h>

#include "base/utf8.hpp"
#include "base/xml.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::string_literals;

namespace {

std::string decoded(std::string_view text) {
  const Utf8Char character = decode_utf8(text);
  return character.valid ? fmt::format("U+{:04X} {}", character.code, character.size) : fmt::format("invalid {}", character.size);
}

/// Whether XML 1.0 allows the character. Source: XML 1.0, production [2] Char.
bool is_xml_char(std::uint32_t c) {
  return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

}  // namespace

TEST_CASE("well-formed UTF-8 is decoded") {
  CHECK(decoded("a") == "U+0061 1");
  CHECK(decoded("\0"s) == "U+0000 1");
  CHECK(decoded("\x7f") == "U+007F 1");
  CHECK(decoded("\xc2\x80") == "U+0080 2");
  CHECK(decoded("\xdf\xbf") == "U+07FF 2");
  CHECK(decoded("\xe0\xa0\x80") == "U+0800 3");
  CHECK(decoded("\xed\x9f\xbf") == "U+D7FF 3");
  CHECK(decoded("\xee\x80\x80") == "U+E000 3");
  CHECK(decoded("\xef\xbf\xbf") == "U+FFFF 3");
  CHECK(decoded("\xf0\x90\x80\x80") == "U+10000 4");
  CHECK(decoded("\xf4\x8f\xbf\xbf") == "U+10FFFF 4");
  CHECK(decoded("\xc3\xa4rest") == "U+00E4 2");
}

TEST_CASE("every kind of ill-formed UTF-8 is one bad byte") {
  for (const std::string text : {
           "\x80",              // continuation alone
           "\xbf",              //
           "\xc0\x80",          // overlong NUL
           "\xc1\xbf",          // overlong, two bytes
           "\xe0\x80\x80",      // overlong, three bytes
           "\xe0\x9f\xbf",      //
           "\xf0\x80\x80\x80",  // overlong, four bytes
           "\xf0\x8f\xbf\xbf",  //
           "\xed\xa0\x80",      // surrogates
           "\xed\xbf\xbf",      //
           "\xf4\x90\x80\x80",  // beyond U+10FFFF
           "\xf5\x80\x80\x80",  // never a lead byte
           "\xf8\x88\x80\x80\x80",
           "\xfe",
           "\xff",
           "\xc3",  // cut
           "\xe2\x82",
           "\xf0\x9f\x98",
           "\xc3(",  // a lead without its continuation
           "\xe2\x82(",
           "\xe2(\xac",
           "\xf0\x9f\x98(",
       }) {
    CAPTURE(fmt::format("{:02x}", fmt::join(std::string_view(text), " ")));
    CHECK(decoded(text) == "invalid 1");
  }
}

TEST_CASE("any bytes become XML 1.0 text") {
  struct Row {
    std::string bytes;
    std::string xml;
  };
  for (const Row& row : {
           Row{"", ""},
           Row{"plain \xc3\xa4 \xf0\x9f\x98\x80", "plain \xc3\xa4 \xf0\x9f\x98\x80"},
           Row{"<a b=\"c\">&amp;</a>", "&lt;a b=&quot;c&quot;&gt;&amp;amp;&lt;/a&gt;"},
           Row{"]]>", "]]&gt;"},
           Row{"a\tb\nc", "a\tb\nc"},
           Row{"a\r\n", "a&#13;\n"},
           Row{"\0"s, R"(\x00)"},
           Row{"\x1b[31m", R"(\x1b[31m)"},
           Row{"\x01\x08\x0b\x0c\x0e\x1f", R"(\x01\x08\x0b\x0c\x0e\x1f)"},
           Row{"\xef\xbf\xbe", R"(\ufffe)"},
           Row{"\xef\xbf\xbf", R"(\uffff)"},
           Row{"\xef\xbf\xbd", "\xef\xbf\xbd"},
           Row{"a\xff\xfe"
               "b",
               "a\xef\xbf\xbd\xef\xbf\xbd"
               "b"},
           Row{"\xc3", "\xef\xbf\xbd"},
           Row{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
       }) {
    CAPTURE(row.xml);
    CHECK(xml_escaped(row.bytes) == row.xml);
  }
}

TEST_CASE("random bytes become valid UTF-8 of allowed characters without markup") {
  Dice dice(4);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    for (int n = dice.roll(24); n > 0; --n) {
      // Lead and continuation bytes more often than chance would make them.
      const int kind = dice.roll(4);
      bytes += static_cast<char>(kind == 0 ? 0xc0 + dice.roll(64) : kind == 1 ? 0x80 + dice.roll(64) : dice.roll(256));
    }
    const std::string xml = xml_escaped(bytes);
    for (std::string_view rest = xml; !rest.empty();) {
      const Utf8Char character = decode_utf8(rest);
      const bool good = character.valid && is_xml_char(character.code) && character.code != '<' && character.code != '>';
      if (!good) CAPTURE(xml);
      REQUIRE(good);
      rest.remove_prefix(character.size);
    }
  }
}
