#include <doctest/doctest.h>

#include "base/regex.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::string_literals;

namespace {

bool found(std::string_view regex, std::string_view text) {
  const Result<Regex> compiled = Regex::compile(regex);
  REQUIRE_MESSAGE(compiled, message(compiled));
  return compiled->found_in(text);
}

}  // namespace

TEST_CASE("regular expressions mean what they mean to CMake") {
  struct Row {
    std::string regex;
    std::string text;
    bool found;
  };
  for (const Row& row : {
           Row{"b", "abc", true},
           Row{"", "abc", true},
           Row{"a|c", "xc", true},
           Row{"ab+c", "abbbc", true},
           Row{"ab?c", "ac", true},
           Row{"(ab)*c", "ababc", true},
           // A backslash makes the next character literal, whatever it is.
           Row{R"(\d)", "5", false},
           Row{R"(\d)", "d", true},
           Row{R"(\w\s\b)", "wsb", true},
           Row{R"(a\.c)", "abc", false},
           Row{R"(a\.c)", "a.c", true},
           Row{R"(\\)", R"(\)", true},
           Row{R"(\()", "(", true},
           Row{R"(\[x\])", "[x]", true},
           Row{R"(\n)", "\n", false},
           // Inside brackets a backslash is itself, and there are no classes.
           Row{R"([\d])", R"(\)", true},
           Row{R"([\d])", "d", true},
           Row{R"([\d])", "5", false},
           Row{"[[:digit:]]", "5", false},
           Row{"[[:digit:]]", "d]", true},
           Row{R"([\]x)", R"(\x)", true},
           // ] first is a member.
           Row{"[]a]", "]", true},
           Row{"[^]a]", "]", false},
           Row{"[^]a]", "b", true},
           Row{"[^a]", "\n", true},
           Row{"[a^]", "^", true},
           Row{"[a-c]x", "bx", true},
           Row{"[a-]", "-", true},
           Row{"[-a]", "-", true},
           Row{"[.*+?(){}|$]", "$", true},
           // The ends are those of the whole text, wherever ^ and $ stand.
           Row{"^b", "a\nb", false},
           Row{"a$", "a\nb", false},
           Row{"a$", "a\n", false},
           Row{"^a$", "a", true},
           Row{"a^b", "a^b", false},
           Row{"a$b", "a$b", false},
           Row{"(^a|b$)", "xb", true},
           // Braces are literal.
           Row{"a{2}", "aa", false},
           Row{"a{2}", "a{2}", true},
           Row{"{}", "{}", true},
           // A dot matches every character.
           Row{"a.b", "a\nb", true},
           Row{"a.b", "a\0b"s, true},
           // Bytes, not characters; valid UTF-8 or not.
           Row{"a..b",
               "a\xc3\xa4"
               "b",
               true},
           Row{"\xc3\xa4", "x\xc3\xa4x", true},
           Row{".", "\xff", true},
           Row{"[^a]", "\xff", true},
       }) {
    CAPTURE(row.regex);
    CAPTURE(row.text);
    CHECK(found(row.regex, row.text) == row.found);
  }
}

TEST_CASE("what is no regular expression is an error that quotes it") {
  for (const std::string regex : {"(", ")", "[a", "[", "*a", "+", "a\\", "a**", "(?i)a", "[z-a]"}) {
    CAPTURE(regex);
    const auto compiled = Regex::compile(regex);
    CHECK_FALSE(compiled);
    CHECK(message(compiled).starts_with(fmt::format("invalid regular expression \"{}\": ", regex)));
  }
}

TEST_CASE("an optional literal parenthesis is in CMake's syntax") {
  const auto escaped = Regex::compile(R"(f\(?x)");
  CHECK_MESSAGE(escaped, message(escaped));
  const auto in_brackets = Regex::compile("f[(?]x");
  CHECK_MESSAGE(in_brackets, message(in_brackets));
}

TEST_CASE("the source is kept as it was written") { CHECK(Regex::compile(R"(\d[\d])")->source() == R"(\d[\d])"); }

TEST_CASE("ordinary test output does not exhaust the stack") {
  const std::string text = std::string(20000, 'x') + "\nFAILED";
  CHECK(found(R"((.|\n)*FAILED)", text));
  CHECK(found("(.|x)*FAILED", text));
  CHECK_FALSE(found("(x|xx)*PASSED", text));
}

TEST_CASE("a megabyte is searched in linear time") {
  const std::string text(std::size_t{1} << 20U, 'a');
  CHECK_FALSE(found("(a*)*b", text));
  CHECK_FALSE(found("(a|aa)+$b", text));
  CHECK(found("a+$", text));
}

TEST_CASE("the translation to RE2 stays readable") {
  CHECK(to_re2_syntax(R"(^a.*\.b$)") == R"(\Aa.*\.b\z)");
  CHECK(to_re2_syntax(R"(\d{2})") == R"(d\{2\})");
  CHECK(to_re2_syntax(R"([]\d[])") == R"([\]\\d\[])");
}

TEST_CASE("a text with a backslash before each character finds exactly itself") {
  Dice dice(2);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    std::string escaped;
    for (int n = 1 + dice.roll(6); n > 0; --n) {
      text += static_cast<char>(1 + dice.roll(255));
      escaped += {'\\', text.back()};
    }
    CAPTURE(text);
    CHECK(found("^" + escaped + "$", text));
    CHECK_FALSE(found("^" + escaped + "$", text + "x"));
  }
}

TEST_CASE("brackets hold every character they list") {
  Dice dice(3);
  const std::string_view alphabet = "\\[^$*+?(){}|.:d";
  for (int i = 0; i < 300; ++i) {
    std::string set = "a";
    for (int n = 1 + dice.roll(4); n > 0; --n) set += alphabet[static_cast<std::size_t>(dice.roll(static_cast<int>(alphabet.size())))];
    // "(?" has a test of its own.
    if (set.find("(?") != std::string::npos) continue;
    CAPTURE(set);
    for (const char c : alphabet) CHECK(found("^[" + set + "]$", std::string(1, c)) == (set.find(c) != std::string::npos));
  }
}

TEST_CASE("the longest literal of a regular expression is what it looks for") {
  struct Row {
    std::string regex;
    std::string literal;
  };
  for (const Row& row : {
           Row{"add", "add"},
           Row{R"(^unit\.add$)", "unit.add"},
           Row{"unit.add", "unit.add"},
           Row{"net.*connect", "connect"},
           Row{"(add|remove)_one", "remove"},
           Row{"abcd?e", "abc"},
           Row{"ab[cd]efg[^x", "efg"},
           Row{"[abc]", ""},
           Row{"*+.?", ""},
           Row{R"(a\)", R"(a\)"},
           Row{"", ""},
       }) {
    CAPTURE(row.regex);
    CHECK(longest_literal(row.regex) == row.literal);
  }
}
