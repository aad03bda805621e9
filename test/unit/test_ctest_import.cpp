#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "suite/ctest_import.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

// From ctest 3.25, shortened.
constexpr std::string_view k_json = R"({
  "backtraceGraph" : {
    "commands" : [ "add_test" ],
    "files" : [ "/s/sub/CMakeLists.txt", "/s/CMakeLists.txt" ],
    "nodes" : [ { "file" : 0 }, { "command" : 0, "file" : 0, "line" : 2, "parent" : 0 },
                { "file" : 1 }, { "command" : 0, "file" : 1, "line" : 14, "parent" : 2 } ]
  },
  "kind" : "ctestInfo",
  "tests" : [
    { "backtrace" : 3, "command" : [ "/b/good", "--arg", "a b" ], "name" : "good",
      "properties" : [ { "name" : "WORKING_DIRECTORY", "value" : "/b" } ] },
    { "backtrace" : 3, "command" : [ "/usr/bin/cmake", "-E", "echo", "x;y", "/b/good" ], "name" : "odd", "config" : "Debug",
      "properties" : [
        { "name" : "COST", "value" : 1.5 }, { "name" : "DEPENDS", "value" : [ "good" ] }, { "name" : "DISABLED", "value" : true },
        { "name" : "ENVIRONMENT", "value" : [ "A=1", "B=2" ] },
        { "name" : "ENVIRONMENT_MODIFICATION", "value" : [ "A=string_append:x" ] },
        { "name" : "LABELS", "value" : [ "a", "b" ] }, { "name" : "PASS_REGULAR_EXPRESSION", "value" : [ "x", "y" ] },
        { "name" : "PROCESSORS", "value" : 2 }, { "name" : "RUN_SERIAL", "value" : true },
        { "name" : "SKIP_RETURN_CODE", "value" : 77 }, { "name" : "TIMEOUT", "value" : 5.0 },
        { "name" : "TIMEOUT_AFTER_MATCH", "value" : { "regex" : [ "ready" ], "timeout" : 3.0 } },
        { "name" : "WORKING_DIRECTORY", "value" : "/b" } ] },
    { "name" : "missing", "properties" : [ { "name" : "WORKING_DIRECTORY", "value" : "/b" } ] },
    { "backtrace" : 1, "command" : [ "/b/good" ], "name" : "good",
      "properties" : [ { "name" : "WORKING_DIRECTORY", "value" : "/b/sub" } ] }
  ],
  "version" : { "major" : 1, "minor" : 0 }
})";

BuildTree tree() {
  BuildTree tree;
  tree.build_directory = "/b";
  tree.executables = {{"good_target", "/b/good", "/b"}};
  return tree;
}

Suite suite_of(const Words& names, const std::string& suite_name) {
  Suite suite = make_suite(names);
  suite.suite_names = {suite_name};
  for (Test& test : suite.tests) test.suite = suite_name;
  return suite;
}

/// number:suite/name of every test
std::string show(const Suite& suite) {
  Words words;
  for (const Test& test : suite.tests) words.push_back(fmt::format("{}:{}/{}", test.number, test.suite, test.name));
  return unit::show(words);
}

}  // namespace

TEST_CASE("CTest's list becomes a suite in CTest's order") {
  const Result<Suite> suite = parse_ctest_json(k_json, tree());
  REQUIRE_MESSAGE(suite, message(suite));
  CHECK(show(*suite) == "[1:ctest/good][2:ctest/odd][3:ctest/missing][4:ctest/good]");
  CHECK(suite->tree.build_directory == "/b");
  const Test& good = suite->tests[0];
  CHECK(unit::show(good.command) == "[/b/good][--arg][a b]");
  CHECK(unit::show(good.targets) == "[good_target]");
  CHECK(good.working_directory == "/b");
  CHECK(good.location.file == "/s/CMakeLists.txt");
  CHECK(good.location.line == 14);
  CHECK(suite->tests[3].location.file == "/s/sub/CMakeLists.txt");
  CHECK(suite->tests[3].working_directory == "/b/sub");
}

TEST_CASE("an executable anywhere in the command is a target the test needs") {
  const Result<Suite> suite = parse_ctest_json(k_json, tree());
  REQUIRE(suite);
  CHECK(unit::show(suite->tests[1].targets) == "[good_target]");
}

TEST_CASE("CTest's properties are read") {
  const Result<Suite> suite = parse_ctest_json(k_json, tree());
  REQUIRE(suite);
  const Test& odd = suite->tests[1];
  CHECK(odd.requirements.cost == 1.5);
  CHECK(unit::show(odd.requirements.depends) == "[good]");
  CHECK(odd.disabled);
  CHECK(unit::show(odd.environment) == "[A=1][B=2]");
  CHECK(odd.environment_changes.size() == 1);
  CHECK(unit::show(odd.labels) == "[a][b]");
  CHECK(unit::show(odd.expectations.pass_regexes) == "[x][y]");
  CHECK(odd.requirements.processors == 2);
  CHECK(odd.requirements.run_serial);
  CHECK(odd.expectations.skip_return_code == 77);
  CHECK(odd.limits[LimitKind::timeout] == 5);
  CHECK(odd.limits.after_match.has_value());
}

