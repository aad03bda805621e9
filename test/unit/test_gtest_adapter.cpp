#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/adapter.hpp"
#include "framework/gtest.hpp"

namespace {

using namespace ptests;

TestCase make_case(std::string id, std::string file = "prog.cpp") {
  TestCase result;
  result.name = id;
  result.id = std::move(id);
  result.location = {std::move(file), 10};
  result.disabled = result.id.find("DISABLED_") != result.id.npos;
  return result;
}

std::vector<TestCase> make_cases(const std::vector<std::string>& ids) {
  std::vector<TestCase> cases;
  cases.reserve(ids.size());
  for (const std::string& id : ids) cases.push_back(make_case(id));
  return cases;
}

std::vector<std::size_t> all_of(const std::vector<TestCase>& cases) {
  std::vector<std::size_t> all(cases.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

/// One line an event: "end Suite.Test failed 0.003 @120 [message]".
std::string shown(const std::vector<TestCase>& cases, const std::vector<CaseEvent>& events) {
  std::string text;
  for (const CaseEvent& event : events) {
    text += event.kind == CaseEvent::Kind::started ? "start " : "end ";
    text += cases[event.index].name;
    if (event.kind == CaseEvent::Kind::ended) text += " " + std::string(status_name(event.status));
    if (event.duration) text += " " + std::to_string(static_cast<int>(event.duration->count() * 1000 + 0.5));
    if (!event.message.empty()) text += " [" + event.message + "]";
    text += '\n';
  }
  return text;
}

std::vector<CaseEvent> read_in_pieces(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen,
                                      const std::vector<std::string_view>& pieces) {
  const auto reader = make_gtest_adapter()->make_reader(cases, chosen);
  std::vector<CaseEvent> events;
  for (const std::string_view piece : pieces) reader->read(piece, events);
  reader->finish(events);
  return events;
}

/// Reads whole, byte by byte and cut at every offset: the same must come out.
std::string read(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen, std::string_view log) {
  const std::string whole = shown(cases, read_in_pieces(cases, chosen, {log}));
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < log.size(); ++i) bytes.push_back(log.substr(i, 1));
  CHECK(shown(cases, read_in_pieces(cases, chosen, bytes)) == whole);
  for (std::size_t cut = 1; cut < std::min<std::size_t>(log.size(), 3000); ++cut)
    REQUIRE(shown(cases, read_in_pieces(cases, chosen, {log.substr(0, cut), log.substr(cut)})) == whole);
  return whole;
}
std::string read(const std::vector<std::string>& ids, std::string_view log) {
  const std::vector<TestCase> cases = make_cases(ids);
  return read(cases, all_of(cases), log);
}

std::string filter_of(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen) {
  const std::string input = make_gtest_adapter()->run_command(cases, chosen, {"/in", "/out"}, {}, false).input;
  return input.substr(0, input.find('\n'));
}

std::string shards_of(const std::vector<TestCase>& cases, const std::vector<std::size_t>& chosen) {
  const std::vector<std::string> environment = make_gtest_adapter()->run_command(cases, chosen, {"/in", "/out"}, {}, false).environment;
  std::string text;
  for (const std::string& entry : environment)
    if (entry.find("SHARD") != entry.npos) text += entry.substr(entry.find('=') + 1) + " ";
  return text;
}

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

// Recorded from GoogleTest 1.12.1.
constexpr std::string_view k_log = R"(noise before
Note: Google Test filter = Plain.Passes:Plain.Fails:Plain.Throws
[==========] Running 9 tests from 3 test suites.
[----------] Global test environment set-up.
[----------] 6 tests from Plain
[ RUN      ] Plain.Passes
[       OK ] Plain.Passes (12 ms)
[ RUN      ] Plain.Fails
prog.cpp:11: Failure
Expected equality of these values:
  1
  2
my text
prog.cpp:12: Failure
Value of: false
  Actual: false
Expected: true
[  FAILED  ] Plain.Fails (0 ms)
[ RUN      ] Plain.Throws
unknown file: Failure
C++ exception with description "boom" thrown in the test body.
[  FAILED  ] Plain.Throws (0 ms)
[ RUN      ] Plain.Skips
prog.cpp:13: Skipped
no reason
[  SKIPPED ] Plain.Skips (0 ms)
[ RUN      ] Plain.NoNewline
no newline[       OK ] Plain.NoNewline (0 ms)
[ RUN      ] Plain.NoNewlineFails
no newlineprog.cpp:17: Failure
Value of: false
tail[  FAILED  ] Plain.NoNewlineFails (0 ms)
[----------] 6 tests from Plain (0 ms total)

[----------] 1 test from Typed/1, where TypeParam = double
[ RUN      ] Typed/1.Small
[  FAILED  ] Typed/1.Small, where TypeParam = double (3 ms)
[----------] 1 test from Typed/1 (0 ms total)

[----------] 2 tests from T/Texts
[ RUN      ] T/Texts.Bad/1
[  FAILED  ] T/Texts.Bad/1, where GetParam() = "a (3 ms)\nb" (1 ms)
[ RUN      ] T/Texts.Bad/2
[  FAILED  ] T/Texts.Bad/2, where GetParam() = "\xC3\xA4"
    As Text: "ä" (7 ms)
[----------] 2 tests from T/Texts (0 ms total)

[----------] Global test environment tear-down
[==========] 9 tests from 3 test suites ran. (9 ms total)
[  PASSED  ] 2 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Plain.Skips
[  FAILED  ] 6 tests, listed below:
[  FAILED  ] Plain.Fails
)";

const std::vector<std::string>& log_ids() {
  static const std::vector<std::string> ids{"Plain.Passes",         "Plain.Fails",   "Plain.Throws",  "Plain.Skips",  "Plain.NoNewline",
                                            "Plain.NoNewlineFails", "Typed/1.Small", "T/Texts.Bad/1", "T/Texts.Bad/2"};
  return ids;
}

constexpr std::string_view k_log_events = R"(start Plain.Passes
end Plain.Passes passed 12
start Plain.Fails
end Plain.Fails failed 0 [prog.cpp:11: Expected equality of these values:
  1
  2
my text
prog.cpp:12: Value of: false
  Actual: false
Expected: true]
start Plain.Throws
end Plain.Throws failed 0 [C++ exception with description "boom" thrown in the test body.]
start Plain.Skips
end Plain.Skips skipped 0 [prog.cpp:13: no reason]
start Plain.NoNewline
end Plain.NoNewline passed 0
start Plain.NoNewlineFails
end Plain.NoNewlineFails failed 0 [prog.cpp:17: Value of: false]
start Typed/1.Small
end Typed/1.Small failed 3
start T/Texts.Bad/1
end T/Texts.Bad/1 failed 1
start T/Texts.Bad/2
end T/Texts.Bad/2 failed 7
)";

