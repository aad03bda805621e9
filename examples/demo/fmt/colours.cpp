// Styles as ANSI escape sequences.
#include <doctest/doctest.h>
#include <fmt/color.h>

TEST_CASE("a style wraps the text and is reset after it") {
  CHECK(fmt::format(fg(fmt::color::red), "alarm") == "\x1b[38;2;255;000;000malarm\x1b[0m");
  CHECK(fmt::format(fmt::emphasis::bold, "{}", 1) == "\x1b[1m1\x1b[0m");
}

TEST_CASE("styles add up") {
  const fmt::text_style style = fmt::emphasis::bold | fg(fmt::terminal_color::green);
  CHECK(fmt::format(style, "ok") == "\x1b[1m\x1b[32mok\x1b[0m");
}

TEST_CASE("one argument can carry a style of its own") {
  CHECK(fmt::format("{} files", fmt::styled(3, fmt::emphasis::underline)) == "\x1b[4m3\x1b[0m files");
}
