#include <doctest/doctest.h>

#include "base/json.hpp"
#include "suite/manifest.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr std::string_view k_text = R"({ "version": 1,
  "source_directory": "/s", "build_directory": "/b", "generator": "Ninja", "configuration": "Debug",
  "tool": {"cmake": "/usr/bin/cmake", "ctest": "/usr/bin/ctest", "build": "/usr/bin/ninja"},
  "other_tests": false,
  "executables": [ {"target": "unit.foo", "file": "/b/sub/unit.foo", "directory": "/b/sub"} ],
  "suites": [ {"name": "unit", "directory": "/s/sub"}, {"name": "cli", "directory": "/s"} ],
  "tests": [
    { "name": "unit.foo", "suite": "unit", "target": "unit.foo", "command": ["/b/sub/unit.foo", "--arg", "a;b"], "cwd": "/b/sub",
      "env": ["A=b", "C=d;e"], "sources": ["/s/sub/foo.cpp"], "timeout": 10,
      "properties": {"LABELS": ["fast"], "PROCESSORS": 2, "RUN_SERIAL": true, "DEF_SOURCE_LINE": "/s/sub/foo.cpp:7"} },
    { "name": "cli.version", "suite": "cli", "command": ["tool"], "cwd": "/b" }
  ] })";

/// The manifest with one change.
std::string changed(const std::function<void(Json&)>& change) {
  Json json = Json::parse(k_text);
  change(json);
  return json.dump();
}

std::string error_of(const std::function<void(Json&)>& change) { return message(parse_manifest(changed(change))); }

}  // namespace

TEST_CASE("a manifest says everything about its tests") {
  const Result<Manifest> manifest = parse_manifest(k_text);
  REQUIRE_MESSAGE(manifest, message(manifest));
  CHECK_FALSE(manifest->other_tests);
  const BuildTree& tree = manifest->suite.tree;
  CHECK(show({tree.source_directory, tree.build_directory, tree.generator, tree.configuration}) == "[/s][/b][Ninja][Debug]");
  CHECK(show({tree.cmake, tree.ctest, tree.build_tool}) == "[/usr/bin/cmake][/usr/bin/ctest][/usr/bin/ninja]");
  REQUIRE(tree.executables.size() == 1);
  CHECK(show({tree.executables[0].target, tree.executables[0].file, tree.executables[0].directory}) ==
        "[unit.foo][/b/sub/unit.foo][/b/sub]");
  CHECK(show(manifest->suite.suite_names) == "[unit][cli]");

  REQUIRE(manifest->suite.tests.size() == 2);
  const Test& test = manifest->suite.tests[0];
  CHECK(test.number == 1);
  CHECK(show({test.name, test.suite, test.working_directory}) == "[unit.foo][unit][/b/sub]");
  CHECK(show(test.targets) == "[unit.foo]");
  CHECK(show(test.command) == "[/b/sub/unit.foo][--arg][a;b]");
  CHECK(show(test.environment) == "[A=b][C=d;e]");
  CHECK(show(test.sources) == "[/s/sub/foo.cpp]");
  CHECK(show(test.labels) == "[fast]");
  CHECK(test.limits[LimitKind::timeout] == 10);
  CHECK(test.requirements.processors == 2);
  CHECK(test.requirements.run_serial);
  CHECK(test.location.file == "/s/sub/foo.cpp");
  CHECK(test.location.line == 7);
}

TEST_CASE("what a manifest leaves out has CTest's defaults") {
  const Result<Manifest> manifest = parse_manifest(k_text);
  REQUIRE(manifest);
  const Test& test = manifest->suite.tests[1];
  CHECK(test.number == 2);
  CHECK(test.targets.empty());
  CHECK_FALSE(test.limits[LimitKind::timeout]);
  CHECK(test.requirements.processors == 1);
  CHECK_FALSE(test.disabled);
  CHECK(test.location.file.empty());
}

TEST_CASE("a test's location is its source when it has no line") {
  const Result<Manifest> manifest = parse_manifest(changed([](Json& json) { json["tests"][0]["properties"].erase("DEF_SOURCE_LINE"); }));
  REQUIRE(manifest);
  CHECK(manifest->suite.tests[0].location.file == "/s/sub/foo.cpp");
  CHECK(manifest->suite.tests[0].location.line == 0);
}

