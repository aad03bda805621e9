#include <doctest/doctest.h>

#include <csignal>

#include "base/utf8.hpp"
#include "fakes.hpp"
#include "report/junit.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::string_literals;

namespace {

struct Report {
  explicit Report(const Suite& suite) {
    RunStarted event{"1", &suite.tree, {}, 2, FakeClock::k_start};
    for (const Test& test : suite.tests) event.tests.push_back(&test);
    junit.on(event);
  }
  void finish(const Test& test, Status status, std::string reason = "", const std::string& output = "") {
    TestResult result{&test, {status, std::move(reason)}};
    result.duration = Seconds(0.5);
    if (status == Status::crashed) result.exit = ExitStatus{ExitStatus::Kind::signaled, SIGSEGV};
    if (status == Status::build_failed) result.build_output = "a.cpp:1: error: <x>";
    if (!output.empty()) {
      result.log = (dir / fmt::format("{}.log", test.number)).string();
      result.log_size = output.size();
      write(result.log, output);
    }
    junit.on(TestFinished{result});
  }
  std::string text() {
    junit.on(RunFinished{Seconds(1.25), FakeClock::k_start, 0});
    const Result<void> done = junit.finish();
    REQUIRE_MESSAGE(done, message(done));
    return read(dir / "junit.xml");
  }