TEST_CASE("a test whose executable CTest does not know has no command") {
  const Result<Suite> suite = parse_ctest_json(k_json, tree());
  REQUIRE(suite);
  CHECK(suite->tests[2].command.empty());
  CHECK(suite->tests[2].location.file.empty());
}

TEST_CASE("limits of any CTest project, where its CTest lists properties that it does not know") {
  const Result<Suite> suite = parse_ctest_json(
      R"({"tests": [{"name": "a", "properties": [{"name": "PTESTS_MEMORY", "value": "1G"}, {"name": "PTESTS_NICE", "value": ""}]},
                    {"name": "b", "properties": [{"name": "PTESTS_MEMORY", "value": "much"}]}]})",
      tree());
  REQUIRE(suite);
  CHECK(suite->tests[0].limits[LimitKind::memory] == 1073741824.0);
  CHECK(suite->tests[0].defect.empty());
  CHECK(suite->tests[1].defect == R"(PTESTS_MEMORY: tests[1].properties[0].value: expected a size, got "much")");
}

TEST_CASE("a property without sense keeps its test from running, and no other") {
  const Result<Suite> suite = parse_ctest_json(
      R"({"tests": [{"name": "a", "properties": [{"name": "TIMEOUT", "value": "x"}]}, {"name": "b"},
                    {"name": "c", "properties": [{"name": "PASS_REGULAR_EXPRESSION", "value": ["("]}]}]})",
      tree());
  REQUIRE(suite);
  CHECK(suite->tests[0].defect == R"(TIMEOUT: tests[0].properties[0].value: expected a number, got "x")");
  CHECK(suite->tests[1].defect.empty());
  CHECK(suite->tests[2].defect.empty());
  CHECK(unit::show(suite->tests[2].expectations.pass_regexes) == "[(]");
}

TEST_CASE("what is not CTest's list is an error with its place") {
  const auto error_of = [](std::string_view text) { return message(parse_ctest_json(text, tree())); };
  CHECK(error_of("No tests were found!!!").starts_with("parse error at line 1"));
  CHECK(error_of("{}") == "tests: expected an array, got nothing");
  CHECK(error_of(R"({"tests": [{}]})") == "tests[0].name: expected a string, got nothing");
  CHECK(error_of(R"({"tests": [{"name": "a", "command": "x"}]})") == R"(tests[0].command: expected an array of strings, got "x")");
  CHECK(error_of(R"({"tests": [{"name": "a", "backtrace": 0}]})") == "backtraceGraph.nodes[0].file: expected a whole number, got nothing");
  CHECK(error_of(R"({"tests": [{"name": "a", "backtrace": -1}], "backtraceGraph": {"nodes": [{"file": 0}], "files": ["f"]}})") != "ok");
}

TEST_CASE("CTest's list cut at any place is an error") {
  for (std::size_t size = 0; size < k_json.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_ctest_json(k_json.substr(0, size), tree()));
  }
}

TEST_CASE("what we print as json-v1 reads as the same suite") {
  Result<Suite> suite = parse_ctest_json(k_json, tree());
  REQUIRE(suite);
  const std::string once = cli::to_ctest_json(*suite, all_of(*suite));
  const Result<Suite> again = parse_ctest_json(once, tree());
  REQUIRE_MESSAGE(again, message(again));
  CHECK(show(*again) == show(*suite));
  CHECK(again->tests[1].properties == suite->tests[1].properties);
  CHECK(again->tests[3].location.file == suite->tests[3].location.file);
  CHECK(again->tests[3].location.line == 2);
  CHECK(cli::to_ctest_json(*again, all_of(*again)) == once);
}

TEST_CASE("merging keeps CTest's order and numbers and our knowledge") {
  Suite ours = suite_of({"b", "d"}, "unit");
  ours.tests[0].targets = {"target_b"};
  const Suite merged = merge_imported(std::move(ours), suite_of({"a", "b", "c", "d"}, "ctest"));
  CHECK(show(merged) == "[1:ctest/a][2:unit/b][3:ctest/c][4:unit/d]");
  CHECK(unit::show(merged.tests[1].targets) == "[target_b]");
  CHECK(unit::show(merged.suite_names) == "[unit][ctest]");
}

TEST_CASE("our tests that CTest does not list come behind its own") {
  CHECK(show(merge_imported(suite_of({"x", "b", "y"}, "unit"), suite_of({"a", "b"}, "ctest"))) ==
        "[1:ctest/a][2:unit/b][3:unit/x][4:unit/y]");
}

TEST_CASE("two tests of CTest with the name of one of ours stay two") {
  CHECK(show(merge_imported(suite_of({"a"}, "unit"), suite_of({"a", "a"}, "ctest"))) == "[1:unit/a][2:ctest/a]");
}

TEST_CASE("two of our tests of one name, in two directories, both stay ours") {
  CHECK(show(merge_imported(suite_of({"a", "a"}, "unit"), suite_of({"a", "x", "a"}, "ctest"))) == "[1:unit/a][2:ctest/x][3:unit/a]");
  CHECK(show(merge_imported(suite_of({"a", "a"}, "unit"), suite_of({"x"}, "ctest"))) == "[1:ctest/x][2:unit/a][3:unit/a]");
}

TEST_CASE("a suite of our own named ctest is not listed twice") {
  CHECK(unit::show(merge_imported(suite_of({"a"}, "ctest"), suite_of({"a", "b"}, "ctest")).suite_names) == "[ctest]");
}