constexpr std::string_view k_json = R"json({
  "tests": 4,
  "name": "AllTests",
  "testsuites": [
    {
      "name": "Plain",
      "tests": 3,
      "testsuite": [
        {"name": "Passes", "file": "\/src\/prog.cpp", "line": 10},
        {"name": "DISABLED_Off", "file": "\/src\/prog.cpp", "line": 14},
        {"name": "a\\u00C3 \"q\" \u00C3\u00A9", "file": "\/src\/prog.cpp", "line": 15}
      ]
    },
    {
      "name": "Inst\/DISABLED_Typed\/0",
      "tests": 1,
      "testsuite": [
        {"name": "Small\/0", "type_param": "int", "value_param": "(1, \"x\")", "file": "t.cpp", "line": 3}
      ]
    }
  ]
}
)json";

}  // namespace

TEST_CASE("gtest: the JSON list gives names, locations and what is disabled") {
  const auto cases = make_gtest_adapter()->parse_list("noise\n", k_json);
  REQUIRE(cases);
  REQUIRE(cases->size() == 4);
  CHECK((*cases)[0].id == "Plain.Passes");
  CHECK((*cases)[0].name == "Plain.Passes");
  CHECK((*cases)[0].location.file == "/src/prog.cpp");
  CHECK((*cases)[0].location.line == 10);
  CHECK_FALSE((*cases)[0].disabled);
  CHECK((*cases)[1].disabled);
  CHECK((*cases)[2].id == "Plain.a\\u00C3 \"q\" \xC3\xA9");
  CHECK((*cases)[3].id == "Inst/DISABLED_Typed/0.Small/0");
  CHECK((*cases)[3].disabled);
}

