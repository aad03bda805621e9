#include <doctest/doctest.h>

#include <csignal>

#include "fakes.hpp"
#include "report/console.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct Screen {
  explicit Screen(bool colour = false)
      : console({.write = [this](std::string_view part) { text += part; }, .colour = colour, .most_output = 64}) {}

  void start(const Suite& suite) {
    RunStarted event{"1", &suite.tree, {}, 2, FakeClock::k_start};
    for (const Test& test : suite.tests) event.tests.push_back(&test);
    console.on(event);
  }
  void on(const Event& event) {
    console.on(event);
    console.flush();
  }
  void notice(std::string notice_text) { console.on(Notice{std::move(notice_text)}); }
  void finish(const Test& test, Status status, double seconds, std::string reason = "") {
    TestResult result{&test, {status, std::move(reason)}};
    result.duration = Seconds(seconds);
    on(TestFinished{result});
  }
  /// What was printed since the last call.
  std::string printed() { return "\n" + std::exchange(text, {}); }

  std::string text;
  Console console;
};

StepFinished failed(const BuildStep& step, std::string words) {
  StepResult result;
  result.exit.code = 1;
  return {1, &step, result, {}, std::move(words)};
}

}  // namespace

TEST_CASE("a run looks as CTest's does") {
  const Suite suite = make_suite({"a", "longer name"});
  Screen screen;
  screen.start(suite);
  screen.on(TestStarted{&suite.tests[0]});
  screen.finish(suite.tests[0], Status::passed, 0.014);
  screen.on(TestStarted{&suite.tests[1]});
  screen.finish(suite.tests[1], Status::passed, 12.5);
  screen.on(RunFinished{Seconds(12.514), FakeClock::k_start, 0});
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
  screen.on(TestStarted{&suite.tests[0]});
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
  screen.on(TestFinished{result});
  CHECK(screen.printed() == fmt::format(R"(
1/1 Test #1: a ................................***Failed    0.00 sec
      exit code 1
it went wrong
      Log: {}

)",
                                        log));
}

TEST_CASE("a failed test shows all that is known of its end") {
  const TempDir dir;
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[0], {Status::timed_out, "no end within 1 s"}};
  result.log = (dir / "a.log").string();
  result.log_size = 4;
  result.error_log = (dir / "a.err").string();
  write(result.log, "out\n");
  write(result.error_log, "err");
  result.left = {{4711, "sleep 1000"}, {4712, "sh -c 'a\n\x1b[31mb'"}};
  result.stacks = "Thread 1:\n#0 main";
  result.core_file = "/b/core";
  result.kept_temporary = "/b/tmp/a";
  screen.on(TestFinished{result});
  CHECK(screen.printed() == fmt::format(R"(
1/1 Test #1: a ................................***Timeout   0.00 sec
      no end within 1 s
out
err
      left running, killed: 4711 sleep 1000
      left running, killed: 4712 sh -c 'a\nb'
      Thread 1:
      #0 main
      Core dump: /b/core
      Temporary files: /b/tmp/a
      Log: {0}.log
      Error log: {0}.err

)",
                                        (dir / "a").string()));
}

TEST_CASE("a leaked test shows what it left and stands in a list of its own") {
  const Suite suite = make_suite({"a", "b"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[1], {Status::leaked, "left 2 processes running"}};
  result.left = {{4711, "sleep 1000"}, {4712, "[kworker]"}};
  screen.on(TestFinished{result});
  screen.finish(suite.tests[0], Status::passed, 0);
  CHECK(screen.printed() == R"(
1/2 Test #2: b ................................   Passed (leaked)   0.00 sec
      left running, killed: 4711 sleep 1000
      left running, killed: 4712 [kworker]
2/2 Test #1: a ................................   Passed    0.00 sec
)");
  screen.on(RunFinished{});
  CHECK(screen.printed() == R"(

100% tests passed, 0 tests failed out of 2

Total Test time (real) =   0.00 sec

The following tests left processes running:
	  2 - b (Leaked)
)");
}

TEST_CASE("very many left processes are not all named") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  TestResult result{&suite.tests[0], {Status::leaked, ""}};
  result.left.assign(200, {7, "x"});
  screen.on(TestFinished{result});
  const std::string text = screen.printed();
  CHECK(std::count(text.begin(), text.end(), '\n') == 23);
  CHECK(text.ends_with("\n      left running, killed: 180 more\n"));
}

