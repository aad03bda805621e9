// The presentation types of floating-point numbers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>
#include <string>

TEST_CASE("the default is the shortest text that reads back as the same number") {
  CHECK(fmt::format("{}", 0.1) == "0.1");
  CHECK(fmt::format("{}", 1.0) == "1");
  CHECK(fmt::format("{}", 1e300) == "1e+300");
  for (const double number : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308}) {
    CHECK(std::stold(fmt::format("{}", number)) == doctest::Approx(number));
  }
}

TEST_CASE("a precision rounds to nearest") {
  CHECK(fmt::format("{:.2f}", 3.14159) == "3.14");
  CHECK(fmt::format("{:.0f}", 2.5) == "2");
  CHECK(fmt::format("{:.3e}", 123456.0) == "1.235e+05");
  CHECK(fmt::format("{:.3g}", 0.00012345) == "0.000123");
}

TEST_CASE("hexadecimal floats are exact") { CHECK(fmt::format("{:a}", 1.5) == "0x1.8p+0"); }

TEST_CASE("infinity and NaN are words, never zero-padded") {
  CHECK(fmt::format("{}", std::numeric_limits<double>::infinity()) == "inf");
  CHECK(fmt::format("{:06}", -std::numeric_limits<double>::infinity()) == "  -inf");
  CHECK(fmt::format("{:F}", std::numeric_limits<double>::quiet_NaN()) == "NAN");
}