TEST_CASE("gtest: a JSON list without cases is a list") {
  const auto cases = make_gtest_adapter()->parse_list("", R"({"tests": 0, "name": "AllTests", "testsuites": []})");
  REQUIRE(cases);
  CHECK(cases->empty());
}

TEST_CASE("gtest: two cases of one name get names of their own and keep their id") {
  const auto cases = make_gtest_adapter()->parse_list("Twice.\n  Same\n  Same\n", "");
  REQUIRE(cases);
  REQUIRE(cases->size() == 2);
  CHECK((*cases)[1].name == "Twice.Same#2");
  CHECK((*cases)[1].id == "Twice.Same");
}

TEST_CASE("gtest: without JSON the printed list counts, among noise") {
  constexpr std::string_view output =
      "noise before\n  indented noise\nLoading config.\n  more\nPlain.\r\n  Passes\r\n  DISABLED_Off\nTyped/unsigned int.  # TypeParam = "
      "unsigned int\n  Small\nInst/Numbers.\n  Small/0  # GetParam() = a  # GetParam() = b\nnoise after\n  Late\n";
  for (const std::string_view results : {"", "{", "{\"tests\": 3}", "[]", "null", "{\"testsuites\": [{\"name\": 3}]}"}) {
    const auto cases = make_gtest_adapter()->parse_list(output, results);
    REQUIRE(cases);
    REQUIRE(cases->size() == 4);
    CHECK((*cases)[0].id == "Plain.Passes");
    CHECK((*cases)[1].disabled);
    CHECK((*cases)[2].id == "Typed/unsigned int.Small");
    CHECK((*cases)[3].id == "Inst/Numbers.Small/0");
  }
}

TEST_CASE("gtest: what is no list is an error that names it") {
  const auto nothing = make_gtest_adapter()->parse_list("", "");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().message == "the listing (--gtest_list_tests) printed nothing");
  const auto other = make_gtest_adapter()->parse_list("usage: prog FILE\n", "");
  REQUIRE_FALSE(other);
  CHECK(other.error().message.find("usage: prog FILE") != std::string::npos);
  const auto help = make_gtest_adapter()->parse_list(
      "This program contains tests written using Google Test. You can use the\nfollowing command line flags to control its behavior:\n",
      "");
  REQUIRE_FALSE(help);
  CHECK(help.error().message == "the listing (--gtest_list_tests) is GoogleTest's help");
}

TEST_CASE("gtest: a list cut anywhere harms nothing") {
  for (std::size_t cut = 0; cut < k_json.size(); ++cut) (void)make_gtest_adapter()->parse_list("S.\n  T\n", k_json.substr(0, cut));
  CHECK(make_gtest_adapter()->parse_list("S.\n  T\n", k_json.substr(0, k_json.size() / 2))->front().id == "S.T");
}

TEST_CASE("gtest: the chosen cases stand in the flag file") {
  const std::vector<TestCase> cases = make_cases({"A.one", "A.two", "A.DISABLED_three"});
  const CaseCommand command = make_gtest_adapter()->run_command(cases, std::vector<std::size_t>{0, 1}, {"/in", "/out"}, {100000}, false);
  CHECK(command.arguments == std::vector<std::string>{"--gtest_flagfile=/in"});
  CHECK(has_line(command.input, "--gtest_filter=A.one:A.two"));
  CHECK(has_line(command.input, "--gtest_also_run_disabled_tests=0"));
  CHECK(has_line(command.input, "--gtest_shuffle=0"));
  CHECK(has_line(command.input, "--gtest_repeat=1"));
  CHECK(has_line(command.input, "--gtest_color=no"));
  CHECK(has_line(command.input, "--gtest_random_seed=1"));
  CHECK(shards_of(cases, {0, 1}) == "1 0 ");
  const std::string disabled = make_gtest_adapter()->run_command(cases, std::vector<std::size_t>{0, 2}, {"/in", "/out"}, {}, false).input;
  CHECK(has_line(disabled, "--gtest_also_run_disabled_tests=1"));
  CHECK(disabled.find("random_seed") == std::string::npos);
}

