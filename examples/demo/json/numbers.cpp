// Integers at their limits, and what happens beyond.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>

using nlohmann::json;

TEST_CASE("64 bits are kept exactly") {
  CHECK(json::parse("9223372036854775807").get<std::int64_t>() == std::numeric_limits<std::int64_t>::max());
  CHECK(json::parse("-9223372036854775808").get<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
  CHECK(json::parse("18446744073709551615").get<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a larger integer becomes a float") {
  const json large = json::parse("18446744073709551616");
  CHECK(large.is_number_float());
  CHECK(large.get<double>() == doctest::Approx(1.8446744073709552e19));
}

TEST_CASE("a number too large for a float is an error") {
  json number;
  CHECK_THROWS_WITH_AS(number = json::parse("1e999"), doctest::Contains("number overflow"), json::out_of_range);
}

TEST_CASE("numbers compare by value, whatever their kind") {
  CHECK(json(1) == json(1.0));
  CHECK(json(1) == json(1u));
  CHECK(json(2) < json(2.5));
}