TEST_CASE("a test that will run again says why") {
  const Suite suite = make_suite({"a", "b"});
  Screen screen;
  screen.start(suite);
  screen.printed();
  screen.on(TestStarted{&suite.tests[1]});
  screen.on(TestRequeued{&suite.tests[1], "memory: 210.0 MiB available, below 512.0 MiB"});
  CHECK(screen.printed() == R"(
    Start 2: b
    Requeued 2: b, to run alone later (memory: 210.0 MiB available, below 512.0 MiB)
)");
}

TEST_CASE("a notice is shown as it is, with as many lines as it has") {
  Screen screen;
  screen.notice("removed what an earlier run left");
  screen.notice("2 tests run:\n  a  1 s\n  b  2 s\n");
  CHECK(screen.printed() == R"(
removed what an earlier run left
2 tests run:
  a  1 s
  b  2 s
)");
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
  screen.on(TestFinished{result});
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
  screen.on(TestFinished{result});
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
  screen.on(BuildOutput{"a.cpp:1: error"});
  screen.printed();
  for (const Test& test : suite.tests) {
    TestResult result{&test, {Status::build_failed, "build failed"}};
    result.build_output = "a.cpp:1: error\n";
    screen.on(TestFinished{result});
  }
  CHECK(screen.printed() == R"(
1/2 Test #1: a ................................***Not Run (Build failed)   0.00 sec
      build failed: target x; see the build's output above

2/2 Test #2: b ................................***Not Run (Build failed)   0.00 sec
      build failed: one of the targets x, y; see the build's output above

)");
}

TEST_CASE("the words of a compiler that told them stand at the test, and once") {
  Suite suite = make_suite({"a", "b"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].targets = {"y"};
  Screen screen;
  screen.start(suite);
  screen.on(BuildOutput{"[1/9] Building other", true});
  screen.printed();
  const BuildStep step{.target = "x", .output = "x.dir/a.cpp.o"};
  screen.on(failed(step, "c++ -c a.cpp\na.cpp:1: error\n"));
  TestResult result{&suite.tests[0], {Status::build_failed, "build failed"}};
  result.build_output = "c++ -c a.cpp\na.cpp:1: error\n";
  screen.on(TestFinished{result});
  for (const char* line : {"FAILED: [code=1] x.dir/a.cpp.o ", "c++ -c a.cpp", "a.cpp:1: error"}) screen.on(BuildOutput{line});
  screen.on(BuildOutput{"[2/9] Building b", true});
  for (const char* line : {"FAILED: y.dir/b.cpp.o", "b.cpp:1: error"}) screen.on(BuildOutput{line});
  CHECK(screen.printed() == R"(
1/2 Test #1: a ................................***Not Run (Build failed)   0.00 sec
      build failed
c++ -c a.cpp
a.cpp:1: error

[2/9] Building b
FAILED: y.dir/b.cpp.o
b.cpp:1: error
)");
}

TEST_CASE("a second source of a target that fails is shown when the build tool tells it") {
  Suite suite = make_suite({"a"});
  suite.tests[0].targets = {"x"};
  Screen screen;
  screen.start(suite);
  const BuildStep first{.target = "x", .output = "x.dir/a.o"};
  const BuildStep second{.target = "x", .output = "x.dir/b.o"};
  screen.on(failed(first, "a: error\n"));
  TestResult result{&suite.tests[0], {Status::build_failed, "build failed"}};
  result.build_output = "a: error\n";
  screen.on(TestFinished{result});
  screen.printed();
  screen.on(failed(second, "b: error\n"));
  for (const char* line : {"FAILED: x.dir/a.o", "a: error", "FAILED: x.dir/b.o", "b: error"}) screen.on(BuildOutput{line});
  CHECK(screen.printed() == "\nFAILED: x.dir/b.o\nb: error\n");
}

TEST_CASE("what failed of a target whose tests are disabled is shown when the build tool tells it") {
  Suite suite = make_suite({"off", "a"});
  suite.tests[0].targets = {"y"};
  suite.tests[1].targets = {"x"};
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::disabled, 0);
  const BuildStep step{.target = "y", .output = "y.dir/y.o"};
  screen.on(failed(step, "y: error\n"));
  for (const char* line : {"FAILED: y.dir/y.o", "y: error"}) screen.on(BuildOutput{line});
  TestResult result{&suite.tests[1], {Status::build_failed, "build failed"}};
  result.build_output = "y: error\n";
  screen.on(TestFinished{result});
  const std::string text = screen.printed();
  CHECK(text.find("FAILED: y.dir/y.o\ny: error\n") < text.find("build failed: target x; see the build's output above"));
}