TEST_CASE("gtest: names with the filter's own characters select no other case") {
  const std::vector<TestCase> cases = make_cases({"O.a-b", "O.a:b", "O.a*b", "O.a?b", "O.axb", "O.a*DISABLED_b", "O.new\nline"});
  CHECK(filter_of(cases, {4}) == "--gtest_filter=O.axb");
  CHECK(filter_of(cases, {6}) == "--gtest_filter=O.new?line");
  // "O.a?b" is the pattern of four of them: what no filter tells apart is told apart by its place.
  CHECK(filter_of(cases, {0}) == "--gtest_filter=O.a?b-O.axb");
  CHECK(shards_of(cases, {0}) == "4 0 ");
  CHECK(filter_of(cases, {1}) == "--gtest_filter=O.a?b-O.a-b:O.axb");
  CHECK(shards_of(cases, {1}) == "3 0 ");
  CHECK(shards_of(cases, {2}) == "3 1 ");
  CHECK(shards_of(cases, {3}) == "3 2 ");
  CHECK(filter_of(cases, {0, 1, 2, 3, 4}) == "--gtest_filter=O.a?b:O.a?b:O.a*b:O.a?b:O.axb");
  CHECK(shards_of(cases, {0, 1, 2, 3, 4}) == "1 0 ");
}

TEST_CASE("gtest: of cases with the same name one alone is told apart by its place") {
  const std::vector<TestCase> cases = make_cases({"T.x", "T.x", "T.y"});
  CHECK(filter_of(cases, {1}) == "--gtest_filter=T.x");
  CHECK(shards_of(cases, {1}) == "2 1 ");
  CHECK(shards_of(cases, {0, 1, 2}) == "1 0 ");
  constexpr std::string_view log = "[ RUN      ] T.x\n[       OK ] T.x (0 ms)\n";
  CHECK(shown(cases, read_in_pieces(cases, {1}, {log})).find("end T.x passed") != std::string::npos);
  // With others both run, and the first run is not that of the second.
  const std::vector<CaseEvent> events = read_in_pieces(
      cases, {1, 2}, {"[ RUN      ] T.x\n[       OK ] T.x (0 ms)\n[ RUN      ] T.x\n[  FAILED  ] T.x (0 ms)\n[ RUN      ] T.y\n"});
  REQUIRE(events.size() == 3);
  CHECK(events[0].index == 1);
  CHECK(events[1].status == Status::failed);
  CHECK(events[2].index == 2);
}

TEST_CASE("gtest: a recorded run tells every case, however it is cut") { CHECK(read(log_ids(), k_log) == k_log_events); }

TEST_CASE("gtest: lines may end as on Windows") {
  std::string log;
  for (const char c : k_log) log += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(read(log_ids(), log) == k_log_events);
}

TEST_CASE("gtest: offsets enclose what a case prints") {
  const std::vector<TestCase> cases = make_cases({"A.x"});
  const std::string log = "noise\n[ RUN      ] A.x\nits own\noutput[       OK ] A.x (2 ms)\n[----------] 1 test from A (2 ms total)\n";
  const std::vector<CaseEvent> events = read_in_pieces(cases, {0}, {log});
  REQUIRE(events.size() == 2);
  REQUIRE(events[0].output_offset);
  REQUIRE(events[1].output_offset);
  CHECK(log.substr(*events[0].output_offset, *events[1].output_offset - *events[0].output_offset) == "its own\noutput");
}

TEST_CASE("gtest: an end is told when what follows it has come, without the end of the stream") {
  const std::vector<TestCase> cases = make_cases({"A.x", "A.y", "B.z"});
  const auto reader = make_gtest_adapter()->make_reader(cases, all_of(cases));
  std::vector<CaseEvent> events;
  reader->read("[ RUN      ] A.x\n", events);
  CHECK(events.size() == 1);
  reader->read("[       OK ] A.x (0 ms)\n[ RUN      ] A.y\n", events);
  CHECK(events.size() == 3);
  reader->read("[       OK ] A.y (0 ms)\ntear-down\n[----------] 2 tests from A (0 ms total)\n", events);
  CHECK(events.size() == 4);
}

