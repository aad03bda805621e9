#include <doctest/doctest.h>

#include "build_steps.hpp"
#include "fakes.hpp"
#include "report/compile_summary.hpp"
#include "report/summary.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// What the summary of a run prints with this build.
std::string summary_of(const std::vector<Built>& steps, std::size_t most = 10) {
  std::string text = "\n";
  CompileSummary summary({.write = [&](std::string_view part) { text += part; }, .most = most});
  StepId id = 0;
  for (const Built& step : steps) {
    // It lives as long as the event.
    const auto what = std::make_unique<BuildStep>(step.what);
    summary.on(StepStarted{++id, what.get()});
    summary.on(StepFinished{id, what.get(), step.result, FakeClock::k_start});
  }
  CHECK(text == "\n");
  summary.on(RunFinished{});
  return text;
}

}  // namespace

TEST_CASE("the targets that took longest to compile, with their links, memory and warnings") {
  CHECK(summary_of({{compiles("app", "a.cpp"), took(1.25, 3 * 1048576, 1)},
                    {compiles("long", "a.cpp"), took(4, 1024)},
                    {links("app"), took(0.5, 17 * 1048576, 1)},
                    {compiles("app", "b.cpp"), took(2.25, 5 * 1048576, 3)},
                    {links("relinked"), took(12)}}) == R"(

The longest time to compile:
	    compile         link      memory  warnings  target
	   4.00 sec     0.00 sec     1.0 KiB         0  long
	   3.50 sec     0.50 sec    17.0 MiB         5  app
	   0.00 sec    12.00 sec           -         0  relinked
)");
}

TEST_CASE("commands that failed took their time; of one that was lost nothing is known") {
  CHECK(summary_of({{compiles("app", "a.cpp"), failed_after(2)}, {compiles("other", "a.cpp"), lost()}}) == R"(

The longest time to compile:
	    compile         link      memory  warnings  target
	   2.00 sec     0.00 sec           -         0  app
)");
}

TEST_CASE("no more targets than so many are named, equal ones by name") {
  CHECK(summary_of({{compiles("b", "1"), took(1)}, {compiles("c", "1"), took(1)}, {compiles("a", "1"), took(1)}}, 2) == R"(

The longest time to compile:
	    compile         link      memory  warnings  target
	   1.00 sec     0.00 sec           -         0  a
	   1.00 sec     0.00 sec           -         0  b
)");
  std::vector<Built> many;
  for (int i = 0; i < 50; ++i) many.push_back({compiles(fmt::format("t{}", i), "a.cpp"), took(i)});
  const std::string text = summary_of(many);
  CHECK(std::count(text.begin(), text.end(), '\n') == 14);
  CHECK(text.ends_with(" t40\n"));
}

TEST_CASE("a build without a command says so") {
  CHECK(summary_of({}) == "\n\nThe longest time to compile:\n\tnothing was compiled\n");
  CHECK(summary_of({{compiles("app", "a.cpp"), lost()}}) == "\n\nThe longest time to compile:\n\tnothing was compiled\n");
}

TEST_CASE("the kind of a summary decides who makes it") {
  const Suite suite = make_suite({"a"});
  const BuildStep step = compiles("app", "a.cpp");
  const auto text_of = [&](SummaryKind kind) {
    std::string text;
    const std::unique_ptr<Reporter> summary = make_summary({.write = [&](std::string_view part) { text += part; }, .kind = kind});
    summary->on(StepFinished{1, &step, took(3), FakeClock::k_start});
    TestResult result{&suite.tests[0], {Status::passed, ""}};
    result.duration = Seconds(2);
    summary->on(TestFinished{result});
    summary->on(RunFinished{});
    return text;
  };
  CHECK(text_of(SummaryKind::time) == "\nThe longest time:\n\t  2.00 sec    1 - a\n");
  CHECK(text_of(SummaryKind::compile) ==
        "\nThe longest time to compile:\n"
        "\t    compile         link      memory  warnings  target\n"
        "\t   3.00 sec     0.00 sec           -         0  app\n");
}
