#include <doctest/doctest.h>

#include "base/ninja_lines.hpp"
#include "report/progress_line.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct Line {
  explicit Line(const Words& names) : suite(make_suite(names)) {
    RunStarted started{"r", &suite.tree, {}, 2, {}, ""};
    for (const Test& test : suite.tests) started.tests.push_back(&test);
    line.on(started);
  }
  Line& start(std::size_t test) {
    line.on(TestStarted{&suite.tests[test]});
    return *this;
  }
  Line& finish(std::size_t test, Status status) {
    TestResult result;
    result.test = &suite.tests[test];
    result.outcome.status = status;
    line.on(TestFinished{result});
    return *this;
  }
  std::string text(int columns = 80) const { return line.text(columns); }

  Suite suite;
  ProgressLine line;
};

}  // namespace

TEST_CASE("how far the tests are, and which run") {
  Line line({"a", "b", "c"});
  CHECK(line.text() == "[run 0/3]");
  CHECK(line.start(0).start(1).text() == "[run 0/3] a, b");
  CHECK(line.finish(0, Status::passed).text() == "[run 1/3] b");
  CHECK(line.finish(1, Status::crashed).text() == "[run 2/3, 1 failed]");
}

TEST_CASE("the build stands before the tests while it goes on") {
  Line line({"a", "b"});
  line.line.on(BuildStarted{});
  CHECK(line.text() == "[compile 0] [run 0/2]");
  line.line.on(BuildMeasured{6});
  const BuildStep step{.target = "t_a"};
  line.line.on(StepStarted{1, &step});
  CHECK(line.text() == "[compile 0/6] [run 0/2] t_a");
  line.line.on(StepFinished{1, &step, {}, {}});
  CHECK(line.text() == "[compile 1/6] [run 0/2]");
  line.line.on(BuildFinished{});
  CHECK(line.start(0).text() == "[run 0/2] a");
}

TEST_CASE("a program whose points take its place runs no longer") {
  Line line({"a", "b"});
  line.start(0).start(1);
  const Suite cases = make_suite({"a/x", "a/y"});
  line.line.on(CasesListed{&line.suite.tests[0], {&cases.tests[0], &cases.tests[1]}});
  CHECK(line.text() == "[run 0/3] b");
}

TEST_CASE("a build tool that counts its commands counts those without a launcher too") {
  Line line({"a"});
  line.line.on(BuildStarted{});
  line.line.on(BuildOutput{"[0/2] Re-checking globbed directories..."});
  CHECK(line.text() == "[compile 0] [run 0/1]");
  line.line.on(BuildOutput{"[2/7] Generating x.h"});
  const BuildStep step{.target = "t"};
  line.line.on(StepFinished{1, &step, {}, {}});
  CHECK(line.text() == "[compile 2/7] [run 0/1]");
}

TEST_CASE("the line is as long as the terminal is wide, in characters") {
  Line line({"one", "zwölf", "x\ny"});
  line.start(0).start(1);
  CHECK(line.text(18) == "[run 0/3] one, zwö");
  CHECK(line.text(0).empty());
  CHECK(line.finish(1, Status::passed).start(2).text(99).find('\n') == std::string::npos);
}

TEST_CASE("ninja's own count") {
  CHECK(parse_ninja_status("[12/60] Building") == std::pair(12, 60));
  for (const char* line : {"", "[", "[1/2]", "[a/2] x", "[1/b] x", "1/2] x", "[100%] x", "x [1/2] y"})
    CHECK_FALSE(parse_ninja_status(line));
}
