#include <doctest/doctest.h>

#include "suite/annotations.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// "1 timeout=600|2 serial=" and the warnings behind it.
std::string read_from(std::string_view text) {
  const Annotations annotations = parse_annotations(text, "t.cpp");
  Words words;
  for (const Annotation& one : annotations.all) words.push_back(fmt::format("{} {}={}", one.line, one.name, one.value));
  for (const std::string& warning : annotations.warnings) words.push_back(warning);
  return fmt::format("{}", fmt::join(words, "|"));
}

std::string number(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "none"; }

/// One test made of a file with this text.
Test annotated(const TempDir& directory, std::string_view text, Test test = make_test(1, "a")) {
  write(directory / "a.cpp", text);
  Suite suite = make_suite({"other"});
  test.sources = {(directory / "a.cpp").string()};
  suite.tests.push_back(std::move(test));
  static_cast<void>(apply_annotations(suite));
  return suite.tests[1];
}

}  // namespace

TEST_CASE("an annotation stands at the head of a comment of any language") {
  for (const auto& [text, found] : {
           std::pair<std::string_view, std::string>{"// @timeout 600", "1 timeout=600"},
           {"\xEF\xBB\xBF// @timeout 600", "1 timeout=600"},
           {"  ///   @timeout   600  \r\n", "1 timeout=600"},
           {"//! @timeout 600", "1 timeout=600"},
           {"#@timeout 600", "1 timeout=600"},
           {"# @timeout 600", "1 timeout=600"},
           {"; @timeout 600", "1 timeout=600"},
           {"-- @timeout 600", "1 timeout=600"},
           {"! @timeout 600", "1 timeout=600"},
           {"!> @timeout 600", "1 timeout=600"},
           {"% @timeout 600", "1 timeout=600"},
           {"%% @timeout 600", "1 timeout=600"},
           {"/* @timeout 600 */", "1 timeout=600"},
           {"/** @timeout 600 */ int x;", "1 timeout=600 */ int x;"},
           {"/**\n * @timeout 600\n * @serial\n */", "2 timeout=600|3 serial="},
           {"/*\n  @timeout 600\n*/\n  @serial\n", "2 timeout=600"},
           {"\n\n// text\n// @TimeOut: 600\n", "4 timeout=600"},
           {"// @idle_timeout 5", "1 idle-timeout=5"},
           {"// @serial @lock db @tag a b @skip see @bob", "1 serial=|1 lock=db|1 tag=a b|1 skip=see @bob"},
           {"// @serial @lock db */", "1 serial=|1 lock=db"},
           // No comment, or not at its head.
           {"@timeout 600", ""},
           {"int x; // @timeout 600", ""},
           {"// see @timeout 600", ""},
           {"// bob@timeout 600", ""},
           {"char* s = \"// @timeout 600\";", ""},
           {"#include <a> // @timeout", ""},
           {"// @ timeout 600", ""},
           {"// @timeout(600)", ""},
           {"", ""},
           {"// @", ""},
           {"/*", ""},
       }) {
    CAPTURE(text);
    if (text.find("int x;") != text.npos && text.starts_with("/**")) {
      CHECK(read_from(text).starts_with("t.cpp:1: @timeout: "));
    } else {
      CHECK(read_from(text) == found);
    }
  }
}

TEST_CASE("the first 100 lines count") {
  std::string text;
  for (int line = 1; line < 100; ++line) text += "int x;\n";
  CHECK(read_from(text + "// @serial\n// @cost 3\n") == "100 serial=");
}

