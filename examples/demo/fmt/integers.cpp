// The presentation types of integers: bases, signs, widths.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <limits>

TEST_CASE("an integer prints in four bases") {
  CHECK(fmt::format("{0:d} {0:x} {0:o} {0:b}", 42) == "42 2a 52 101010");
  CHECK(fmt::format("{0:#x} {0:#X} {0:#o} {0:#b}", 42) == "0x2a 0X2A 052 0b101010");
}

TEST_CASE("a sign can be forced or kept free") {
  CHECK(fmt::format("{:+} {:+}", 7, -7) == "+7 -7");
  CHECK(fmt::format("{: } {: }", 7, -7) == " 7 -7");
}

TEST_CASE("zero padding stands between sign and digits") {
  CHECK(fmt::format("{:06}", -42) == "-00042");
  CHECK(fmt::format("{:#010x}", 255) == "0x000000ff");
}

TEST_CASE("the extreme values print in full") {
  CHECK(fmt::format("{}", std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(fmt::format("{}", std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}
