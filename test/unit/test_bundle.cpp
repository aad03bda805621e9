// Sources that share an executable: their cases are tests as if each had one of its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "cli/case_choice.hpp"
#include "core/bundle.hpp"
#include "fakes.hpp"
#include "framework/adapter.hpp"
#include "run/case_list.hpp"
#include "run/case_set.hpp"
#include "suite/annotations.hpp"
#include "suite/manifest.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::ParentFinder;
using cli::select_with_cases;
using cli::sum_up_cases;

namespace {

/// A bundle of /s/net.cpp and /s/db.cpp, and a test of its own.
Suite some_suite() {
  Suite suite = make_suite({"unit.bundle", "unit.own"});
  Test& bundle = suite.tests[0];
  bundle.suite = "unit";
  bundle.framework = "doctest";
  bundle.sources = {"/s/net.cpp", "/s/db.cpp"};
  bundle.labels = {"fast"};
  for (const std::string& source : bundle.sources) bundle.bundle.push_back(make_bundled_source("unit", source));
  suite.tests[1].framework = "doctest";
  return suite;
}

std::string name_of(const BundledSource* source) { return source == nullptr ? "none" : source->name; }

TestCase make_case(const std::string& name, const std::string& file, int line = 1) {
  TestCase one;
  one.name = one.id = name;
  one.location = {file, line};
  return one;
}

/// The names of all cases as tests.
Words names_of(const Test& parent, std::vector<TestCase> cases) {
  make_names_unique(cases);
  Words names;
  for (const TestCase& one : cases) names.push_back(make_case_test(parent, one).name);
  return names;
}

TestHistory ended(Status status, double seconds) {
  TestHistory history;
  history.runs = 1;
  history.last = status;
  history.duration = Seconds(seconds);
  return history;
}

/// Which of `names`, cases of the bundle, a selection means; "-" when it does not mean the bundle.
std::string show_chosen(const Selection& selection, const TestHistories& histories, const Words& names) {
  const Suite suite = some_suite();
  const auto chosen = select_with_cases(suite, selection, histories);
  if (!chosen) return message(chosen);
  const auto& tests = chosen->selected.tests;
  if (std::find(tests.begin(), tests.end(), TestId{0}) == tests.end()) return "-";
  std::deque<Test> cases;
  std::vector<Test*> pointers;
  for (const std::string& name : names) {
    cases.push_back(suite.tests[0]);
    cases.back().name = name;
    pointers.push_back(&cases.back());
  }
  const std::vector<bool> wanted = chosen->is_wanted ? chosen->is_wanted(suite.tests[0], pointers) : std::vector<bool>(names.size(), true);
  Words chosen_names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (wanted[i]) chosen_names.push_back(names[i]);
  return show(chosen_names);
}

Selection by_name(const std::string& regex) {
  Selection selection;
  selection.names = {regex};
  return selection;
}

}  // namespace

TEST_CASE("a source of a bundle is called as an executable of it would be") {
  CHECK(make_bundled_source("unit", "/s/net.cpp").name == "unit.net");
  CHECK(make_bundled_source("a/b", "/s/x.y.cpp").name == "a/b.x.y");
  CHECK(make_bundled_source("unit", "/s/.hidden").name == "unit..hidden");
}

TEST_CASE("a framework's name of a file is that of a source, whatever it is relative to") {
  const Suite suite = some_suite();
  const Test& bundle = suite.tests[0];
  CHECK(name_of(find_bundled(bundle, "/s/net.cpp")) == "unit.net");
  CHECK(name_of(find_bundled(bundle, "/s/x/../db.cpp")) == "unit.db");
  CHECK(name_of(find_bundled(bundle, "../../s/db.cpp")) == "unit.db");
  CHECK(name_of(find_bundled(bundle, "net.cpp")) == "unit.net");
  CHECK(name_of(find_bundled(bundle, "/elsewhere/net.cpp")) == "unit.net");
  CHECK(name_of(find_bundled(bundle, "/s/net.hpp")) == "none");
  CHECK(name_of(find_bundled(bundle, "/s/xnet.cpp")) == "none");
  CHECK(name_of(find_bundled(bundle, "")) == "none");
  CHECK(name_of(find_bundled(suite.tests[1], "/s/net.cpp")) == "none");
}

TEST_CASE("of two sources of one file name only the path tells") {
  Test bundle;
  for (const char* source : {"/s/a/net.cpp", "/s/b/net.cpp"}) bundle.bundle.push_back(make_bundled_source("unit", source));
  CHECK(find_bundled(bundle, "/s/b/net.cpp") == &bundle.bundle[1]);
  CHECK(find_bundled(bundle, "b/net.cpp") == nullptr);
}

