#include <doctest/doctest.h>

#include "fakes.hpp"
#include "report/summary.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct Figures {
  double seconds = 0;
  std::uint64_t memory = 0;
  int user_ms = 0;
  int system_ms = 0;
};

TestResult result_of(const Test& test, const Figures& figures) {
  TestResult result{&test, {Status::passed, ""}};
  result.duration = Seconds(figures.seconds);
  result.usage.peak_rss_bytes = figures.memory;
  result.usage.user = std::chrono::milliseconds(figures.user_ms);
  result.usage.system = std::chrono::milliseconds(figures.system_ms);
  return result;
}

/// What the summary of a run prints in which `figures[i]` belongs to test i+1.
std::string summary_of(SummaryKind kind, const std::vector<Figures>& figures, std::size_t most = 10) {
  Words names;
  for (std::size_t i = 0; i < figures.size(); ++i) names.push_back(fmt::format("t{}", i + 1));
  const Suite suite = make_suite(names);
  std::string text = "\n";
  Summary summary({.write = [&](std::string_view part) { text += part; }, .kind = kind, .most = most});
  for (std::size_t i = 0; i < figures.size(); ++i) summary.on(TestFinished{result_of(suite.tests[i], figures[i])});
  CHECK(text == "\n");
  summary.on(RunFinished{});
  return text;
}

}  // namespace

TEST_CASE("the tests with the most memory, the worst first") {
  CHECK(summary_of(SummaryKind::memory, {{.memory = 1024}, {.memory = 3 * 1048576}, {.memory = 17}}) == R"(

The most memory at one time:
	   3.0 MiB    2 - t2
	   1.0 KiB    1 - t1
	      17 B    3 - t3
)");
}

TEST_CASE("CPU time is user and system time") {
  CHECK(summary_of(SummaryKind::cpu, {{.user_ms = 100, .system_ms = 150}, {.user_ms = 240}, {.seconds = 9}}) == R"(

The most CPU time:
	  0.25 sec    1 - t1
	  0.24 sec    2 - t2
)");
}

TEST_CASE("the longest tests") {
  CHECK(summary_of(SummaryKind::time, {{.seconds = 0.5}, {.seconds = 12}}) == R"(

The longest time:
	 12.00 sec    2 - t2
	  0.50 sec    1 - t1
)");
}

TEST_CASE("no more than so many are named, equal ones by number") {
  CHECK(summary_of(SummaryKind::time, {{.seconds = 1}, {.seconds = 1}, {.seconds = 1}}, 2) == R"(

The longest time:
	  1.00 sec    1 - t1
	  1.00 sec    2 - t2
)");
  const std::string text = summary_of(SummaryKind::time, std::vector<Figures>(50, Figures{.seconds = 1}));
  CHECK(std::count(text.begin(), text.end(), '\n') == 13);
}

TEST_CASE("figures that are not known are not named") {
  CHECK(summary_of(SummaryKind::memory, {{.seconds = 1}}) == "\n\nThe most memory at one time:\n\tnot known of any test\n");
  CHECK(summary_of(SummaryKind::time, {}) == "\n\nThe longest time:\n\tnot known of any test\n");
}

TEST_CASE("a test that ran twice counts with its worst") {
  const Suite suite = make_suite({"a"});
  std::string text;
  Summary summary({.write = [&](std::string_view part) { text += part; }, .kind = SummaryKind::time});
  summary.on(TestFinished{result_of(suite.tests[0], {.seconds = 2})});
  summary.on(TestFinished{result_of(suite.tests[0], {.seconds = 1})});
  summary.on(RunFinished{});
  CHECK(text == "\nThe longest time:\n\t  2.00 sec    1 - a\n");
}
