// Widths count columns of a terminal, not bytes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

TEST_CASE("an accented letter is one column") { CHECK(fmt::format("[{:<6}]", "café") == "[café  ]"); }

TEST_CASE("an East Asian letter is two columns") { CHECK(fmt::format("[{:>6}]", "日本") == "[  日本]"); }

TEST_CASE("an emoji is two columns") { CHECK(fmt::format("[{:^6}]", "🍀") == "[  🍀  ]"); }

TEST_CASE("truncation never cuts a letter in two") { CHECK(fmt::format("{:.3}", "äöüß") == "äöü"); }

TEST_CASE("bytes that are no UTF-8 pass unchanged") { CHECK(fmt::format("{}", "\xff\xfe") == "\xff\xfe"); }