TEST_CASE("a case of a bundle is named after its source, and unique there") {
  const Suite suite = some_suite();
  const std::vector<TestCase> cases{make_case("a", "/s/net.cpp"), make_case("a", "/s/db.cpp"),   make_case("a", "../s/db.cpp"),
                                    make_case("a", "/s/db.cpp"),  make_case("a", "/s/both.hpp"), make_case("b", "/s/both.hpp")};
  CHECK(show(names_of(suite.tests[0], cases)) == "[unit.net/a][unit.db/a][unit.db/a][unit.db/a#2][unit.bundle/a#5][unit.bundle/b]");
  CHECK(show(names_of(suite.tests[1], cases)) == "[unit.own/a][unit.own/a#2][unit.own/a#3][unit.own/a#4][unit.own/a#5][unit.own/b]");
}

TEST_CASE("a list that is kept has the names in files") {
  TempDir dir;
  std::vector<TestCase> cases{make_case("a", "/s/net.cpp"), make_case("a", "/s/db.cpp")};
  make_names_unique(cases);
  write_case_list((dir / "list").string(), "1", {cases, false});
  const std::optional<CaseList> list = read_case_list((dir / "list").string(), "1");
  REQUIRE(list);
  CHECK(list->cases.at(1).name == "a#2");
  CHECK(list->cases.at(1).name_in_file == "a");
}

TEST_CASE("a case of a bundle is of its source alone") {
  Suite suite = some_suite();
  Test& bundle = suite.tests[0];
  bundle.bundle[1].labels = {"fast", "smoke"};
  bundle.bundle[1].level = "unit";
  bundle.bundle[1].skip_reason = "not ready";
  bundle.bundle[1].retries = Retries{2};
  TestCase one = make_case("a", "db.cpp", 7);
  one.labels = {"tag"};
  const Test test = make_case_test(bundle, one);
  CHECK(show(test.sources) == "[/s/db.cpp]");
  CHECK(test.location.file == "/s/db.cpp");
  CHECK(test.location.line == 7);
  CHECK(show(test.labels) == "[fast][smoke][tag]");
  CHECK(test.level == "unit");
  CHECK(test.skip_reason == "not ready");
  REQUIRE(test.retries);
  CHECK(test.retries->count == 2);
  CHECK(test.bundle.empty());
  const Test other = make_case_test(bundle, make_case("a", "/s/net.cpp"));
  CHECK(show(other.labels) == "[fast]");
  CHECK(other.skip_reason.empty());
  CHECK_FALSE(other.retries);
}

TEST_CASE("the manifest says which tests are bundles") {
  const auto parse = [](std::string_view member) {
    return parse_manifest(fmt::format(R"({{ "version": 1, "source_directory": "/s", "build_directory": "/b", "generator": "Ninja",
      "configuration": "", "tool": {{"cmake": "/c", "ctest": "/t", "build": "/n"}}, "other_tests": false, "executables": [],
      "suites": [{{"name": "unit", "directory": "/s"}}],
      "tests": [{{"name": "unit.bundle", "suite": "unit", "sources": ["/s/a;b.cpp", "/s/c.cpp"], "command": ["/b/x"], "cwd": "/b"{}}}] }})",
                                      member));
  };
  const Result<Manifest> manifest = parse(R"(, "bundle": true)");
  REQUIRE_MESSAGE(manifest, message(manifest));
  const Test& test = manifest->suite.tests[0];
  REQUIRE(test.bundle.size() == 2);
  CHECK(test.bundle[0].file == "/s/a;b.cpp");
  CHECK(test.bundle[0].name == "unit.a;b");
  CHECK(test.bundle[1].name == "unit.c");
  CHECK_FALSE(test.ctest_cases);
  CHECK(parse("")->suite.tests[0].bundle.empty());
  CHECK(parse(R"(, "bundle": false)")->suite.tests[0].bundle.empty());
  CHECK(message(parse(R"(, "bundle": [1])")) == "tests[0].bundle: expected true or false, got [1] (test \"unit.bundle\")");
}

