// Strings: their kinds, truncation, and the debug form.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>

TEST_CASE("every kind of string prints alike") {
  const std::string owned = "text";
  const std::string_view view = owned;
  CHECK(fmt::format("{} {} {}", owned, view, owned.c_str()) == "text text text");
}

TEST_CASE("a precision truncates") {
  CHECK(fmt::format("{:.3}", "abcdef") == "abc");
  CHECK(fmt::format("{:.10}", "abc") == "abc");
}

TEST_CASE("the debug form quotes and escapes") { CHECK(fmt::format("{:?}", "tab\there \"quoted\"") == R"("tab\there \"quoted\"")"); }

TEST_CASE("a null pointer is an error, not a crash") {
  const char* nothing = nullptr;
  CHECK_THROWS_AS(fmt::format("{}", nothing), fmt::format_error);
}