TEST_CASE("make's rules that failed are shown at the test, and once") {
  Suite suite = make_suite({"a", "b"});
  suite.tree.build_directory = "/b";
  suite.tree.executables = {{"x", "/b/sub/x", "/b/sub"}, {"y", "/b/y", "/b"}};
  suite.tests[0].targets = {"x"};
  suite.tests[1].targets = {"y"};
  Screen screen;
  screen.start(suite);
  const BuildStep compile{.target = "x", .output = "CMakeFiles/x.dir/a.o"};
  const BuildStep link{.target = "y", .kind = BuildStep::Kind::link, .output = "y"};
  screen.on(failed(compile, "a: error\n"));
  screen.on(failed(link, "y: error\n"));
  for (const Test& test : suite.tests) {
    TestResult result{&test, {Status::build_failed, "build failed"}};
    result.build_output = test.name == "a" ? "a: error\n" : "y: error\n";
    screen.on(TestFinished{result});
  }
  screen.printed();
  const auto says = [&](const Words& lines) {
    for (const std::string& line : lines) screen.on(BuildOutput{line, line.starts_with("Building") || line.starts_with("Linking")});
    return screen.printed();
  };
  CHECK(says({"Building C object sub/CMakeFiles/x.dir/a.o", "a: error",
              "make[1]: *** [sub/CMakeFiles/x.dir/build.make:76: sub/CMakeFiles/x.dir/a.o] Error 1", "other"}) ==
        "\nBuilding C object sub/CMakeFiles/x.dir/a.o\nother\n");
  CHECK(says({"Linking C executable other/y", "warning"}) == "\nLinking C executable other/y\nwarning\n");
  CHECK(says({"Linking C executable y", "y: error", "make[1]: *** [CMakeFiles/y.dir/build.make:97: y] Error 1"}) ==
        "\nLinking C executable y\n");
  // A build in the build, of files of the same name.
  CHECK(says({"Building C object CMakeFiles/x.dir/a.o", "a: error"}) == "\nBuilding C object CMakeFiles/x.dir/a.o\na: error\n");
}

TEST_CASE("the build's colours are shown where there are any") {
  for (const bool colour : {true, false}) {
    Screen screen(colour);
    screen.on(BuildOutput{"\x1b[35mwarning\x1b[0m"});
    CHECK(screen.printed() == (colour ? "\n\x1b[35mwarning\x1b[0m\n" : "\nwarning\n"));
  }
}

TEST_CASE("on a terminal the last line says how far everything is, and goes when something is printed") {
  const Suite suite = make_suite({"a"});
  std::string text;
  Console console({.write = [&text](std::string_view part) { text += part; }, .columns = 60, .progress = true});
  RunStarted started{"1", &suite.tree, {&suite.tests[0]}, 2, FakeClock::k_start};
  console.on(started);
  console.on(BuildStarted{});
  console.on(BuildOutput{"[1/3] Building a", true});
  console.on(BuildOutput{"a.cpp:1: warning", false});
  console.on(BuildFinished{true});
  console.on(TestStarted{&suite.tests[0]});
  console.on(RunFinished{Seconds(1), FakeClock::k_start, 0});
  CHECK(text ==
        "Test project /b\n[run 0/1]"
        "\r\x1b[K[compile 0] [run 0/1]"
        "\r\x1b[K[compile 1/3] [run 0/1]"
        "\r\x1b[Ka.cpp:1: warning\n[compile 1/3] [run 0/1]"
        "\r\x1b[K[run 0/1]"
        "\r\x1b[K    Start 1: a\n[run 0/1] a"
        "\r\x1b[K\nTotal Test time (real) =   1.00 sec\n");
}

