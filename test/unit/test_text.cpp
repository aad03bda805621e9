#include <doctest/doctest.h>

#include <set>

#include "base/text.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("split keeps empty parts") {
  CHECK(show(split("a,,b,", ',')) == "[a][][b][]");
  CHECK(show(split("", ',')) == "[]");
}

TEST_CASE("a CMake list is split as cmExpandList does") {
  struct Row {
    std::string list;
    std::string elements;
  };
  for (const Row& row : {
           Row{"", ""},
           Row{"a", "[a]"},
           Row{"a;b", "[a][b]"},
           Row{";a;;b;", "[a][b]"},
           Row{R"(a\;b;c)", "[a;b][c]"},
           Row{R"(a\b;c\)", R"([a\b][c\])"},
           Row{"[a;b];c", "[[a;b]][c]"},
           Row{"[[a;b];c];d", "[[[a;b];c]][d]"},
           Row{"[a;b", "[[a;b]"},
           Row{"a];b", "[a];b]"},
           Row{R"([a\;b];c)", "[[a;b]][c]"},
       }) {
    CAPTURE(row.list);
    CHECK(show(split_cmake_list(row.list)) == row.elements);
  }
}

TEST_CASE("true is what ctest takes for true, and all else is false") {
  for (const std::string yes : {"1", "ON", "on", "Yes", "TRUE", "y"}) {
    CAPTURE(yes);
    CHECK(is_cmake_on(yes));
  }
  for (const std::string no : {"", "0", "2", "-1", "01", "OFF", "No", "FALSE", "t", "IGNORE", "NOTFOUND", "maybe", "yess", " 1", "ON "}) {
    CAPTURE(no);
    CHECK_FALSE(is_cmake_on(no));
  }
}

TEST_CASE("a number is the whole text") {
  CHECK(parse_number("10") == 10.0);
  CHECK(parse_number("-0.25") == -0.25);
  CHECK(parse_number("1e3") == 1000.0);
  for (const std::string text : {"", " ", "5s", " 5", "5 ", "0x10", "1e", "1,5", "1e999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text).has_value());
  }
}

TEST_CASE("infinity and not-a-number are no numbers") {
  for (const std::string text : {"inf", "-inf", "nan", "INFINITY", "NaN", "nan(1)"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text).has_value());
  }
}

