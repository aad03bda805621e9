// What --stress tells at its end.
#include <doctest/doctest.h>

#include "fakes.hpp"
#include "report/stress_summary.hpp"
#include "suite/stress.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// The summary of copies that ended so, in a run that was to last `time`.
std::string summary_of(const std::vector<std::pair<std::string, Status>>& ends, const RunFinished& end = {}, Seconds time = {}) {
  std::string text;
  StressSummary summary([&](std::string_view part) { text += part; }, original_name, time);
  std::vector<Test> tests;
  tests.reserve(ends.size());
  for (const auto& [name, status] : ends) {
    tests.push_back(make_test(1, name));
    summary.on(TestFinished{{&tests.back(), {status, ""}}});
  }
  summary.on(end);
  return text;
}

}  // namespace

TEST_CASE("failures are counted by test and by what they were, quarantined ones too") {
  CHECK(summary_of({{"a", Status::passed},
                    {"b", Status::quarantined},
                    {"a (2)", Status::timed_out},
                    {"b (2)", Status::quarantined},
                    {"a (3)", Status::failed},
                    {"b (3)", Status::passed},
                    {"a (4)", Status::interrupted}}) == R"(
Failures under stress:
	a: 2 of 3 failed (66.7 %): 1 Failed, 1 Timeout
	b: 2 of 3 failed (66.7 %): 2 Quarantined
)");
}

TEST_CASE("copies that ended before the time was over are named") {
  RunFinished end;
  end.duration = Seconds(4.25);
  CHECK(summary_of({{"a", Status::passed}, {"a (2)", Status::passed}}, end, Seconds(300)).ends_with(R"((0.0 %)
All 2 copies had run after 4.2 of 300 s; --stress with a number runs more.
)"));
  CHECK(summary_of({{"a", Status::passed}}, end).ends_with("(0.0 %)\n"));
  end.stopped_by = "by --stress (300 s are over)";
  CHECK(summary_of({{"a", Status::passed}}, end, Seconds(300)).ends_with("(0.0 %)\n"));
}

TEST_CASE("copies of several tests, one after the other of all of them") {
  const Suite suite = make_suite({"a", "b"});
  const Stressed stressed = stress(suite, {0, 1}, 2);
  Words names;
  for (const Test& test : stressed.suite.tests) names.push_back(test.name);
  CHECK(show(names) == "[a][b][a (2)][b (2)]");
  CHECK(original_name(stressed.suite.tests[3]) == "b");
}
