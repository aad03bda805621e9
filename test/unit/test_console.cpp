#include <doctest/doctest.h>

#include <csignal>

#include "fakes.hpp"
#include "report/console.hpp"
#include "report/ctest_words.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct Screen {
  explicit Screen(bool colour = false)
      : console({.write = [this](std::string_view part) { text += part; }, .colour = colour, .most_output = 64}) {}

  void start(const Suite& suite) {
    RunStarted event{&suite.tree, {}, 2, FakeClock::k_start};
    for (const Test& test : suite.tests) event.tests.push_back(&test);
    console.on(event);
  }
  void finish(const Test& test, Status status, double seconds, std::string reason = "") {
    TestResult result{&test, {status, std::move(reason)}};
    result.duration = Seconds(seconds);
    console.on(TestFinished{result});
  }
  /// What was printed since the last call.
  std::string printed() { return "\n" + std::exchange(text, {}); }

  std::string text;
  Console console;
};

TestResult result_of(Status status, int signal_number = 0) {
  TestResult result;
  result.outcome.status = status;
  if (signal_number != 0) result.exit = ExitStatus{ExitStatus::Kind::signaled, signal_number};
  return result;
}

}  // namespace

TEST_CASE("a run looks as CTest's does") {
  const Suite suite = make_suite({"a", "longer name"});
  Screen screen;
  screen.start(suite);
  screen.console.on(TestStarted{&suite.tests[0]});
  screen.finish(suite.tests[0], Status::passed, 0.014);
  screen.console.on(TestStarted{&suite.tests[1]});
  screen.finish(suite.tests[1], Status::passed, 12.5);
  screen.console.on(RunFinished{Seconds(12.514), FakeClock::k_start, 0});
  CHECK(screen.printed() == R"(
Test project /b
    Start 1: a
1/2 Test #1: a ................................   Passed    0.01 sec
    Start 2: longer name
2/2 Test #2: longer name ......................   Passed   12.50 sec

100% tests passed, 0 tests failed out of 2

Total Test time (real) =  12.51 sec
)");
}

TEST_CASE("numbers are aligned to the largest") {
  Suite suite = make_suite({"a", "b"});
  suite.tests[1].number = 123;
  Screen screen;
  screen.start(suite);
  screen.printed();
  screen.console.on(TestStarted{&suite.tests[0]});
  screen.finish(suite.tests[0], Status::passed, 0);
  CHECK(screen.printed() == R"(
    Start   1: a
1/2 Test   #1: a ................................   Passed    0.00 sec
)");
}

TEST_CASE("names are aligned to the longest") {
  const Suite suite = make_suite({"a", std::string(40, 'x')});
  Screen screen;
  screen.start(suite);
  screen.printed();
  screen.finish(suite.tests[0], Status::passed, 0);
  screen.finish(suite.tests[1], Status::passed, 0);
  CHECK(screen.printed() == R"(
1/2 Test #1: a ..........................................   Passed    0.00 sec
2/2 Test #2: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ...   Passed    0.00 sec
)");
}

TEST_CASE("a failed test shows why, its output and where its log is") {
  const TempDir dir;
  const std::string log = (dir / "a.log").string();
  write(log, "it went wrong");
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[0], {Status::failed, "exit code 1"}};
  result.log = log;
  result.log_size = 13;
  screen.console.on(TestFinished{result});
  CHECK(screen.printed() == fmt::format(R"(
1/1 Test #1: a ................................***Failed    0.00 sec
      exit code 1
it went wrong
      Log: {}

)",
                                        log));
}

TEST_CASE("a long output is cut in the middle") {
  const TempDir dir;
  const std::string log = (dir / "a.log").string();
  write(log, "begin" + std::string(1000, '.') + "end\n");
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[0], {Status::failed, ""}};
  result.log = log;
  result.log_size = 1009;
  screen.console.on(TestFinished{result});
  const std::string text = screen.printed();
  CHECK(text.find("begin...........\n[... 945 bytes are left out here") != std::string::npos);
  CHECK(text.find("...end\n      Log: ") != std::string::npos);
}