TEST_CASE("gtest: a case whose process dies does not end") {
  CHECK(read({"A.x", "A.y"}, "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\n[ RUN      ] A.y\nbefore\n") ==
        "start A.x\nend A.x passed 0\nstart A.y\n");
  CHECK(read({"A.x", "A.y"}, "[ RUN      ] A.x\nprog.cpp:1: Failure\nFailed\n") == "start A.x\n");
  // The name in a line that is not whole may be another one.
  CHECK(read({"A.x", "A.x2"}, "[ RUN      ] A.x").empty());
  CHECK(read({"A.x"}, "[ RUN      ] A.x\n[       OK ] A.x (0") == "start A.x\n");
}

TEST_CASE("gtest: the last case of a suite has ended when the suite's tear-down crashes") {
  CHECK(read({"A.x", "B.y"}, "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\ntear-down\n") == "start A.x\nend A.x passed 0\n");
}

TEST_CASE("gtest: a case that prints its own end has not ended") {
  CHECK(
      read({"A.x", "A.y"},
           "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\nprog.cpp:2: Failure\nFailed\nreally\n[  FAILED  ] A.x (1 ms)\n[ RUN      ] A.y\n") ==
      "start A.x\nend A.x failed 1 [prog.cpp:2: Failed\nreally]\nstart A.y\n");
  // It crashes then: had it ended, A.y would have started.
  CHECK(read({"A.x", "A.y"}, "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\nand crashes\n") == "start A.x\n");
}

TEST_CASE("gtest: what a case prints of others is not theirs") {
  CHECK(
      read(
          {"A.x", "A.y", "A.z"},
          "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\n[ RUN      ] A.z\n[       OK ] A.z (0 ms)\n[       OK ] A.y (0 ms)\n[  FAILED  ] A.x "
          "(4 ms)\n[ RUN      ] A.y\n[ RUN      ] A.z\n[  FAILED  ] A.z (0 ms)\n[       OK ] A.y (0 ms)\n[ RUN      ] A.z\n[       OK ] "
          "A.z (0 ms)\n[----------] 3 tests from A (0 ms total)\n") ==
      "start A.x\nend A.x failed 4\nstart A.y\nend A.y passed 0\nstart A.z\nend A.z passed 0\n");
  CHECK(
      read({"A.x"}, "[ RUN      ] A.x2\n[ RUN      ] A.x\n[       OK ] A.x2 (0 ms)\n[       OK ] A.x (0 ms) x\n[       OK ] A.x (0 s)\n") ==
      "start A.x\n");
}

TEST_CASE("gtest: a case may run its own executable") {
  CHECK(read({"A.x", "B.y"},
             "[ RUN      ] A.x\n[==========] Running 1 test from 1 test suite.\n[----------] 1 test from A\n[ RUN      ] A.x\n[       OK ] "
             "A.x "
             "(0 ms)\n[----------] 1 test from A (0 ms total)\n\n[  PASSED  ] 1 test.\nprog.cpp:3: Failure\nFailed\n[  FAILED  ] A.x (8 "
             "ms)\n[----------] 1 test from A (8 ms total)\n\n[----------] 1 test from B\n[ RUN      ] B.y\n") ==
        "start A.x\nend A.x failed 8 [prog.cpp:3: Failed]\nstart B.y\n");
}

TEST_CASE("gtest: threads may print between the parts of a line") {
  CHECK(read({"A.x", "A.y", "A.z"},
             "[ RUN      ] A.x\n[       OK ] noise 3\nA.x (0 ms)\n[ RUN      ] A.y\n[  FAILED  ] A.ynoise 3\n (0 ms)\n[ RUN      ] A.z\n[  "
             "     "
             "OK ] A.z (0 ms)\n[----------] 3 tests from A (0 ms total)\n") ==
        "start A.x\nend A.x passed\nstart A.y\nend A.y failed\nstart A.z\nend A.z passed 0\n");
  // A start that cannot be read is not told, and the ones behind it are.
  CHECK(read({"A.x", "A.y", "A.z"},
             "[ RUN      ] A.x\n[       OK ] A.x (0 ms)\n[ RUN      ] noise 3\nA.y\n[       OK ] A.y (0 ms)\n[ RUN      ] A.z\n") ==
        "start A.x\nend A.x passed 0\nstart A.z\n");
}

