// Digit grouping and decimal points by a locale, only where {:L} asks for it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <locale>
#include <string>

namespace {

struct Continental : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  char do_decimal_point() const override { return ','; }
  std::string do_grouping() const override { return "\3"; }
};

const std::locale k_continental(std::locale::classic(), new Continental);

}  // namespace

TEST_CASE("L groups digits as the locale says") {
  CHECK(fmt::format(k_continental, "{:L}", 1234567) == "1.234.567");
  CHECK(fmt::format(k_continental, "{:.2Lf}", 1234.5) == "1.234,50");
}

TEST_CASE("without L the locale does not matter") { CHECK(fmt::format(k_continental, "{} {}", 1234567, 0.5) == "1234567 0.5"); }

TEST_CASE("fmt::group_digits needs no locale") { CHECK(fmt::format("{}", fmt::group_digits(1234567)) == "1,234,567"); }