  TempDir dir;
  JUnit junit{{.path = dir / "junit.xml", .hostname = "h&st"}};
};

std::string first_case(Report& report) {
  const std::string text = report.text();
  const std::size_t start = text.find("    <testcase ");
  return "\n" + text.substr(start, text.find("  </testsuite>") - start);
}

std::string case_of(const Test& test, Status status, const std::string& reason = "", const std::string& output = "") {
  Suite suite = make_suite({});
  suite.tests.push_back(test);
  Report report(suite);
  report.finish(suite.tests[0], status, reason, output);
  return first_case(report);
}

std::string case_of(const Suite& suite, const TestResult& result) {
  Report report(suite);
  report.junit.on(TestFinished{result});
  return first_case(report);
}

/// Whether `xml` is well-formed, for the small part of XML that a JUnit file has; a message or "".
std::string fault_of(std::string_view xml) {
  Words open;
  if (!xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")) return "no declaration";
  xml.remove_prefix(xml.find('\n'));
  for (std::string_view rest = xml; !rest.empty();) {
    const Utf8Char character = decode_utf8(rest);
    const std::uint32_t c = character.code;
    if (!character.valid || (c < 0x20 && c != '\n' && c != '\t') || c == 0xfffe || c == 0xffff) return fmt::format("character {:x}", c);
    rest.remove_prefix(character.size);
  }
  while (!xml.empty()) {
    const std::size_t start = xml.find('<');
    const std::string_view data = xml.substr(0, start);
    if (data.find('>') != data.npos) return "stray >";
    if (start == xml.npos) break;
    const std::size_t end = xml.find('>', start);
    if (end == xml.npos) return "unfinished tag";
    const std::string_view tag = xml.substr(start + 1, end - start - 1);
    if (tag.find('<') != tag.npos || std::count(tag.begin(), tag.end(), '"') % 2 != 0) return fmt::format("bad tag {}", tag);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return fmt::format("unexpected {}", tag);
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
    xml.remove_prefix(end + 1);
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

}  // namespace

TEST_CASE("the limits that held for a test that ran") {
  Suite suite = make_suite({"a"});
  suite.tests[0].limits[LimitKind::timeout] = 2.5;
  suite.tests[0].limits[LimitKind::memory] = 1048576;
  suite.tests[0].limits[LimitKind::stack] = 0;
  const std::string limits =
      "        <property name=\"limit.timeout\" value=\"2.5\"/>\n"
      "        <property name=\"limit.memory\" value=\"1048576\"/>\n"
      "      </properties>\n";
  TestResult result{&suite.tests[0], {Status::passed, ""}};
  CHECK_FALSE(case_of(suite, result).find("limit.") != std::string::npos);
  result.exit = ExitStatus{};
  CHECK(case_of(suite, result).find(limits) != std::string::npos);
}

TEST_CASE("a suite, its tests in CTest's order, and the sums") {
  Suite suite = make_suite({"a", "b", "c"});
  suite.tests[2].suite = "other";
  Report report(suite);
  report.finish(suite.tests[1], Status::failed, "exit code 1");
  report.finish(suite.tests[2], Status::skipped, "SKIP_RETURN_CODE=77");
  report.finish(suite.tests[0], Status::passed);
  CHECK(report.text() == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="1" time="1.250000">
  <testsuite name="other" tests="1" failures="0" errors="0" skipped="1" time="0.500000" timestamp="2026-11-21T04:43:27" hostname="h&amp;st">
    <testcase name="c" classname="other" time="0.500000" status="notrun">
      <properties>
        <property name="status" value="skipped"/>
      </properties>
      <skipped message="SKIP_RETURN_CODE=77"/>
    </testcase>
  </testsuite>
  <testsuite name="s" tests="2" failures="1" errors="0" skipped="0" time="1.000000" timestamp="2026-11-21T04:43:27" hostname="h&amp;st">
    <testcase name="a" classname="s" time="0.500000" status="run">
      <properties>
        <property name="status" value="passed"/>
      </properties>
    </testcase>
    <testcase name="b" classname="s" time="0.500000" status="fail">
      <properties>
        <property name="status" value="failed"/>
      </properties>
      <failure message="exit code 1" type="failed"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("what failed by itself is a failure, what could not run is an error") {
  const Test test = make_test(1, "a");
  const auto has = [&](Status status, const std::string& reason, std::string_view ctest_status, std::string_view element) {
    const std::string text = case_of(test, status, reason);
    CHECK(text.find(fmt::format(" status=\"{}\">\n", ctest_status)) != std::string::npos);
    CHECK(text.find(fmt::format("\n      {}\n", element)) != std::string::npos);
  };
  has(Status::failed, "x", "fail", R"(<failure message="x" type="failed"/>)");
  has(Status::timed_out, "", "fail", R"(<failure message="Timeout" type="timed_out"/>)");
  has(Status::crashed, "", "fail", R"(<failure message="SEGFAULT" type="crashed"/>)");
  has(Status::not_run, "x", "notrun", R"(<error message="x" type="not_run"/>)");
  has(Status::interrupted, "", "notrun", R"(<error message="Interrupted" type="interrupted"/>)");
  has(Status::disabled, "", "disabled", R"(<skipped message="Disabled"/>)");
  CHECK(case_of(test, Status::build_failed).find(">a.cpp:1: error: &lt;x&gt;</error>") != std::string::npos);
}

TEST_CASE("a limit that was exceeded is a failure") {
  for (const Status status : {Status::timed_out, Status::idle_timed_out, Status::cpu_limit, Status::memory_limit, Status::process_limit,
                              Status::file_size_limit, Status::output_limit}) {
    CAPTURE(status_name(status));
    const std::string text = case_of(make_test(1, "a"), status, "why");
    CHECK(text.find(" status=\"fail\">") != std::string::npos);
    CHECK(text.find(fmt::format("<failure message=\"why\" type=\"{}\"/>", status_name(status))) != std::string::npos);
    CHECK(text.find(fmt::format("<property name=\"status\" value=\"{}\"/>", status_name(status))) != std::string::npos);
  }
}

TEST_CASE("how a process ended and what it used are properties") {
  Suite suite = make_suite({"a"});
  TestResult result{&suite.tests[0], {Status::passed, ""}};
  result.exit = ExitStatus{ExitStatus::Kind::exited, 3};
  result.usage = {std::chrono::microseconds(1'250'000), std::chrono::microseconds(500'000), 1048576, 2, 3, 4, 5, 6, 7, 8, 1.5,
                  std::chrono::microseconds(250'000)};
  result.attempt = 2;
  result.slot = 1;
  CHECK(case_of(suite, result) == R"(
    <testcase name="a" classname="s" time="0.000000" status="run">
      <properties>
        <property name="status" value="passed"/>
        <property name="attempt" value="2"/>
        <property name="slot" value="1"/>
        <property name="exit_code" value="3"/>
        <property name="user_seconds" value="1.25"/>
        <property name="system_seconds" value="0.5"/>
        <property name="peak_rss_bytes" value="1048576"/>
        <property name="read_bytes" value="2"/>
        <property name="written_bytes" value="3"/>
        <property name="voluntary_switches" value="4"/>
        <property name="involuntary_switches" value="5"/>
        <property name="most_processes" value="6"/>
        <property name="most_threads" value="7"/>
        <property name="most_open_files" value="8"/>
        <property name="peak_cpu" value="1.5"/>
        <property name="cpu_wait_seconds" value="0.25"/>
      </properties>
    </testcase>
)");
}

TEST_CASE("a peak of memory that is not known is left out") {
  Suite suite = make_suite({"a"});
  TestResult result{&suite.tests[0], {Status::passed, ""}};
  result.exit = ExitStatus{ExitStatus::Kind::exited, 0};
  const std::string text = case_of(suite, result);
  CHECK(text.find("peak_rss_bytes") == std::string::npos);
  CHECK(text.find(R"(name="most_processes" value="0")") != std::string::npos);
}

TEST_CASE("a failure's text has the stacks, the core dump and what was left running") {
  Suite suite = make_suite({"a"});
  TestResult result{&suite.tests[0], {Status::crashed, "SIGSEGV"}};
  result.exit = ExitStatus{ExitStatus::Kind::signaled, SIGSEGV, true};
  result.left = {{4711, "sleep 1000"}};
  result.stacks = "#0 f<int>()\n";
  result.core_file = "/b/core";
  result.kept_temporary = "/b/tmp/a";
  const std::string text = case_of(suite, result);
  CHECK(text.find(R"(      <failure message="SIGSEGV" type="crashed">left running, killed: 4711 sleep 1000
#0 f&lt;int&gt;()
Core dump: /b/core
Temporary files: /b/tmp/a
</failure>
)") != std::string::npos);
  for (const std::string property :
       {R"(name="signal" value="SIGSEGV")", R"(name="core_dumped" value="true")", R"(name="core_file" value="/b/core")",
        R"(name="kept_temporary" value="/b/tmp/a")", R"(name="left_processes" value="1")"})
    CHECK(text.find(property) != std::string::npos);
  CHECK(text.find("system-err") == std::string::npos);
}

TEST_CASE("a leaked test passed, and what it left stands in system-err") {
  Suite suite = make_suite({"a"});
  TestResult result{&suite.tests[0], {Status::leaked, "left 1 process running"}};
  result.left = {{4711, "sleep 1000"}};
  CHECK(case_of(suite, result) == R"(
    <testcase name="a" classname="s" time="0.000000" status="run">
      <properties>
        <property name="status" value="leaked"/>
      </properties>
      <system-err>left running, killed: 4711 sleep 1000
</system-err>
    </testcase>
)");
}

TEST_CASE("stderr that was kept apart is system-err") {
  const TempDir dir;
  Suite suite = make_suite({"a"});
  TestResult result{&suite.tests[0], {Status::passed, ""}};
  result.log = (dir / "out").string();
  result.log_size = 3;
  result.error_log = (dir / "err").string();
  write(result.log, "out");
  write(result.error_log, "<err>");
  CHECK(case_of(suite, result).find("      <system-out>out</system-out>\n      <system-err>&lt;err&gt;\n</system-err>\n") !=
        std::string::npos);
  write(result.error_log, "");
  CHECK(case_of(suite, result).find("system-err") == std::string::npos);
}

TEST_CASE("a test's file and line are told when known") {
  Test test = make_test(1, "a");
  test.location = {"/s/a & b.cpp", 7};
  CHECK(case_of(test, Status::passed).find(R"(status="run" file="/s/a &amp; b.cpp" line="7">)") != std::string::npos);
  test.location.line = 0;
  CHECK(case_of(test, Status::passed).find(R"(file="/s/a &amp; b.cpp">)") != std::string::npos);
}

TEST_CASE("the output is kept, without colours") {
  CHECK(case_of(make_test(1, "a"), Status::passed, "", "\x1b[31mred\x1b[0m <b>\n") == R"(
    <testcase name="a" classname="s" time="0.500000" status="run">
      <properties>
        <property name="status" value="passed"/>
      </properties>
      <system-out>red &lt;b&gt;
</system-out>
    </testcase>
)");
}

TEST_CASE("the file is well-formed whatever tests are called and print") {
  Dice dice(5);
  for (int i = 0; i < 200; ++i) {
    const auto bytes = [&](int most) {
      std::string text;
      for (int n = 1 + dice.roll(most); n > 0; --n) {
        constexpr std::string_view k_special = "<>&\"'\0\x1b\r\n]\xff\xc3\xef\xbf\xbe";
        text += dice.roll(2) == 0 ? k_special[static_cast<std::size_t>(dice.roll(14))] : static_cast<char>(dice.roll(256));
      }
      return text;
    };
    Suite suite = make_suite({bytes(8)});
    suite.tests[0].suite = bytes(4);
    suite.tests[0].location.file = bytes(4);
    Report report(suite);
    report.finish(suite.tests[0], i % 2 == 0 ? Status::failed : Status::not_run, bytes(8), bytes(6000) + "]]>");
    CHECK(fault_of(report.text()) == "");
  }
}

TEST_CASE("no test at all is a report too") {
  const Suite suite = make_suite({});
  Report report(suite);
  const std::string text = report.text();
  CHECK(fault_of(text) == "");
  CHECK(text.find("tests=\"0\"") != std::string::npos);
}

TEST_CASE("a report that cannot be written is an error") {
  const TempDir dir;
  write(dir / "file", "");
  JUnit junit({.path = dir / "file/junit.xml"});
  CHECK(message(junit.finish()).starts_with("creating " + (dir / "file").string()));
}

TEST_CASE("an output that is gone does not lose the report") {
  Suite suite = make_suite({"a"});
  Report report(suite);
  TestResult result{&suite.tests[0], {Status::passed, ""}};
  result.log = "/no/log";
  result.log_size = 5;
  report.junit.on(TestFinished{result});
  CHECK(report.text().find("<system-out>reading /no/log: No such file or directory</system-out>") != std::string::npos);
}

TEST_CASE("all sources of a target that failed are told, those too that failed after the test was told") {
  Suite suite = make_suite({"a", "b"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].targets = {"y"};
  Report report(suite);
  const BuildStep step{.target = "x"};
  report.junit.on(StepFinished{1, &step, {}, {}, "a.cpp:1: error: <x>"});
  report.finish(suite.tests[0], Status::build_failed);
  report.finish(suite.tests[1], Status::passed);
  report.junit.on(StepFinished{2, &step, {}, {}, "\x1b[31mb.cpp:2: error\x1b[0m\n"});
  const std::string text = report.text();
  CHECK(text.find(">a.cpp:1: error: &lt;x&gt;\nb.cpp:2: error\n</error>") != std::string::npos);
  CHECK(text.find("b.cpp") == text.rfind("b.cpp"));
}