TEST_CASE("gtest: a failed set-up of the suite fails its cases, and only those") {
  CHECK(
      read({"Bad.One", "Bad.Two", "Good.One"},
           "[----------] 2 tests from Bad\nprog.cpp:39: Failure\nFailed\nsetup\n[ RUN      ] Bad.One\nprog.cpp:40: Skipped\n\n[  SKIPPED ] "
           "Bad.One (0 ms)\n[ RUN      ] Bad.Two\nprog.cpp:41: Skipped\n\n[  SKIPPED ] Bad.Two (0 ms)\n[----------] 2 tests from Bad (0 ms "
           "total)\n\n[----------] 1 test from Good\n[ RUN      ] Good.One\nprog.cpp:42: Skipped\n\n[  SKIPPED ] Good.One (0 "
           "ms)\n[----------] 1 test from Good (0 ms total)\n") ==
      "start Bad.One\nend Bad.One failed 0 [prog.cpp:39: Failed\nsetup]\nstart Bad.Two\nend Bad.Two failed 0 [prog.cpp:39: "
      "Failed\nsetup]\nstart Good.One\nend Good.One skipped 0\n");
}

TEST_CASE("gtest: a failed set-up of the program fails all cases") {
  CHECK(read({"A.x", "B.y"},
             "[----------] Global test environment set-up.\nprog.cpp:75: Failure\nFailed\nenv\n[----------] 1 test from A\n[ RUN      ] "
             "A.x\nprog.cpp:10: Skipped\n\n[  SKIPPED ] A.x (0 ms)\n[----------] 1 test from A (0 ms total)\n\n[----------] 1 test from "
             "B\n[ RUN   "
             "   ] B.y\nprog.cpp:11: Skipped\n\n[  SKIPPED ] B.y (0 ms)\n[----------] 1 test from B (0 ms total)\n") ==
        "start A.x\nend A.x failed 0 [prog.cpp:75: Failed\nenv]\nstart B.y\nend B.y failed 0 [prog.cpp:75: Failed\nenv]\n");
}

TEST_CASE("gtest: a set-up of the program that skips skips all cases") {
  CHECK(
      read(
          {"A.x", "B.y"},
          "[==========] Running 2 tests from 2 test suites.\n[----------] Global test environment set-up.\nprog.cpp:75: Skipped\nenv "
          "skip\n[----------] Global test environment tear-down\n[==========] 2 tests from 2 test suites ran. (0 ms total)\n[  PASSED  ] 2 "
          "tests.\n") == "start A.x\nend A.x skipped [prog.cpp:75: env skip]\nstart B.y\nend B.y skipped [prog.cpp:75: env skip]\n");
}

TEST_CASE("gtest: a line of any length hides no end") {
  const std::vector<TestCase> cases = make_cases({"A.x", "A.y", "A.z"});
  const std::string giant(300000, 'x');
  const std::string log = "[ RUN      ] A.x\n" + giant + "[       OK ] A.x (0 ms)\n[ RUN      ] A.y\n" + giant +
                          "prog.cpp:4: Failure\nFailed\n[  FAILED  ] A.y, where GetParam() = " + giant + "\n" + giant +
                          " (5 ms)\n[ RUN      ] A.z\nprog.cpp:5: Failure\n" + giant + "\n" + giant + "\n[  FAILED  ] A.z (6 ms)\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{65537}, log.size()}) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < log.size(); i += size) pieces.push_back(std::string_view(log).substr(i, size));
    std::vector<CaseEvent> events = read_in_pieces(cases, all_of(cases), pieces);
    REQUIRE(events.size() == 6);
    CHECK(events[1].output_offset == 17 + giant.size());
    CHECK(events[3].message.substr(0, 40) == "prog.cpp:4: Failed");
    CHECK(events[3].duration == Seconds(0.005));
    CHECK(events[5].duration == Seconds(0.006));
    CHECK(events[5].message.size() <= CaseEvent::k_most_message);
    CHECK(events[5].message.size() > CaseEvent::k_most_message - 100);
  }
}

