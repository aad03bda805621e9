// The cases of executables as tests of ctest: what is written for it, and how its list is read again.
#include <doctest/doctest.h>

#include "cli/ctest_cases.hpp"
#include "fakes.hpp"
#include "framework/adapter.hpp"
#include "framework/boost_case.hpp"
#include "framework/ctest_cases.hpp"
#include "report/ctest_files.hpp"
#include "suite/ctest_import.hpp"
#include "suite/manifest.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

Test some_parent() {
  Test parent;
  parent.name = "unit.net";
  parent.command = {"/b/unit.net", "a;b", "", "c \"d\""};
  parent.ctest_cases = CTestCases{"/b/paralleltests/ctest/unit.net.cmake", "/b/unit.net"};
  return parent;
}

TestCase make_case(const std::string& id) {
  TestCase one;
  one.name = one.id = id;
  return one;
}

Words arguments_of(std::string_view framework, const std::vector<TestCase>& cases, std::size_t index) {
  return make_adapter(framework)->lone_cases(cases).at(index).arguments;
}

constexpr std::string_view k_backtraces = R"("backtraceGraph": { "commands": ["test_case", "add_test"],
  "files": ["/s/net.cpp", "/b/paralleltests/ctest/unit.net.cmake", "/s/CMakeLists.txt"],
  "nodes": [ {"file": 1}, {"command": 0, "file": 0, "line": 7, "parent": 0}, {"file": 2}, {"command": 1, "file": 2, "line": 3, "parent": 2} ] })";

/// Tests that ctest lists: each a name and the node of its backtrace.
Suite imported(const std::vector<std::pair<std::string, int>>& tests) {
  Words texts;
  for (const auto& [name, node] : tests)
    texts.push_back(fmt::format(R"({{"name": "{}", "backtrace": {}, "command": ["/b/x"]}})", name, node));
  const Result<Suite> suite = parse_ctest_json(fmt::format("{{{}, \"tests\": [{}]}}", k_backtraces, join(texts, ",")), {});
  REQUIRE_MESSAGE(suite, message(suite));
  return *suite;
}

std::string show_numbers(const Suite& suite) {
  Words words;
  for (const Test& test : suite.tests) words.push_back(fmt::format("{}:{}/{}", test.number, test.suite, test.name));
  return show(words);
}

}  // namespace

TEST_CASE("cases become tests of ctest, with their command and what is known of them") {
  CTestCase plain{"unit.net/a", {"/s/net.cpp", 7}, false, {}, {{"--case=a"}, {}, "", ""}};
  CTestCase full{"unit.net/b", {}, true, {"x", "y;z"}, {{}, {"A=1;2"}, "skip \\[", "none"}};
  CHECK(ctest_cases_text(some_parent(), "12 34.000056", {plain, full}) ==
        R"(# The test cases of an executable, made by ptests for ctest.
if(_paralleltests_version EQUAL 1 AND _paralleltests_stamp STREQUAL "12 34.000056" AND _paralleltests_command STREQUAL "/b/unit.net;a;b;;c \"d\"")
set(_paralleltests_listed TRUE)
set(_paralleltests_test "unit.net/a")
add_test("${_paralleltests_test}" "/b/unit.net" "a;b" "" "c \"d\"" "--case=a")
_paralleltests_set_properties()
set_tests_properties("${_paralleltests_test}" PROPERTIES DEF_SOURCE_LINE "/s/net.cpp:7" _BACKTRACE_TRIPLES "/s/net.cpp;7;test_case;/b/paralleltests/ctest/unit.net.cmake;0;")
set(_paralleltests_test "unit.net/b")
add_test("${_paralleltests_test}" "/b/unit.net" "a;b" "" "c \"d\"")
_paralleltests_set_properties()
set_tests_properties("${_paralleltests_test}" PROPERTIES DISABLED "TRUE" LABELS "x" LABELS "y\\;z" ENVIRONMENT "A=1\\;2" SKIP_REGULAR_EXPRESSION "skip \\[" FAIL_REGULAR_EXPRESSION "none" _BACKTRACE_TRIPLES "/b/paralleltests/ctest/unit.net.cmake;0;")
endif()
# end
)");
}

