#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "base/decimal_seconds.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string digits_of(double seconds) { return std::string(DecimalSeconds(std::chrono::duration<double>(seconds)).text()); }

}  // namespace

TEST_CASE("a time is rounded to microseconds, and has no digit that tells nothing") {
  CHECK(digits_of(0) == "0");
  CHECK(digits_of(12) == "12");
  CHECK(digits_of(100) == "100");
  CHECK(digits_of(1.5) == "1.5");
  CHECK(digits_of(-1.5) == "-1.5");
  CHECK(digits_of(0.001234) == "0.001234");
  CHECK(digits_of(0.1) == "0.1");
  CHECK(digits_of(0.000001) == "0.000001");
  CHECK(digits_of(0.0000004) == "0");
  CHECK(digits_of(-0.0000004) == "0");
  CHECK(digits_of(0.0000006) == "0.000001");
  CHECK(digits_of(0.9999996) == "1");
  CHECK(digits_of(1795304824.252998) == "1795304824.252998");
}

TEST_CASE("a time beyond all microseconds is told as a number, however long") {
  CHECK(digits_of(1e13) == "10000000000000");
  CHECK(digits_of(-1e300) == "-1e+300");
  CHECK(digits_of(-std::numeric_limits<double>::max()) == "-1.7976931348623157e+308");
  CHECK(digits_of(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(digits_of(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("its digits read back as the time, to the microsecond") {
  Dice dice(7);
  for (int i = 0; i < 10'000; ++i) {
    const double micros = dice.roll(2'000'000'000) - 1'000'000'000;
    CHECK(std::stod(digits_of(micros / 1e6)) == micros / 1e6);
  }
}
