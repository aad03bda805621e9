// Points in time, as dates in UTC.
#include <doctest/doctest.h>
#include <fmt/chrono.h>

#include <chrono>
#include <ctime>

namespace {

const std::tm k_leap_day = fmt::gmtime(std::time_t{951827696});  // 29 February 2000

}  // namespace

TEST_CASE("ISO 8601") {
  CHECK(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", k_leap_day) == "2000-02-29T12:34:56Z");
  CHECK(fmt::format("{:%F %T}", k_leap_day) == "2000-02-29 12:34:56");
}

TEST_CASE("names and numbers of the day") {
  CHECK(fmt::format("{:%A, %d %B}", k_leap_day) == "Tuesday, 29 February");
  CHECK(fmt::format("{:day %j, week %V}", k_leap_day) == "day 060, week 09");
}

TEST_CASE("a time point formats like its calendar time") {
  const auto point = std::chrono::system_clock::from_time_t(951827696);
  CHECK(fmt::format("{:%Y}", point) == "2000");
}