TEST_CASE("every annotation") {
  const TempDir directory;
  const Test test =
      annotated(directory,
                "// @timeout 600\n// @idle-timeout 5\n// @cpu-time 10\n// @memory 2G\n// @processes 7\n// @open-files 64\n"
                "// @file-size 1M\n// @core-size 0\n// @stack 8M\n// @output-size 1k\n// @io-read-bps 1M\n// @io-write-bps 2M\n"
                "// @io-read-iops 3\n// @io-write-iops 4\n// @cpus 0.5\n// @nice -5\n"
                "// @priority P0\n// @level Integration\n// @retries 2 0.5 3\n// @processors 2\n// @cost 3\n// @serial\n"
                "// @tag smoke, net\n// @tag slow\n// @depends-on other\n// @lock db disk\n// @lock gpu\n// @group net 4\n"
                "// @skip needs hardware\n");
  Words limits;
  for (const LimitInfo& info : k_limits) limits.push_back(number(test.limits[info.kind]));
  CHECK(fmt::format("{}", fmt::join(limits, " ")) == "600 5 10 2147483648 7 64 1048576 0 8388608 1024 1048576 2097152 3 4 0.5 -5");
  CHECK(test.requirements.priority == 0);
  CHECK(test.level == "integration");
  REQUIRE(test.retries);
  CHECK(test.retries->count == 2);
  CHECK(test.retries->delay == Seconds(0.5));
  CHECK(test.retries->backoff == 3);
  CHECK(test.requirements.processors == 2);
  CHECK(test.requirements.cost == 3);
  CHECK(test.requirements.run_serial);
  CHECK(show(test.labels) == "[smoke][net][slow]");
  CHECK(show(test.requirements.depends) == "[other]");
  CHECK(show(test.requirements.locks) == "[db][disk][gpu]");
  REQUIRE(test.requirements.groups.size() == 1);
  CHECK(test.requirements.groups[0].name == "net");
  CHECK(test.requirements.groups[0].most == 4);
  CHECK(test.skip_reason == "needs hardware");
  CHECK(annotated(directory, "// @planned").skip_reason == "planned");
  CHECK(annotated(directory, "// @skip").skip_reason == "skipped by its source");
}

TEST_CASE("the test's own property wins, the suite's does not, lists grow") {
  const TempDir directory;
  Test test = make_test(1, "a");
  test.limits[LimitKind::timeout] = 10;
  test.limits[LimitKind::memory] = 1024;
  test.properties = {{"TIMEOUT", "10"}, {"PTESTS_MEMORY", "\"1k\""}};
  test.suite_properties = {"PTESTS_MEMORY"};
  test.labels = {"fast", "smoke"};
  test.requirements.locks = {"db"};
  const Test result = annotated(directory, "// @timeout 600\n// @memory 2k\n// @tag smoke net\n// @lock disk\n", test);
  CHECK(result.limits[LimitKind::timeout] == 10);
  CHECK(result.limits[LimitKind::memory] == 2048);
  CHECK(show(result.labels) == "[fast][smoke][net]");
  CHECK(show(result.requirements.locks) == "[db][disk]");
}

TEST_CASE("a malformed value is a warning that names the place, and nothing else is lost") {
  for (const auto& [text, warning] : {
           std::pair<std::string_view, std::string>{
               "// @timeout 5s", "t.cpp:1: @timeout: expected a number, got \"5s\" (seconds, without a unit; 0 = no limit)"},
           {"// @timeout", "t.cpp:1: @timeout: no value"},
           {"// @Memory lots", "t.cpp:1: @Memory: expected a size, got \"lots\" (bytes, or with a suffix: 512M, 2G)"},
           {"// @priority high", "t.cpp:1: @priority: expected P0, P1, P2 or P3, got \"high\""},
           {"// @level smoke", "t.cpp:1: @level: expected unit, integration or system, got \"smoke\""},
           {"// @serial yes please", "t.cpp:1: @serial: expected nothing behind it, got \"yes please\""},
           {"// @tag", "t.cpp:1: @tag: no value"},
           {"// @cost 1\n// @cost 2", "1 cost=1|t.cpp:2: @cost: it is there already, and the first one counts"},
           {"// @memory lots @serial", "1 serial=|t.cpp:1: @memory: expected a size, got \"lots\" (bytes, or with a suffix: 512M, 2G)"},
       }) {
    CAPTURE(text);
    CHECK(read_from(text) == warning);
  }
  CHECK(read_from("// @retries many").starts_with("t.cpp:1: @retries: expected a number of retries, got \"many\" ("));
  CHECK(read_from("// @retries 1 1 0.5").starts_with("t.cpp:1: @retries: "));
  CHECK(read_from("// @group net").starts_with("t.cpp:1: @group: expected names of groups"));
  CHECK(read_from("// @group net 0").starts_with("t.cpp:1: @group: "));
}