TEST_CASE("why the build tool did not start is shown once") {
  Suite suite = make_suite({"a"});
  suite.tests[0].targets = {"x"};
  Screen screen;
  screen.start(suite);
  screen.on(BuildFinished{false, Seconds(0), "no ninja"});
  TestResult result{&suite.tests[0], {Status::build_failed, "build failed"}};
  result.build_output = "no ninja";
  screen.on(TestFinished{result});
  const std::string text = screen.printed();
  CHECK(text.find("no ninja") == text.rfind("no ninja"));
}

TEST_CASE("one empty line stands before the summary") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::failed, 0, "exit code 1");
  screen.on(RunFinished{Seconds(0), FakeClock::k_start, 0});
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
  screen.on(RunFinished{Seconds(1), FakeClock::k_start, 0});
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
  screen.on(RunFinished{});
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
  screen.on(RunFinished{});
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
  screen.on(RunFinished{Seconds(0), FakeClock::k_start, SIGINT});
  CHECK(screen.printed().ends_with("\nInterrupted by SIGINT: 1 of 2 tests have a result.\n"));
}

TEST_CASE("a run that was stopped to protect the machine says why and how far it came") {
  const Suite suite = make_suite({"a", "b"});
  Screen screen;
  screen.start(suite);
  screen.finish(suite.tests[0], Status::passed, 0);
  screen.on(RunFinished{Seconds(0), FakeClock::k_start, 0, "to protect the machine (disk: 1.0 MiB free)"});
  CHECK(screen.printed().ends_with("\nStopped to protect the machine (disk: 1.0 MiB free): 1 of 2 tests have a result.\n"));
}

TEST_CASE("a run without any result claims no percentage") {
  const Suite suite = make_suite({"a"});
  Screen screen;
  screen.start(suite);
  screen.on(RunFinished{Seconds(0), FakeClock::k_start, SIGINT});
  CHECK(screen.printed().find('%') == std::string::npos);
}

TEST_CASE("the build's lines are shown without ninja's chatter") {
  Screen screen;
  screen.on(BuildOutput{"ninja: Entering directory `/b'"});
  screen.on(BuildOutput{"[1/2] Building"});
  screen.on(BuildOutput{"ninja: no work to do."});
  screen.on(BuildFinished{true, Seconds(1), ""});
  CHECK(screen.printed() == "\n[1/2] Building\n");
  screen.on(BuildFinished{false, Seconds(1), "no ninja"});
  CHECK(screen.printed() == "\nno ninja\nThe build failed; the tests that need what is missing do not run.\n");
}

TEST_CASE("colours stand around the result and nothing else") {
  const Suite suite = make_suite({"a"});
  Screen screen(true);
  screen.start(suite);
  screen.printed();
  screen.finish(suite.tests[0], Status::passed, 0);
  CHECK(screen.printed() == "\n1/1 Test #1: a ................................\x1b[32m   Passed  \x1b[0m  0.00 sec\n");
  screen.finish(suite.tests[0], Status::leaked, 0);
  CHECK(screen.printed().find("\x1b[33m   Passed (leaked) \x1b[0m") != std::string::npos);
  screen.finish(suite.tests[0], Status::memory_limit, 0);
  CHECK(screen.printed().find("\x1b[31m***Memory limit \x1b[0m") != std::string::npos);
}

TEST_CASE("cases are counted in the place of their executable, and that too when it fails by itself") {
  const Suite suite = make_suite({"a", "b"});
  const Suite cases = make_suite({"a/one", "a/two", "a/three"});
  Screen screen;
  screen.start(suite);
  screen.on(CasesListed{&suite.tests[0], {&cases.tests[0], &cases.tests[1], &cases.tests[2]}});
  screen.printed();
  screen.finish(cases.tests[0], Status::passed, 0);
  CHECK(screen.printed().find("1/4 Test #1: a/one ") != std::string::npos);
  screen.finish(suite.tests[0], Status::crashed, 0);
  CHECK(screen.printed().find("2/5 Test #1: a ") != std::string::npos);
}