TEST_CASE("what a bundled source says holds for its cases, and what cannot is told") {
  TempDir dir;
  write(dir / "net.cpp", "// @tag smoke net  @level integration\n// @retries 2 0.5\n// @timeout 600\n");
  write(dir / "db.cpp", "// @skip not yet\n// @lock db  @level unit\n");
  Suite suite = some_suite();
  suite.tree.source_directory = dir.path().string();
  Test& bundle = suite.tests[0];
  bundle.sources = {(dir / "net.cpp").string(), (dir / "db.cpp").string()};
  bundle.bundle.clear();
  for (const std::string& source : bundle.sources) bundle.bundle.push_back(make_bundled_source("unit", source));
  SUBCASE("") {
    const SourceAnnotations result = apply_annotations(suite);
    CHECK(show(bundle.bundle[0].labels) == "[smoke][net]");
    CHECK(bundle.bundle[0].level == "integration");
    REQUIRE(bundle.bundle[0].retries);
    CHECK(bundle.bundle[0].retries->count == 2);
    CHECK(bundle.bundle[0].retries->delay == Seconds(0.5));
    CHECK(bundle.bundle[1].skip_reason == "not yet");
    CHECK(bundle.bundle[1].level == "unit");
    CHECK(bundle.bundle[1].labels.empty());
    const std::string why =
        "it would hold for all sources that BUNDLE links into unit.bundle, and is left out; set the property of that test";
    CHECK(show(result.warnings) == fmt::format("[db.cpp:2: @lock: {0}][net.cpp:3: @timeout: {0}]", why));
  }
  SUBCASE("a property of the test wins") {
    bundle.properties["PTESTS_LEVEL"] = "\"unit\"";
    static_cast<void>(apply_annotations(suite));
    CHECK(bundle.bundle[0].level.empty());
    CHECK(bundle.bundle[0].retries);
  }
  // Nothing of it is said of the executable.
  CHECK(show(bundle.labels) == "[fast]");
  CHECK(bundle.skip_reason.empty());
  CHECK(bundle.level.empty());
  CHECK(bundle.requirements.locks.empty());
  CHECK_FALSE(bundle.retries);
  CHECK_FALSE(bundle.limits[LimitKind::timeout]);
}

TEST_CASE("the executable of a case is found by the name of its source") {
  const Suite suite = some_suite();
  const ParentFinder finder(suite);
  CHECK(finder.find("unit.net/a/b") == TestId{0});
  CHECK(finder.find("unit.bundle/a") == TestId{0});
  CHECK(finder.find("unit.own/a") == TestId{1});
  CHECK_FALSE(finder.find("unit.nets/a"));
  CHECK(finder.find_source("unit.db/x")->source == &suite.tests[0].bundle[1]);
  CHECK(finder.find_source("unit.bundle/x")->source == nullptr);
}

TEST_CASE("what is known of a bundle and of its sources is what is known of the cases") {
  TestHistories histories{{"unit.net/a", ended(Status::passed, 1)},
                          {"unit.net/b", ended(Status::failed, 2)},
                          {"unit.db/a", ended(Status::passed, 4)},
                          {"unit.bundle/of a header", ended(Status::passed, 8)}};
  sum_up_cases(some_suite(), histories);
  CHECK(histories.at("unit.bundle").duration == Seconds(15));
  CHECK(histories.at("unit.bundle").last == Status::failed);
  CHECK(histories.at("unit.net").duration == Seconds(3));
  CHECK(histories.at("unit.db").last == Status::passed);
}

TEST_CASE("a source of a bundle is selected as its executable would be") {
  const Words names{"unit.net/a", "unit.net/b", "unit.db/a", "unit.bundle/h"};
  const TestHistories known{{"unit.net/a", ended(Status::passed, 1)},
                            {"unit.net/b", ended(Status::failed, 2)},
                            {"unit.db/a", ended(Status::passed, 4)},
                            {"unit.bundle/h", ended(Status::passed, 4)}};
  // By the name of the executable that it would be: all its cases, new ones too.
  CHECK(show_chosen(by_name("^unit.net$"), known, names) == "[unit.net/a][unit.net/b]");
  CHECK(show_chosen(by_name("^unit.net$"), {{"unit.db/a", ended(Status::passed, 4)}}, names) == "[unit.net/a][unit.net/b]");
  CHECK(show_chosen(by_name("^unit.net$"), {}, names) == "[unit.net/a][unit.net/b]");
  CHECK(show_chosen(by_name("net/b"), known, names) == "[unit.net/b]");
  CHECK(show_chosen(by_name("^unit.bundle$"), known, names) == "[unit.net/a][unit.net/b][unit.db/a][unit.bundle/h]");
  CHECK(show_chosen(by_name("^unit.own"), known, names) == "-");

  TestHistories all = known;
  sum_up_cases(some_suite(), all);
  Selection failed;
  failed.only_failed = true;
  CHECK(show_chosen(failed, all, names) == "[unit.net/b]");
}