TEST_CASE("a name that is nearly ours is a warning, one of another tool is none") {
  for (const auto& [word, meant] : {std::pair<std::string_view, std::string_view>{"timout", "timeout"},
                                    {"memroy", "memory"},
                                    {"Memmory", "memory"},
                                    {"tags", "tag"},
                                    {"depends", "depends-on"},
                                    {"prio", "priority"},
                                    {"retrise", "retries"},
                                    {"dependson", "depends-on"},
                                    {"idletimeout", "idle-timeout"},
                                    {"plannd", "planned"},
                                    {"label", "tag"},
                                    {"Labels", "tag"},
                                    {"requires", "depends-on"},
                                    {"disabled", "skip"}}) {
    CAPTURE(word);
    CHECK(read_from(fmt::format("// @{} 3", word)) ==
          fmt::format("t.cpp:1: @{}: there is no such annotation; did you mean @{}?", word, meant));
  }
  for (const std::string_view word :
       {"file",     "brief",      "param",   "param[in]",  "return",   "returns", "author",    "copyright", "todo",     "see",
        "sa",       "note",       "license", "date",       "version",  "test",    "name",      "class",     "struct",   "ingroup",
        "defgroup", "addtogroup", "since",   "throws",     "code",     "endcode", "details",   "private",   "property", "pre",
        "post",     "warning",    "bug",     "deprecated", "cond",     "tparam",  "retval",    "li",        "c",        "p",
        "a",        "ref",        "link",    "package",    "override", "type",    "typedef",   "module",    "internal", "page",
        "mainpage", "section",    "snippet", "include",    "example",  "remark",  "attention", "invariant", "overload"}) {
    CAPTURE(word);
    CHECK(read_from(fmt::format("// @{} some words", word)) == "");
  }
}

TEST_CASE("a source of many tests is read once, one that is not there is passed over, a script in a command counts") {
  const TempDir directory;
  write(directory / "src/a.cpp", "// @cost 3\n// @cost\n");
  write(directory / "src/run.py", "#!/usr/bin/python3\n# @serial\n");
  Suite suite = make_suite({"a", "b", "c", "d"});
  suite.tree.source_directory = (directory / "src").string();
  suite.tree.build_directory = (directory / "build").string();
  suite.tests[0].sources = {(directory / "src/a.cpp").string()};
  suite.tests[1].sources = {(directory / "src/gone.cpp").string(), (directory / "src/a.cpp").string()};
  suite.tests[2].command = {"/usr/bin/python3", (directory / "src/run.py").string()};
  suite.tests[3].location.file = (directory / "src/CMakeLists.txt").string();
  write(directory / "src/CMakeLists.txt", "# @cost 9\n");
  const SourceAnnotations result = apply_annotations(suite);
  CHECK(suite.tests[0].requirements.cost == 3);
  CHECK(suite.tests[1].requirements.cost == 3);
  CHECK(suite.tests[2].requirements.run_serial);
  CHECK(suite.tests[3].requirements.cost == 0);
  CHECK(show(result.warnings) == "[a.cpp:2: @cost: no value]");
  CHECK(result.files.size() == 3);
}

TEST_CASE("a test to depend on that does not exist is a warning") {
  const TempDir directory;
  write(directory / "a.cpp", "// @depends-on unit.bd unit.x\n");
  Suite suite = make_suite({"unit.db", "unit.x", "a"});
  suite.tree.source_directory = directory.path().string();
  suite.tests[2].sources = {(directory / "a.cpp").string()};
  CHECK(show(apply_annotations(suite).warnings) == "[a.cpp:1: @depends-on: there is no test \"unit.bd\"; did you mean \"unit.db\"?]");
}

TEST_CASE("no text crashes the reader") {
  const std::string text = "/** @timeout 600 @serial\n * @tag a,b\n */ // @group net 4\n# @retries 2 1";
  for (std::size_t length = 0; length <= text.size(); ++length) static_cast<void>(read_from(text.substr(0, length)));
  Dice dice(3);
  const std::string_view letters = "@/*#;- \n\ttimeoutag:5";
  for (int round = 0; round < 2000; ++round) {
    std::string any;
    for (int i = dice.roll(40); i > 0; --i) any += letters[static_cast<std::size_t>(dice.roll(static_cast<int>(letters.size())))];
    static_cast<void>(read_from(any));
  }
}