TEST_CASE("any name and any word is a quoted argument of CMake") {
  Test parent;
  parent.command = {"x"};
  const auto text = [&](const std::string& name) {
    const std::string all = ctest_cases_text(parent, "", {{name, {}, false, {}, {{name}, {}, "", ""}}});
    const std::size_t begin = all.find("add_test(");
    return all.substr(begin, all.find("\n_paralleltests_set", begin) - begin);
  };
  const std::string before = "add_test(\"${_paralleltests_test}\" \"x\" ";
  CHECK(text("a, \"b\" [c;d] ]==] \\ #( @e@") == before + R"("a, \"b\" [c;d] ]==] \\ #( @e@"))");
  CHECK(text("${f} $ENV{g} $<h>") == before + R"("\${f} \$ENV{g} \$<h>"))");
  CHECK(text("\nl\r\ni\t\x01") == before + "\"\nl\\r\ni\t\x01\")");
  CHECK(text("\\\n") == before + "\"\\\\\n\")");
  CHECK(text("\xC3\xBC \xFF") == before + "\"\xC3\xBC \xFF\")");
  CHECK(text("") == before + "\"\")");
}

TEST_CASE("a file whose path is no element of a list is not in the backtrace") {
  CTestCase one{"a", {"/s/[x.cpp", 7}, false, {}, {}};
  const std::string text = ctest_cases_text(some_parent(), "", {one});
  CHECK(text.find("DEF_SOURCE_LINE \"/s/[x.cpp:7\" _BACKTRACE_TRIPLES \"/b/paralleltests/ctest/unit.net.cmake;0;\"") != text.npos);
}

TEST_CASE("a case of doctest is called by its place") {
  std::vector<TestCase> cases{make_case("a"), make_case("b"), make_case("c")};
  cases[0].disabled = true;
  const Words second = arguments_of("doctest", cases, 1);
  const auto has = [&](std::string_view word) { return std::find(second.begin(), second.end(), word) != second.end(); };
  CHECK(has("--dt-first=1"));
  CHECK(has("--dt-last=1"));
  CHECK(has("--dt-no-skip=false"));
  CHECK(has("--dt-order-by=file"));
  CHECK(has("--test-case=,"));
  CHECK_FALSE(has("--minimal=true"));
  CHECK_FALSE(has("--dt-minimal=true"));
  CHECK(make_adapter("doctest")->lone_cases(cases)[1].none_ran == "\\[doctest\\] test cases: +0 ");
}

TEST_CASE("a case of GoogleTest is called by words, without a file of flags") {
  std::vector<TestCase> cases{make_case("S.a"), make_case("S.b-c"), make_case("S.b:c"), make_case("S.DISABLED_d")};
  cases[3].disabled = true;
  const Words more{"--gtest_list_tests=0",       "--gtest_shuffle=0",          "--gtest_repeat=1",
                   "--gtest_break_on_failure=0", "--gtest_catch_exceptions=1", "--gtest_throw_on_failure=0",
                   "--gtest_color=no",           "--gtest_print_time=1",       "--gtest_output="};
  const auto expected = [&](const std::string& filter, int with_disabled) {
    Words words{"--gtest_filter=" + filter, fmt::format("--gtest_also_run_disabled_tests={}", with_disabled)};
    words.insert(words.end(), more.begin(), more.end());
    return show(words);
  };
  CHECK(show(arguments_of("gtest", cases, 0)) == expected("S.a", 0));
  // Two that no filter tells apart are told apart by their place.
  CHECK(show(arguments_of("gtest", cases, 1)) == expected("S.b?c", 0));
  CHECK(show(arguments_of("gtest", cases, 2)) == expected("S.b?c-S.b-c", 0));
  CHECK(show(arguments_of("gtest", cases, 3)) == expected("S.DISABLED_d", 1));
  const std::vector<LoneCase> all = make_adapter("gtest")->lone_cases(cases);
  CHECK(show(all[0].environment) == "[GTEST_BRIEF=0][GTEST_FAIL_FAST=0][GTEST_TOTAL_SHARDS=1][GTEST_SHARD_INDEX=0]");
  CHECK(show(all[1].environment) == "[GTEST_BRIEF=0][GTEST_FAIL_FAST=0][GTEST_TOTAL_SHARDS=2][GTEST_SHARD_INDEX=0]");
  CHECK(all[0].skipped == "\\[  SKIPPED \\] 1 test, listed below:");
}