TEST_CASE("a whole number is the whole text") {
  CHECK(parse_int("0") == 0);
  CHECK(parse_int("-7") == -7);
  CHECK(parse_int("2147483647") == 2147483647);
  for (const std::string text : {"", "+1", "1.0", "2147483648", "x", "1 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_int(text).has_value());
  }
}

TEST_CASE("a glob matches the whole name, or is the name") {
  struct Row {
    std::string pattern;
    std::string text;
    bool matches;
  };
  for (const Row& row : {
           Row{"unit.a", "unit.a", true},
           Row{"unit", "unit.a", false},
           Row{"unit.*", "unit.a/b", true},
           Row{"*.a", "unit.a", true},
           Row{"unit.?", "unit.a", true},
           Row{"unit.?", "unit.ab", false},
           Row{"[uv]nit.a", "unit.a", true},
           Row{"case [1]", "case [1]", true},
           Row{"case [1]", "case 1", true},
           Row{"case [", "case [", true},
           Row{"*", "", true},
           Row{"", "a", false},
           Row{R"(a\*)", "a*", true},
           Row{"*", ".hidden", true},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(glob_match(row.pattern, row.text) == row.matches);
  }
}

TEST_CASE("nearest names come nearest first and no more than asked for") {
  const Words names{"unit.parse", "unit.parser", "net.connect", "unit.print"};
  CHECK(show(nearest("unit.pars", names, 3)) == "[unit.parse][unit.parser]");
  CHECK(show(nearest("unit.pars", names, 1)) == "[unit.parse]");
  CHECK(show(nearest("NET.CONECT", names, 3)) == "[net.connect]");
  CHECK(show(nearest("connect", names, 3)) == "[net.connect]");
  CHECK(show(nearest("something else", names, 3)).empty());
  CHECK(show(nearest("", names, 3)).empty());
  CHECK(show(nearest("x", {}, 3)).empty());
  CHECK(show(nearest("unti", {"unit", "xxit"}, 1)) == "[unit]");
}

TEST_CASE("a part of a name finds the names with something like it") {
  const Words names{"unit.parse", "unit.parser", "net.connect", "unit.print"};
  CHECK(show(nearest_with_part("parser", names, 3)) == "[unit.parser][unit.parse]");
  CHECK(show(nearest_with_part("CONECT", names, 3)) == "[net.connect]");
  CHECK(show(nearest_with_part("nti.", names, 1)) == "[unit.parse]");
  CHECK(show(nearest_with_part("net", names, 3)) == "[net.connect]");
  CHECK(show(nearest_with_part("nte", names, 3)).empty());
  CHECK(show(nearest_with_part("something", names, 3)).empty());
  CHECK(show(nearest_with_part("", names, 3)).empty());
  CHECK(show(nearest_with_part("longer than any name", {"x", ""}, 3)).empty());
}

TEST_CASE("a choice reads as a sentence does") {
  CHECK(quoted_choice({}).empty());
  CHECK(quoted_choice({"a"}) == R"("a")");
  CHECK(quoted_choice({"a", "b"}) == R"("a" or "b")");
  CHECK(quoted_choice({"a", "b", "c"}) == R"("a", "b" or "c")");
}

TEST_CASE("file names for odd test names") {
  struct Row {
    std::string name;
    std::string file;
  };
  for (const Row& row : {
           Row{"unit.a-b_c+d=e,f@g", "unit.a-b_c+d=e,f@g"},
           Row{"a b", "a%20b"},
           Row{"a/b", "a%2Fb"},
           Row{"a%20b", "a%2520b"},
           Row{".", "%2E"},
           Row{"..", "%2E."},
           Row{".hidden", "%2Ehidden"},
           Row{"\xc3\xa4", "%C3%A4"},
           Row{"a~1", "a%7E1"},
           Row{"a\nb", "a%0Ab"},
       }) {
    CAPTURE(row.name);
    CHECK(file_name_for(row.name) == row.file);
  }
}

TEST_CASE("a long test name gives a file name that file systems take, different for different names") {
  const std::string same(400, 'x');
  const std::string one = file_name_for(same + "1");
  const std::string two = file_name_for(same + "2");
  CHECK(one.size() <= 200);
  CHECK(one != two);
  CHECK(one.starts_with("xxx"));
  CHECK(file_name_for(std::string(180, 'x')) == std::string(180, 'x'));
}

TEST_CASE("different names of any bytes have different file names without a slash") {
  Dice dice(1);
  std::set<std::string> names;
  std::set<std::string> files;
  for (int i = 0; i < 2000; ++i) {
    std::string name;
    for (int n = 1 + dice.roll(4); n > 0; --n) name += static_cast<char>(1 + dice.roll(255));
    names.insert(name);
    files.insert(file_name_for(name));
  }
  CHECK(files.size() == names.size());
  CHECK(std::none_of(files.begin(), files.end(), [](const std::string& file) { return file.find('/') != std::string::npos; }));
}

TEST_CASE("words are quoted for a shell only where needed") {
  CHECK(shell_quoted({"/bin/x", "--a=b", "c,d"}) == "/bin/x --a=b c,d");
  CHECK(shell_quoted({"a b", "", "it's", "$x", "*"}) == R"('a b' '' 'it'\''s' '$x' '*')");
  CHECK(shell_quoted({}).empty());
}

TEST_CASE("escape sequences are taken out and nothing else") {
  struct Row {
    std::string text;
    std::string plain;
  };
  for (const Row& row : {
           Row{"plain", "plain"},
           Row{"\x1b[31mred\x1b[0m", "red"},
           Row{"\x1b[1;38;5;12mx", "x"},
           Row{"a\x1b[2Kb", "ab"},
           Row{"\x1b]0;title\ax", "x"},
           Row{"\x1b]8;;http://x\x1b\\link", "link"},
           Row{"\x1b"
               "Mx",
               "x"},
           Row{"a\x1b", "a"},
           Row{"a\x1b[", "a"},
           Row{"a\x1b[31", "a"},
           Row{"", ""},
       }) {
    CAPTURE(row.plain);
    CHECK(without_escapes(row.text) == row.plain);
  }
}

TEST_CASE("a character set selection, as tput sgr0 prints it, is taken out whole") {
  CHECK(without_escapes("bold\x1b(B\x1b[m plain") == "bold plain");
}

TEST_CASE("an unfinished escape sequence does not swallow the lines behind it") {
  CHECK(without_escapes("a\x1b]0;title\nthe reason it failed\n").ends_with("\nthe reason it failed\n"));
  CHECK(without_escapes("a\x1b[\nthe reason it failed\n").ends_with("\nthe reason it failed\n"));
  CHECK(without_escapes("a\x1b\nthe reason it failed\n").ends_with("\nthe reason it failed\n"));
}
