#include <doctest/doctest.h>
#include <sys/resource.h>

#include "process/mark.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string limits_with(const std::string& line) {
  return "Limit                     Soft Limit           Hard Limit           Units     \n"
         "Max cpu time              unlimited            unlimited            seconds   \n" +
         line + "\n";
}

std::string limits_with_value(std::uint64_t value) {
  return limits_with(fmt::format("Max realtime timeout      {:<20} unlimited            us        ", value));
}

}  // namespace

TEST_CASE("a mark that is set is the one that is read") {
  for (const Mark mark : {Mark{0, 0}, Mark{1, 1}, Mark{0xffffffffU, 0xffffffU}, Mark{run_mark("4711.99"), 17}}) {
    const auto limit = mark_limit(mark);
    REQUIRE(limit);
    CHECK(limit->resource == RLIMIT_RTTIME);
    CHECK(limit->soft < RLIM_INFINITY);
    CHECK(parse_mark(limits_with_value(limit->soft)) == mark);
  }
}

TEST_CASE("the serial number wraps round, and never changes the run") {
  CHECK(parse_mark(limits_with_value(mark_limit({7, 0x1000005U})->soft)) == Mark{7, 5});
}

TEST_CASE("what is no mark is none") {
  for (const std::string value : {"unlimited", "200000", "4611686018427387903", "9223372036854775807", "18446744073709551615", ""})
    CHECK_MESSAGE(!parse_mark(limits_with("Max realtime timeout      " + value)), value);
  CHECK_FALSE(parse_mark(""));
  CHECK_FALSE(parse_mark("Max realtime timeout"));
}

TEST_CASE("runs have different marks") { CHECK(run_mark("4711.100") != run_mark("4711.101")); }