TEST_CASE("a case of Catch2 is called by words, without a file of specs") {
  std::vector<TestCase> cases{make_case("one, two"), make_case("*wild"), make_case("a wild"), make_case("Same"), make_case("same")};
  cases[3].labels = {"x"};
  CHECK(show(arguments_of("catch2", cases, 0)) == "[--order][decl][\"one\\, two\",]");
  CHECK(show(arguments_of("catch2", cases, 1)) == "[--order][decl][\"**wild\",]");
  CHECK(show(arguments_of("catch2", cases, 3)) == "[--order][decl][\"Same\" [x],]");
  CHECK(show(arguments_of("catch2", cases, 4)) == "[--order][decl][\"same\" ~[x],]");
}

TEST_CASE("a case of Boost.Test is called by its path, and with what it depends on") {
  const std::vector<TestCase> cases{make_case(boost_id({"s/a", 0, {}})), make_case(boost_id({"s/b", 0, {"s/a"}})),
                                    make_case(boost_id({"c", 0, {}}))};
  CHECK(show(arguments_of("boost", cases, 0)) == "[--catch_system_errors=no][--run_test=s/a]");
  CHECK(show(arguments_of("boost", cases, 1)) == "[--catch_system_errors=no][--run_test=s/b,a]");
  CHECK(show(arguments_of("boost", {cases[2]}, 0)) == "[--catch_system_errors=no][--run_test=c]");
}

TEST_CASE("each case of thousands is called as if it were looked at with all others") {
  for (const std::string_view framework : {"gtest", "catch2"}) {
    std::vector<TestCase> cases;
    for (int i = 0; i < 300; ++i) cases.push_back(make_case(fmt::format("S.n{}{}", i, i % 7 == 0 ? "-" : i % 5 == 0 ? "*" : "")));
    const std::unique_ptr<Adapter> adapter = make_adapter(framework);
    const std::vector<LoneCase> all = adapter->lone_cases(cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const CaseCommand command = adapter->run_command(cases, {&i, 1}, {}, {}, true);
      const std::string first = command.input.substr(0, command.input.find('\n'));
      const std::string wanted = framework == "gtest" ? first : first + ",";
      CHECK(all[i].arguments.at(framework == "gtest" ? 0 : 2) == wanted);
    }
  }
}

TEST_CASE("the manifest says where ctest looks for cases") {
  const auto parse = [](std::string_view member) {
    return parse_manifest(fmt::format(R"({{ "version": 1, "source_directory": "/s", "build_directory": "/b", "generator": "Ninja",
      "configuration": "", "tool": {{"cmake": "/c", "ctest": "/t", "build": "/n"}}, "other_tests": false, "executables": [],
      "suites": [{{"name": "unit", "directory": "/s"}}],
      "tests": [{{"name": "unit.a", "suite": "unit", "command": ["/b/x"], "cwd": "/b", "ctest_cases": {}}}] }})",
                                      member));
  };
  const Result<Manifest> manifest = parse(R"({"file": "/b/f.cmake", "executable": "/b/x"})");
  REQUIRE_MESSAGE(manifest, message(manifest));
  REQUIRE(manifest->suite.tests[0].ctest_cases);
  CHECK(manifest->suite.tests[0].ctest_cases->file == "/b/f.cmake");
  CHECK(manifest->suite.tests[0].ctest_cases->executable == "/b/x");
  CHECK(message(parse(R"({"file": "/b/f.cmake"})")) == "tests[0].ctest_cases.executable: expected a string, got nothing (test \"unit.a\")");
}

