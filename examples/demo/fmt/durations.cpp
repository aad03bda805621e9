// std::chrono durations.
#include <doctest/doctest.h>
#include <fmt/chrono.h>

#include <chrono>
#include <ratio>

using namespace std::chrono_literals;

TEST_CASE("a duration carries its unit") {
  CHECK(fmt::format("{} {} {} {}", 5h, 42s, 7ms, 1us) == "5h 42s 7ms 1µs");
  CHECK(fmt::format("{}", std::chrono::duration<int, std::ratio<1, 30>>(3)) == "3[1/30]s");
}

TEST_CASE("a format takes it apart") {
  CHECK(fmt::format("{:%H:%M:%S}", 3h + 15min + 30s) == "03:15:30");
  CHECK(fmt::format("{:%S}", 1234ms) == "01.234");
  CHECK(fmt::format("{:%Q %q}", 250ms) == "250 ms");
}

TEST_CASE("a fraction takes a precision") { CHECK(fmt::format("{:.2}", std::chrono::duration<double>(1.2345)) == "1.23s"); }