TEST_CASE("a test that was not built shows the compiler's words") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[0], {Status::build_failed, "build failed"}};
  result.build_output = "a.cpp:1: error";
  screen.console.on(TestFinished{result});
  CHECK(screen.printed() == R"(
1/1 Test #1: a ................................***Not Run (Build failed)   0.00 sec
      build failed
a.cpp:1: error

)");
}

TEST_CASE("a test that was not built names its target when the compiler's words stand above") {
  Suite suite = make_suite({"a", "b"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].targets = {"x", "y"};
  Screen screen;
  screen.start(suite);
  screen.console.on(BuildOutput{"a.cpp:1: error"});
  screen.printed();
  for (const Test& test : suite.tests) {
    TestResult result{&test, {Status::build_failed, "build failed"}};
    result.build_output = "a.cpp:1: error\n";
    screen.console.on(TestFinished{result});
  }
  CHECK(screen.printed() == R"(
1/2 Test #1: a ................................***Not Run (Build failed)   0.00 sec
      build failed: target x; see the build's output above

2/2 Test #2: b ................................***Not Run (Build failed)   0.00 sec
      build failed: one of the targets x, y; see the build's output above

)");
}

TEST_CASE("why the build tool did not start is shown once") {
  Suite suite = make_suite({"a"});
  suite.tests[0].targets = {"x"};
  Screen screen;
  screen.start(suite);
  screen.console.on(BuildFinished{false, Seconds(0), "no ninja"});
  TestResult result{&suite.tests[0], {Status::build_failed, "build failed"}};
  result.build_output = "no ninja";
  screen.console.on(TestFinished{result});
  const std::string text = screen.printed();
  CHECK(text.find("no ninja") == text.rfind("no ninja"));
}

TEST_CASE("one empty line stands before the summary") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::failed, 0, "exit code 1");
  screen.console.on(RunFinished{Seconds(0), FakeClock::k_start, 0});
  CHECK(screen.printed().find("exit code 1\n\n0% tests passed") != std::string::npos);
}

TEST_CASE("the end lists what failed and what did not run, by number") {
  const Suite suite = make_suite({"a", "b", "c", "d", "e"});
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[3], Status::timed_out, 1);
  screen.finish(suite.tests[1], Status::failed, 0);
  screen.finish(suite.tests[0], Status::passed, 0);
  screen.finish(suite.tests[4], Status::disabled, 0);
  screen.finish(suite.tests[2], Status::skipped, 0);
  screen.printed();
  screen.console.on(RunFinished{Seconds(1), FakeClock::k_start, 0});
  CHECK(screen.printed() == R"(

50% tests passed, 2 tests failed out of 4

Total Test time (real) =   1.00 sec

The following tests did not run:
	  3 - c (Skipped)
	  5 - e (Disabled)

The following tests FAILED:
	  2 - b (Failed)
	  4 - d (Timeout)
)");
}

TEST_CASE("one failure of very many is not 100 percent, and one pass not 0 by much") {
  Words names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("t{}", i));
  const Suite suite = make_suite(names);
  Screen screen;
  screen.start(suite);
  for (const Test& test : suite.tests) screen.finish(test, test.number == 1 ? Status::failed : Status::passed, 0);
  screen.printed();
  screen.console.on(RunFinished{});
  CHECK(screen.printed().starts_with("\n\n99% tests passed, 1 tests failed out of 1000\n"));
}

TEST_CASE("labels are summed up with the processors their tests took") {
  Suite suite = make_suite({"a", "b", "off"});
  suite.tests[0].labels = {"slow", "net"};
  suite.tests[0].requirements.processors = 2;
  suite.tests[1].labels = {"slow"};
  suite.tests[2].labels = {"slow", "never"};
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::passed, 1.5);
  screen.finish(suite.tests[1], Status::passed, 0.25);
  screen.finish(suite.tests[2], Status::disabled, 0);
  screen.printed();
  screen.console.on(RunFinished{});
  CHECK(screen.printed().find("\nLabel Time Summary:\n"
                              "net   =   3.00 sec*proc (1 test)\n"
                              "never =   0.00 sec*proc (1 test)\n"
                              "slow  =   3.25 sec*proc (3 tests)\n"
                              "\nTotal Test time") != std::string::npos);
}