TEST_CASE("properties that are the suite's are told from those that are the test's") {
  const Result<Manifest> manifest = parse_manifest(changed([](Json& json) {
    json["tests"][0]["suite_properties"] = {"TIMEOUT", "PROCESSORS"};
  }));
  REQUIRE(manifest);
  CHECK(show(manifest->suite.tests[0].suite_properties) == "[TIMEOUT][PROCESSORS]");
  CHECK(manifest->suite.tests[1].suite_properties.empty());
}

TEST_CASE("text in CMake's form counts for lists, numbers and booleans") {
  const Result<Manifest> manifest = parse_manifest(changed([](Json& json) {
    json["other_tests"] = "ON";
    Json& test = json["tests"][0];
    test["timeout"] = "2.5";
    test["env"] = R"(A=b;C=d\;e)";
    test["sources"] = "/s/a.cpp;/s/b.cpp";
    test["properties"] = {{"LABELS", "x;y"}, {"PROCESSORS", "4"}, {"RUN_SERIAL", "OFF"}, {"WILL_FAIL", "TRUE"}};
  }));
  REQUIRE_MESSAGE(manifest, message(manifest));
  CHECK(manifest->other_tests);
  const Test& test = manifest->suite.tests[0];
  CHECK(test.limits[LimitKind::timeout] == 2.5);
  CHECK(show(test.environment) == "[A=b][C=d;e]");
  CHECK(show(test.sources) == "[/s/a.cpp][/s/b.cpp]");
  CHECK(show(test.labels) == "[x][y]");
  CHECK(test.requirements.processors == 4);
  CHECK_FALSE(test.requirements.run_serial);
  CHECK(test.expectations.will_fail);
}

TEST_CASE("the words of every error") {
  struct Row {
    std::function<void(Json&)> change;
    std::string error;
  };
  for (const Row& row : {
           Row{[](Json& j) { j["version"] = 2; }, "version: this ptests reads version 1, the manifest has 2"},
           Row{[](Json& j) { j["version"] = "1"; }, R"(version: expected the manifest's version, a number, got "1")"},
           Row{[](Json& j) { j.erase("version"); }, "version: expected the manifest's version, a number, got nothing"},
           Row{[](Json& j) { j.erase("build_directory"); }, "build_directory: expected a string, got nothing"},
           Row{[](Json& j) { j["generator"] = 7; }, "generator: expected a string, got 7"},
           Row{[](Json& j) { j.erase("configuration"); }, "configuration: expected a string, got nothing"},
           Row{[](Json& j) { j.erase("tool"); }, "tool.cmake: expected a string, got nothing"},
           Row{[](Json& j) { j["tool"].erase("build"); }, "tool.build: expected a string, got nothing"},
           Row{[](Json& j) { j.erase("other_tests"); }, "other_tests: expected true or false, got nothing"},
           Row{[](Json& j) { j["executables"] = "x"; }, R"(executables: expected an array, got "x")"},
           Row{[](Json& j) { j["executables"][0].erase("file"); }, "executables[0].file: expected a string, got nothing"},
           Row{[](Json& j) { j["suites"][1] = "cli"; }, "suites[1].name: expected a string, got nothing"},
           Row{[](Json& j) { j.erase("tests"); }, "tests: expected an array, got nothing"},
           Row{[](Json& j) { j["tests"][1] = 1; }, "tests[1].name: expected a string, got nothing"},
           Row{[](Json& j) { j["tests"][1]["suite"] = "clo"; },
               R"(tests[1].suite: expected one of the manifest's suites, got "clo" (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][1]["target"] = 1; }, R"(tests[1].target: expected a string, got 1 (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][1].erase("command"); },
               R"(tests[1].command: expected an array of strings, got nothing (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][1]["command"] = Json::array(); },
               R"(tests[1].command: expected a command of at least one word, got [] (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][1]["command"][0] = 5; }, R"(tests[1].command[0]: expected a string, got 5 (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][1].erase("cwd"); },
               R"(tests[1].cwd: expected the working directory, got nothing (test "cli.version"))"},
           Row{[](Json& j) { j["tests"][0]["env"] = 1; }, R"(tests[0].env: expected an array of strings, got 1 (test "unit.foo"))"},
           Row{[](Json& j) { j["tests"][0]["timeout"] = "5s"; }, R"(tests[0].timeout: expected a number, got "5s" (test "unit.foo"))"},
           Row{[](Json& j) { j["tests"][0]["timeout"] = -1; },
               R"(tests[0].timeout: expected a number that is not negative, got -1 (test "unit.foo"))"},
           Row{[](Json& j) { j["tests"][0]["properties"] = Json::array(); },
               R"(tests[0].properties: expected an object, got [] (test "unit.foo"))"},
           Row{[](Json& j) { j["tests"][0]["properties"]["PROCESSORS"] = "two"; },
               R"(tests[0].properties.PROCESSORS: expected a whole number, got "two" (test "unit.foo"))"},
           Row{[](Json& j) { j = Json::array(); }, "expected an object, got []"},
       }) {
    CAPTURE(row.error);
    CHECK(error_of(row.change) == row.error);
  }
}