TEST_CASE("gtest: where a very long line is cut makes no difference") {
  const std::vector<TestCase> cases = make_cases({"A.x", "A.y"});
  const std::string end = "[       OK ] A.x (0 ms)";
  const auto read_cut = [&](std::string_view log, std::size_t cut) {
    return shown(cases, read_in_pieces(cases, all_of(cases), {log.substr(0, cut), log.substr(cut)}));
  };
  // Somewhere the reader has to drop a part of the line, and the last that it has then may look like the case's own end.
  for (std::size_t size = 17200; size < 17700; ++size) {
    CAPTURE(size);
    const std::string log = "[ RUN      ] A.x\n" + std::string(size, 'x') + end + std::string(20000, 'x') + "\n[ RUN      ] A.y\n";
    const std::string whole = read_cut(log, 0);
    REQUIRE(read_cut(log, log.find(end) + end.size()) == whole);
    REQUIRE(read_cut(log, log.size() - 20) == whole);
  }
}

TEST_CASE("gtest: a run in a random order tells every case") {
  const std::string head =
      "Note: Randomizing tests' orders with a seed of 7 .\n[==========] Running 4 tests from 2 test suites.\n"
      "[----------] Global test environment set-up.\n[----------] 1 test from B\n";
  const std::string b = "[ RUN      ] B.x\n[       OK ] B.x (1 ms)\n[----------] 1 test from B (1 ms total)\n\n";
  const std::string a_begin = "[----------] 3 tests from A\n[ RUN      ] A.z\n[       OK ] A.z (2 ms)\n";
  const std::string a_end =
      "[ RUN      ] A.x\nprog.cpp:3: Failure\nFailed\n[  FAILED  ] A.x (3 ms)\n[ RUN      ] A.y\n[       OK ] A.y (4 ms)\n";
  const std::string told = "start B.x\nend B.x passed 1\nstart A.z\nend A.z passed 2\n";
  const std::string told_end = "start A.x\nend A.x failed 3 [prog.cpp:3: Failed]\nstart A.y\nend A.y passed 4\n";
  const std::vector<std::string> ids{"A.x", "A.y", "A.z", "B.x"};
  CHECK(read(ids, head + b + a_begin + a_end + "[----------] 3 tests from A (9 ms total)\n") == told + told_end);
  // The tear-down crashes behind the last case of the suite, which is not the last of the list.
  CHECK(read(ids, head + b + a_begin + a_end) == told + told_end);
  // It dies behind a case that others of its suite should follow, which may have run on.
  CHECK(read(ids, head + b + a_begin) == "start B.x\nend B.x passed 1\nstart A.z\n");
  // What a case prints of one that has run is not its start.
  CHECK(read(ids, head + b + "[ RUN      ] A.z\n[       OK ] A.z (0 ms)\n[ RUN      ] B.x\n[       OK ] A.z (2 ms)\n" + a_end) ==
        told + told_end);
}

TEST_CASE("gtest: names of any kind are told exactly") {
  for (const std::string id : {"O.a b, [x]; é", "O.a\\b \"q\"", "Named/std::vector: a*.Small", "O.x (3 ms)", "O.[       OK ] y"}) {
    CAPTURE(id);
    CHECK(read({id, "Z.z"}, "[ RUN      ] " + id + "\nx\n[       OK ] " + id + " (1 ms)\n[ RUN      ] Z.z\n") ==
          "start " + id + "\nend " + id + " passed 1\nstart Z.z\n");
  }
}

TEST_CASE("gtest: bytes of any kind harm nothing") {
  const std::vector<TestCase> cases = make_cases(log_ids());
  std::uint32_t state = 1;
  const auto next = [&] { return (state = state * 1664525U + 1013904223U) >> 8U; };
  for (int round = 0; round < 300; ++round) {
    std::string log(k_log);
    for (int change = 0; change < 20; ++change) {
      const std::size_t at = next() % log.size();
      if (next() % 3 == 0) log[at] = static_cast<char>(next());
      if (next() % 3 == 0) log.erase(at, next() % 40);
      if (next() % 3 == 0) log.insert(at, k_log.substr(next() % k_log.size(), next() % 80));
    }
    const std::vector<CaseEvent> events = read_in_pieces(cases, all_of(cases), {log});
    for (const CaseEvent& event : events) REQUIRE(event.index < cases.size());
    CHECK(events.size() <= 2 * cases.size());
    (void)make_gtest_adapter()->parse_list(log, log);
  }
}
