#include <doctest/doctest.h>

#include "base/json.hpp"
#include "fakes.hpp"
#include "report/event_json.hpp"
#include "report/journal_run.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string text_of(const Event& event) {
  std::string text;
  append_event(text, event, FakeClock::k_start);
  return text;
}

}  // namespace

TEST_CASE("a test that starts tells the limits that hold") {
  Suite suite = make_suite({"a"});
  const auto limits = [&] { return dump_json(Json::parse(text_of(TestStarted{&suite.tests[0], 1, 0, FakeClock::k_start})).at("limits")); };
  CHECK(limits() == "{}");
  Limits& set = suite.tests[0].limits;
  for (const LimitInfo& info : k_limits) set[info.kind] = 1 + static_cast<double>(info.kind);
  set[LimitKind::timeout] = 2.5;
  set[LimitKind::memory] = 2147483648.0;
  set[LimitKind::stack] = 0;
  set[LimitKind::nice] = -5;
  CHECK(limits() == R"({"core_size":8,"cpu_time":3,"cpus":15,"file_size":7,"idle_timeout":2,"io_read_bps":11,"io_read_iops":13,)"
                    R"("io_write_bps":12,"io_write_iops":14,"memory":2147483648,"nice":-5,"open_files":6,"output_size":10,"processes":5,)"
                    R"("timeout":2.5})");

  const Result<JournalRun> run = parse_events(text_of(TestStarted{&suite.tests[0], 1, 0, FakeClock::k_start}));
  REQUIRE_MESSAGE(run, message(run));
  Limits expected = set;
  expected[LimitKind::stack].reset();
  CHECK(run->limits.at("a").values == expected.values);
}

TEST_CASE("limits that an older or a later version wrote") {
  const auto limits_of = [](std::string_view member) {
    return parse_events(fmt::format(R"({{"v":1,"event":"test_started","name":"a"{}}})", member));
  };
  CHECK_FALSE(limits_of("")->limits.at("a").any());
  CHECK_FALSE(limits_of(R"(,"limits":{"hopes":5})")->limits.at("a").any());
  CHECK(limits_of(R"(,"limits":{"hopes":{},"nice":3})")->limits.at("a")[LimitKind::nice] == 3);
  CHECK(message(limits_of(R"(,"limits":{"memory":[]})")).starts_with("line 1: limits.memory: expected a number"));
  CHECK(message(limits_of(R"(,"limits":4)")).starts_with("line 1: limits: expected an object"));
}