TEST_CASE("an interrupted run says how far it came") {
  const Suite suite = make_suite({"a", "b"});
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::passed, 0);
  screen.console.on(RunFinished{Seconds(0), FakeClock::k_start, SIGINT});
  CHECK(screen.printed().ends_with("\nInterrupted by SIGINT: 1 of 2 tests have a result.\n"));
}

TEST_CASE("a run without any result claims no percentage") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.console.on(RunFinished{Seconds(0), FakeClock::k_start, SIGINT});
  CHECK(screen.printed().find('%') == std::string::npos);
}

TEST_CASE("the build's lines are shown without ninja's chatter") {
  Screen screen;
  screen.console.on(BuildOutput{"ninja: Entering directory `/b'"});
  screen.console.on(BuildOutput{"[1/2] Building"});
  screen.console.on(BuildOutput{"ninja: no work to do."});
  screen.console.on(BuildFinished{true, Seconds(1), ""});
  CHECK(screen.printed() == "\n[1/2] Building\n");
  screen.console.on(BuildFinished{false, Seconds(1), "no ninja"});
  CHECK(screen.printed() == "\nno ninja\nThe build failed; the tests that need what is missing do not run.\n");
}

TEST_CASE("colours stand around the result and nothing else") {
  const Suite suite = make_suite({"a"});
  Screen screen(true);
  screen.start(suite);
  screen.printed();
  screen.finish(suite.tests[0], Status::passed, 0);
  CHECK(screen.printed() == "\n1/1 Test #1: a ................................\x1b[32m   Passed  \x1b[0m  0.00 sec\n");
}

TEST_CASE("every outcome has CTest's words in its line and in the list") {
  struct Row {
    TestResult result;
    std::string column;
    std::string word;
  };
  for (const Row& row : {
           Row{result_of(Status::passed), "   Passed  ", "Passed"},
           Row{result_of(Status::failed), "***Failed  ", "Failed"},
           Row{result_of(Status::timed_out), "***Timeout ", "Timeout"},
           Row{result_of(Status::skipped), "***Skipped ", "Skipped"},
           Row{result_of(Status::disabled), "***Not Run (Disabled) ", "Disabled"},
           Row{result_of(Status::not_run), "***Not Run ", "Not Run"},
           Row{result_of(Status::build_failed), "***Not Run (Build failed) ", "Not Run: build failed"},
           Row{result_of(Status::interrupted), "***Interrupted ", "Interrupted"},
           Row{result_of(Status::crashed, SIGSEGV), "***Exception: SegFault", "SEGFAULT"},
           Row{result_of(Status::crashed, SIGILL), "***Exception: Illegal", "ILLEGAL"},
           Row{result_of(Status::crashed, SIGFPE), "***Exception: Numerical", "NUMERICAL"},
           Row{result_of(Status::crashed, SIGINT), "***Exception: Interrupt", "INTERRUPT"},
           Row{result_of(Status::crashed, SIGABRT), "Subprocess aborted***Exception: ", "Subprocess aborted"},
           Row{result_of(Status::crashed, SIGKILL), "Subprocess killed***Exception: ", "Subprocess killed"},
           Row{result_of(Status::crashed, SIGUSR1), "SIGUSR1***Exception: ", "SIGUSR1"},
       }) {
    CHECK(result_column(row.result) == row.column);
    CHECK(list_word(row.result) == row.word);
  }
}

TEST_CASE("times in reports") {
  CHECK(short_time(FakeClock::k_start) == "Nov 21 04:43 UTC");
  CHECK(iso_time(FakeClock::k_start) == "2026-11-21T04:43:27");
}

TEST_CASE("decimal_width counts columns") {
  CHECK(decimal_width(0) == 1);
  CHECK(decimal_width(9) == 1);
  CHECK(decimal_width(10) == 2);
  CHECK(decimal_width(12345) == 5);
}