TEST_CASE("cases in ctest's list are their executable") {
  Suite ours = make_suite({"unit.first", "unit.net", "unit.last"});
  for (Test& test : ours.tests) test.suite = "unit";
  ours.tests[1].ctest_cases = CTestCases{"/b/paralleltests/ctest/unit.net.cmake", "/b/unit.net"};
  SUBCASE("the first one tells the place") {
    const Suite merged =
        merge_imported(ours, imported({{"unit.net/a", 1}, {"unit.net/b", 0}, {"unit.first", 3}, {"foreign", 3}, {"unit.last", 3}}));
    CHECK(show_numbers(merged) == "[1:unit/unit.net][3:unit/unit.first][4:ctest/foreign][5:unit/unit.last]");
  }
  SUBCASE("without a list it is there itself") {
    const Suite merged = merge_imported(ours, imported({{"unit.net", 3}, {"unit.first", 3}, {"unit.last", 3}}));
    CHECK(show_numbers(merged) == "[1:unit/unit.net][2:unit/unit.first][3:unit/unit.last]");
  }
  SUBCASE("a test of the project that is called like a case is none") {
    const Suite merged = merge_imported(ours, imported({{"unit.net/a", 3}, {"unit.net/b", 1}, {"unit.first", 3}, {"unit.last", 3}}));
    CHECK(show_numbers(merged) == "[1:ctest/unit.net/a][2:unit/unit.net][3:unit/unit.first][4:unit/unit.last]");
  }
}

TEST_CASE("a backtrace that leads in a circle, or nowhere, is an end or an error") {
  const auto parse = [](std::string_view nodes) {
    return parse_ctest_json(
        fmt::format(R"({{"backtraceGraph": {{"files": ["/f"], "nodes": {}}}, "tests": [{{"name": "a", "backtrace": 0}}]}})", nodes), {});
  };
  const Result<Suite> circle = parse(R"([{"file": 0, "parent": 1}, {"file": 0, "parent": 0}])");
  REQUIRE_MESSAGE(circle, message(circle));
  CHECK(circle->tests[0].declared_in == "/f");
  CHECK_FALSE(parse(R"([{"file": 0, "parent": 5}])"));
  CHECK_FALSE(parse(R"([{"file": 0, "parent": "x"}])"));
}

TEST_CASE("ctest's list of what failed has the numbers that ctest will give") {
  TempDir dir;
  Suite suite = make_suite({"unit.net", "plain"});
  suite.tree.build_directory = dir.path().string();
  CTestFiles files([](const Test& test) {
    std::vector<std::pair<int, std::string>> numbers{{7, "x/" + test.name}};
    if (test.name == "unit.net") numbers.insert(numbers.begin(), {3, "x/first"});
    return numbers;
  });
  files.on(RunStarted{"1", &suite.tree, {&suite.tests[0], &suite.tests[1]}, 2, FakeClock::k_start});
  for (const Test& test : suite.tests) files.on(TestFinished{TestResult{&test, {Status::failed, ""}}});
  files.on(TestFinished{TestResult{&suite.tests[1], {Status::failed, ""}}});
  REQUIRE(files.finish());
  CHECK(read(dir / "Testing/Temporary/LastTestsFailed.log") == "3:x/first\n7:x/plain\n7:x/unit.net\n");
}

TEST_CASE("a file's stamp is its size and its time to the microsecond") {
  TempDir dir;
  write(dir / "f", "12345");
  fs::last_write_time(dir / "f", fs::file_time_type(std::chrono::file_clock::from_sys(
                                     std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(1700000000'000056'999)))));
  CHECK(file_stamp(dir / "f") == "5 1700000000.000056");
  CHECK(file_stamp(dir / "g").empty());
}
