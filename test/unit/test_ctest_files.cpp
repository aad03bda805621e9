#include <doctest/doctest.h>

#include "fakes.hpp"
#include "report/ctest_files.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

struct Files {
  explicit Files(const Words& names) : suite(make_suite(names)) {
    suite.tree.build_directory = dir.path().string();
    RunStarted event{"1", &suite.tree, {}, 2, FakeClock::k_start};
    for (const Test& test : suite.tests) event.tests.push_back(&test);
    files.on(event);
  }
  void finish(std::size_t id, Status status, double seconds = 1, const std::string& output = "") {
    TestResult result{&suite.tests[id], {status, "the reason"}};
    result.started = FakeClock::k_start;
    result.duration = Seconds(seconds);
    if (!output.empty()) {
      result.log = (dir / "log").string();
      result.log_size = output.size();
      write(result.log, output);
    }
    files.on(TestFinished{result});
  }
  std::string end() {
    files.on(RunFinished{Seconds(1), FakeClock::k_start + std::chrono::minutes(2), 0});
    return message(files.finish());
  }
  fs::path path(const char* name) const { return dir / "Testing/Temporary" / name; }

  TempDir dir;
  Suite suite;
  CTestFiles files;
};

}  // namespace

TEST_CASE("LastTest.log is CTest's") {
  Files files({"a b"});
  files.suite.tests[0].command = {"/bin/x", "y z"};
  files.finish(0, Status::passed, 3725.014, "hello");
  CHECK(files.end() == "ok");
  CHECK(read(files.path("LastTest.log")) == R"(Start testing: Nov 21 04:43 UTC
----------------------------------------------------------
1/1 Testing: a b
1/1 Test: a b
Command: "/bin/x" "y z"
Directory: /
"a b" start time: Nov 21 04:43 UTC
Output:
----------------------------------------------------------
hello
<end of output>
Test time = 3725.01 sec
----------------------------------------------------------
Test Passed.
"a b" end time: Nov 21 05:45 UTC
"a b" time elapsed: 01:02:05
----------------------------------------------------------

End testing: Nov 21 04:45 UTC
)");
}

TEST_CASE("an output of up to a MiB is copied whole, and ends a line") {
  for (const std::size_t size : {1UL, 64UL * 1024, 64UL * 1024 + 1, 1024UL * 1024}) {
    Files files({"a"});
    const std::string output(size, 'x');
    files.finish(0, Status::failed, 1, output);
    CHECK(files.end() == "ok");
    CHECK(read(files.path("LastTest.log")).find("-\n" + output + "\n<end of output>") != std::string::npos);
  }
}

TEST_CASE("of a larger output the log gets the ends, and where the whole is") {
  for (const auto& [status, most] : {std::pair{Status::passed, 1024UL * 1024}, std::pair{Status::failed, 1024UL * 1024}}) {
    Files files({"a"});
    files.finish(0, status, 1, "first " + std::string(std::size_t{3} * 1024 * 1024, 'x') + " last");
    CHECK(files.end() == "ok");
    const std::string log = read(files.path("LastTest.log"));
    CHECK(log.size() > most);
    CHECK(log.size() < most + 2048);
    CHECK(log.find("-\nfirst xxx") != std::string::npos);
    CHECK(log.find("xxx last\n<end of output>") != std::string::npos);
  }
}

TEST_CASE("an output that is gone does not lose the log") {
  Files files({"a"});
  TestResult result{&files.suite.tests[0], {Status::passed, ""}};
  result.log = "/no/log";
  result.log_size = 5;
  files.files.on(TestFinished{result});
  CHECK(files.end() == "ok");
  CHECK(read(files.path("LastTest.log")).find("-\nreading /no/log: No such file or directory\n<end of output>") != std::string::npos);
}

TEST_CASE("a test that did not run has its reason as output") {
  Files files({"a"});
  files.finish(0, Status::not_run);
  files.end();
  CHECK(read(files.path("LastTest.log")).find("the reason\n<end of output>") != std::string::npos);
  CHECK(read(files.path("LastTest.log")).find("Test Failed.\n") != std::string::npos);
}

TEST_CASE("a leaked test passed, and its log says what it left") {
  Files files({"a"});
  TestResult result{&files.suite.tests[0], {Status::leaked, "the reason"}};
  result.duration = Seconds(2);
  result.left = {{4711, "sleep 1000"}};
  files.files.on(TestFinished{result});
  CHECK(files.end() == "ok");
  const std::string log = read(files.path("LastTest.log"));
  CHECK(log.find("left running, killed: 4711 sleep 1000\n<end of output>") != std::string::npos);
  CHECK(log.find("Test Passed.\n") != std::string::npos);
  CHECK(read(files.path("CTestCostData.txt")) == "a 1 2\n---\n");
  CHECK_FALSE(fs::exists(files.path("LastTestsFailed.log")));
}