TEST_CASE("errors name their cure where there is one") {
  CHECK(hint(parse_manifest(changed([](Json& j) { j["tests"][0]["timeout"] = "5s"; }))) == "seconds, without a unit; 0 = no limit");
  CHECK(hint(parse_manifest(changed([](Json& j) { j["tests"][0]["properties"]["PROCESSORS"] = 1.5; }))) ==
        "correct the test's property PROCESSORS in CMakeLists.txt");
  CHECK(hint(parse_manifest(changed([](Json& j) { j["version"] = 2; }))) ==
        "configure the project anew with the ParallelTests module that belongs to this ptests");
}

TEST_CASE("a timeout that no clock can hold is an error") {
  for (const std::string timeout : {"inf", "nan"}) {
    CAPTURE(timeout);
    CHECK_FALSE(parse_manifest(changed([&](Json& j) { j["tests"][0]["timeout"] = timeout; })));
  }
}

TEST_CASE("a manifest cut at any place is an error") {
  for (std::size_t size = 0; size < k_text.size(); ++size) {
    CAPTURE(size);
    const Result<Manifest> manifest = parse_manifest(k_text.substr(0, size));
    CHECK_FALSE(manifest);
  }
}

TEST_CASE("a manifest with any value replaced by another kind is read or refused, never more") {
  // Every place of the document in turn gets every kind of value.
  const Json values[] = {nullptr, true, -1, 0.5, "", "x", Json::array(), Json::object(), {1}, {{"a", 1}}};
  const Json document = Json::parse(k_text);
  const Json flat = document.flatten();
  std::size_t refused = 0;
  for (const auto& [pointer, old] : flat.items()) {
    for (Json::json_pointer at(pointer); !at.empty(); at = at.parent_pointer()) {
      for (const Json& value : values) {
        Json json = document;
        json[at] = value;
        if (!parse_manifest(json.dump())) ++refused;
      }
    }
  }
  CHECK(refused > flat.size());
}

TEST_CASE("errors of a file begin with its name and always have a hint") {
  const TempDir dir;
  write(dir / "manifest-Debug.json", changed([](Json& j) { j["tests"][0]["env"] = 1; }));
  const Result<Manifest> manifest = read_manifest(dir / "manifest-Debug.json");
  CHECK(message(manifest) ==
        (dir / "manifest-Debug.json").string() + R"(: tests[0].env: expected an array of strings, got 1 (test "unit.foo"))");
  CHECK(hint(manifest) == "correct the test's property ENVIRONMENT in CMakeLists.txt");
  write(dir / "manifest-Debug.json", changed([](Json& j) { j["tests"][0].erase("cwd"); }));
  CHECK(hint(read_manifest(dir / "manifest-Debug.json")) == "the manifest is made by CMake: configure the project anew");
  CHECK(message(read_manifest(dir / "no.json")) == "reading " + (dir / "no.json").string() + ": No such file or directory");
}

TEST_CASE("each configuration has its manifest") {
  CHECK(manifest_path("/b", "Debug") == "/b/paralleltests/manifest-Debug.json");
  CHECK(manifest_path("/b", "") == "/b/paralleltests/manifest.json");
}
