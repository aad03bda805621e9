// Floating-point numbers in text: short, exact, and what has no text at all.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using nlohmann::json;

TEST_CASE("a dump is the shortest text that reads back as the same number") {
  CHECK(json(0.1).dump() == "0.1");
  CHECK(json(1e22).dump() == "1e+22");
  CHECK(json(2.0).dump() == "2.0");
  for (double number = 1.0 / 3; number > 1e-300; number /= 1234.5) {
    CHECK(json::parse(json(number).dump()).get<double>() == number);
  }
}

TEST_CASE("the sign of zero survives") {
  CHECK(json(-0.0).dump() == "-0.0");
  CHECK(std::signbit(json::parse("-0.0").get<double>()));
}

TEST_CASE("infinity and NaN become null") {
  CHECK(json(std::numeric_limits<double>::infinity()).dump() == "null");
  CHECK(json(std::numeric_limits<double>::quiet_NaN()).dump() == "null");
}