TEST_CASE("stderr that was kept apart and the stacks follow the output") {
  Files files({"a"});
  TestResult result{&files.suite.tests[0], {Status::idle_timed_out, "the reason"}};
  result.log = (files.dir / "out").string();
  result.log_size = 3;
  result.error_log = (files.dir / "err").string();
  result.stacks = "#0 main";
  write(result.log, "out");
  write(result.error_log, "err\n");
  files.files.on(TestFinished{result});
  files.end();
  CHECK(read(files.path("LastTest.log")).find("\nout\nerr\n#0 main\n<end of output>") != std::string::npos);
  CHECK(read(files.path("LastTestsFailed.log")) == "1:a\n");
  CHECK(read(files.path("CTestCostData.txt")) == "a 0 0\n---\na\n");
}

TEST_CASE("LastTestsFailed.log has number and name of what failed, by number") {
  Files files({"a", "b", "c", "d"});
  files.finish(2, Status::timed_out);
  files.finish(0, Status::failed);
  files.finish(1, Status::passed);
  files.finish(3, Status::skipped);
  CHECK(files.end() == "ok");
  CHECK(read(files.path("LastTestsFailed.log")) == "1:a\n3:c\n");
  CHECK(read(files.path("LastTestsDisabled.log")) == "4:d\n");
}

TEST_CASE("lists with nothing in them are no files, also when there were some") {
  Files files({"a"});
  write(files.path("LastTestsFailed.log"), "1:a\n");
  files.finish(0, Status::passed);
  CHECK(files.end() == "ok");
  CHECK_FALSE(fs::exists(files.path("LastTestsFailed.log")));
  CHECK_FALSE(fs::exists(files.path("LastTestsDisabled.log")));
}

TEST_CASE("the times of passed tests go into CTestCostData.txt") {
  Files files({"a", "b"});
  write(files.path("CTestCostData.txt"), "a 1 3\n---\nold failed\n");
  files.finish(0, Status::passed, 1);
  files.finish(1, Status::failed, 1);
  files.end();
  CHECK(read(files.path("CTestCostData.txt")) == "a 2 2\nb 0 0\n---\nb\n");
}

TEST_CASE("before the end the files of the last run stay as they are") {
  Files files({"a"});
  write(files.path("LastTest.log"), "old");
  write(files.path("LastTestsFailed.log"), "old");
  files.finish(0, Status::failed);
  CHECK(read(files.path("LastTest.log")) == "old");
  CHECK(read(files.path("LastTestsFailed.log")) == "old");
}

TEST_CASE("a build directory that cannot be written is told at the end, once") {
  const TempDir dir;
  write(dir / "file", "");
  Suite suite = make_suite({"a"});
  suite.tree.build_directory = (dir / "file").string();
  CTestFiles files;
  files.on(RunStarted{"1", &suite.tree, {&suite.tests[0]}, 1, FakeClock::k_start});
  files.on(TestFinished{{&suite.tests[0], {}}});
  files.on(RunFinished{});
  CHECK(message(files.finish()).starts_with("creating " + (dir / "file/Testing/Temporary").string()));
}

TEST_CASE("costs are averaged and kept, names with spaces too") {
  struct Row {
    std::string old_text;
    std::vector<CostUpdate> updates;
    std::vector<std::string_view> failed;
    std::string text;
  };
  for (const Row& row : {
           Row{"", {}, {}, "---\n"},
           Row{"", {{"a", 2.5}}, {}, "a 1 2.5\n---\n"},
           Row{"a 3 1\n---\n", {{"a", 5.0}}, {}, "a 4 2\n---\n"},
           Row{"a 3 1\n---\n", {{"a", std::nullopt}}, {"a"}, "a 3 1\n---\na\n"},
           Row{"other 3 1\n---\nother\n", {{"a", 1.0}}, {}, "other 3 1\na 1 1\n---\n"},
           Row{"a b 12 1 2\n---\n", {{"a b 12", 4.0}}, {}, "a b 12 2 3\n---\n"},
           Row{"broken\nx y\nz 1 q\n 1 2\na 1 1\n---\n", {}, {}, " 1 2\na 1 1\n---\n"},
           Row{"a 1 1\na 5 9\n---\n", {}, {}, "a 1 1\n---\n"},
           Row{"a 1 1\n", {}, {}, "a 1 1\n---\n"},
           Row{"---\na 1 1\n", {}, {}, "---\n"},
           Row{"", {{"a", 0.000012345678}}, {}, "a 1 1.23457e-05\n---\n"},
       }) {
    CAPTURE(row.old_text);
    CHECK(update_costs(row.old_text, row.updates, row.failed) == row.text);
  }
}

TEST_CASE("costs cut at any place are no harm") {
  const std::string text = "a 1 1\nb c 2 0.5\n---\nb c\n";
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(update_costs(text.substr(0, size), {{"a", 1.0}}, {}).find("a ") != std::string::npos);
}
