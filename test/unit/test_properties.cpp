#include <doctest/doctest.h>

#include <csignal>

#include "base/json.hpp"
#include "suite/properties.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

JsonDocument document_of(const Json& value) { return *parse_json(dump_json(value)); }

/// A test with one property.
Test with(std::string_view name, const Json& value) {
  Test test;
  const JsonDocument document = document_of(value);
  const Result<void> done = apply_property(test, name, JsonAt(document));
  REQUIRE_MESSAGE(done, message(done));
  return test;
}

std::string error_of(std::string_view name, const Json& value) {
  Test test;
  const JsonDocument parent = document_of({{"p", value}});
  const JsonAt root(parent);
  return message(apply_property(test, name, JsonAt(root, "p")));
}

}  // namespace

TEST_CASE("list properties take arrays and CMake lists") {
  struct Row {
    std::string name;
    std::function<Words(const Test&)> member;
  };
  for (const Row& row : {
           Row{"LABELS", [](const Test& t) { return t.labels; }},
           Row{"ENVIRONMENT", [](const Test& t) { return t.environment; }},
           Row{"DEPENDS", [](const Test& t) { return t.requirements.depends; }},
           Row{"RESOURCE_LOCK", [](const Test& t) { return t.requirements.locks; }},
           Row{"FIXTURES_SETUP", [](const Test& t) { return t.requirements.fixtures_setup; }},
           Row{"FIXTURES_REQUIRED", [](const Test& t) { return t.requirements.fixtures_required; }},
           Row{"FIXTURES_CLEANUP", [](const Test& t) { return t.requirements.fixtures_cleanup; }},
           Row{"REQUIRED_FILES", [](const Test& t) { return t.requirements.required_files; }},
           Row{"PASS_REGULAR_EXPRESSION", [](const Test& t) { return t.expectations.pass_regexes; }},
           Row{"FAIL_REGULAR_EXPRESSION", [](const Test& t) { return t.expectations.fail_regexes; }},
           Row{"SKIP_REGULAR_EXPRESSION", [](const Test& t) { return t.expectations.skip_regexes; }},
       }) {
    CAPTURE(row.name);
    CHECK(show(row.member(with(row.name, {"a;b", "c"}))) == "[a;b][c]");
    CHECK(show(row.member(with(row.name, "a;b;c"))) == "[a][b][c]");
    CHECK(show(row.member(with(row.name, Json::array()))).empty());
    CHECK(error_of(row.name, 1) == "p: expected an array of strings, got 1");
    CHECK(error_of(row.name, {"a", 1}) == "p[1]: expected a string, got 1");
  }
}

TEST_CASE("boolean properties") {
  struct Row {
    std::string name;
    std::function<bool(const Test&)> member;
  };
  for (const Row& row : {
           Row{"DISABLED", [](const Test& t) { return t.disabled; }},
           Row{"RUN_SERIAL", [](const Test& t) { return t.requirements.run_serial; }},
           Row{"WILL_FAIL", [](const Test& t) { return t.expectations.will_fail; }},
           Row{"PROCESSOR_AFFINITY", [](const Test& t) { return t.limits.processor_affinity; }},
           Row{"PTESTS_ISOLATE_CASES", [](const Test& t) { return t.isolate_cases; }},
       }) {
    CAPTURE(row.name);
    CHECK(row.member(with(row.name, true)));
    CHECK(row.member(with(row.name, "on")));
    CHECK_FALSE(row.member(with(row.name, false)));
    CHECK_FALSE(row.member(with(row.name, "0")));
    CHECK_FALSE(row.member(with(row.name, "2")));
    CHECK_FALSE(row.member(with(row.name, "perhaps")));
    CHECK(error_of(row.name, 2) == "p: expected true or false, got 2");
  }
}

TEST_CASE("number properties") {
  CHECK(with("PROCESSORS", 3).requirements.processors == 3);
  CHECK(with("PROCESSORS", "3").requirements.processors == 3);
  CHECK(with("PROCESSORS", 0).requirements.processors == 1);
  CHECK(with("PROCESSORS", -5).requirements.processors == 1);
  CHECK(with("COST", 2.5).requirements.cost == 2.5);
  CHECK(with("COST", -1).requirements.cost == -1.0);
  CHECK(with("SKIP_RETURN_CODE", 77).expectations.skip_return_code == 77);
  CHECK(with("TIMEOUT", 0.5).limits[LimitKind::timeout] == 0.5);
  CHECK(with("TIMEOUT", "0.5").limits[LimitKind::timeout] == 0.5);
  CHECK(with("TIMEOUT", 0).limits[LimitKind::timeout] == 0);
  CHECK(with("TIMEOUT_SIGNAL_GRACE_PERIOD", 2).limits.grace == Seconds(2));
  CHECK(error_of("PROCESSORS", 1.5) == "p: expected a whole number, got 1.5");
  CHECK(error_of("COST", "dear") == R"(p: expected a number, got "dear")");
  CHECK(error_of("SKIP_RETURN_CODE", "x") == R"(p: expected a whole number, got "x")");
  CHECK(error_of("TIMEOUT", "5s") == R"(p: expected a number, got "5s")");
  CHECK(error_of("TIMEOUT", -1) == "p: expected a number that is not negative, got -1");
  CHECK(error_of("TIMEOUT_SIGNAL_GRACE_PERIOD", "x") == R"(p: expected a number, got "x")");
}

TEST_CASE("a number that would spoil the order or a clock is an error") {
  CHECK(error_of("COST", "nan") != "ok");
  CHECK(error_of("TIMEOUT", "inf") != "ok");
  CHECK(error_of("TIMEOUT_SIGNAL_GRACE_PERIOD", "nan") != "ok");
}

TEST_CASE("a test without timeout properties gets SIGTERM and a second of grace") {
  const Test test;
  CHECK(test.limits.timeout_signal == SIGTERM);
  CHECK(test.limits.grace == Seconds(1));
}

TEST_CASE("the timeout's signal is one of those CMake names") {
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGINT").limits.timeout_signal == SIGINT);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGQUIT").limits.timeout_signal == SIGQUIT);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGTERM").limits.timeout_signal == SIGTERM);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGUSR1").limits.timeout_signal == SIGUSR1);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGUSR2").limits.timeout_signal == SIGUSR2);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGHUP").limits.timeout_signal == SIGHUP);
  CHECK(with("TIMEOUT_SIGNAL_NAME", "SIGKILL").limits.timeout_signal == SIGKILL);
  CHECK(error_of("TIMEOUT_SIGNAL_NAME", "INT") ==
        R"(p: expected SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP or SIGKILL, got "INT")");
  CHECK(error_of("TIMEOUT_SIGNAL_NAME", 15) == "p: expected a string, got 15");
}

TEST_CASE("every limit is a property of its keyword") {
  struct Row {
    std::string keyword;
    Json value;
    LimitKind kind;
    double wanted;
  };
  constexpr double k_mib = 1048576;
  for (const Row& row : {
           Row{"IDLE_TIMEOUT", "2.5", LimitKind::idle_timeout, 2.5},
           Row{"CPU_TIME", "7", LimitKind::cpu_time, 7},
           Row{"MEMORY", "512M", LimitKind::memory, 512 * k_mib},
           Row{"MEMORY", 1000, LimitKind::memory, 1000},
           Row{"MEMORY", "0", LimitKind::memory, 0},
           Row{"PROCESSES", "20", LimitKind::processes, 20},
           Row{"OPEN_FILES", "64", LimitKind::open_files, 64},
           Row{"FILE_SIZE", "1.5M", LimitKind::file_size, 1.5 * k_mib},
           Row{"CORE_SIZE", "100k", LimitKind::core_size, 102400},
           Row{"STACK", "8MiB", LimitKind::stack, 8 * k_mib},
           Row{"OUTPUT_SIZE", "2G", LimitKind::output_size, 2048 * k_mib},
           Row{"IO_READ_BPS", "1M", LimitKind::io_read_bps, k_mib},
           Row{"IO_WRITE_BPS", "2M", LimitKind::io_write_bps, 2 * k_mib},
           Row{"IO_READ_IOPS", "100", LimitKind::io_read_iops, 100},
           Row{"IO_WRITE_IOPS", "200", LimitKind::io_write_iops, 200},
           Row{"CPUS", "0.5", LimitKind::cpus, 0.5},
           Row{"NICE", "-5", LimitKind::nice, -5},
           Row{"NICE", 19, LimitKind::nice, 19},
       }) {
    const std::string property = "PTESTS_" + row.keyword;
    CAPTURE(property);
    const Test test = with(property, row.value);
    for (const LimitInfo& info : k_limits) CHECK(test.limits[info.kind].has_value() == (info.kind == row.kind));
    CHECK(test.limits[row.kind] == row.wanted);
    CHECK(test.properties.contains(property));
    for (const Json& nonsense : {Json("5 apples"), Json("nan"), Json("inf"), Json(true), Json::array({"1"})}) {
      CAPTURE(nonsense.dump());
      CHECK(error_of(property, nonsense).starts_with("p: expected a "));
    }
    CHECK_FALSE(with(property, "").limits[row.kind]);
  }
}

TEST_CASE("an error of a limit names the place, what was expected, and how to write it") {
  const JsonDocument manifest = *parse_json(R"({"tests": [{"properties": {"PTESTS_MEMORY": "5 apples"}}]})");
  const JsonAt root(manifest);
  const JsonAt tests(root, "tests");
  const JsonAt first(tests, std::size_t{0});
  const JsonAt properties(first, "properties");
  Test test;
  const Result<void> done = apply_property(test, "PTESTS_MEMORY", JsonAt(properties, "PTESTS_MEMORY"));
  CHECK(message(done) == R"(tests[0].properties.PTESTS_MEMORY: expected a size, got "5 apples")");
  CHECK(hint(done) == "bytes, or with a suffix: 512M, 2G");
  CHECK(error_of("PTESTS_CPU_TIME", "5s") == R"(p: expected a number, got "5s")");
  CHECK(error_of("PTESTS_PROCESSES", 1.5) == "p: expected a whole number, got 1.5");
  CHECK(error_of("PTESTS_OPEN_FILES", "-1") == R"(p: expected a whole number, got "-1")");
  CHECK(error_of("PTESTS_NICE", "-21") == R"(p: expected a whole number from -20 to 19, got "-21")");
  CHECK(error_of("PTESTS_NICE", "1.5") == R"(p: expected a whole number from -20 to 19, got "1.5")");
  CHECK(error_of("PTESTS_CPUS", "-1") == R"(p: expected a number of processors, got "-1")");
}

TEST_CASE("a limit beyond every machine is as large as clocks can be") {
  CHECK(with("TIMEOUT", 1e300).limits[LimitKind::timeout] == 1e9);
  CHECK(with("PTESTS_LEAK_GRACE", "1e300").leak_grace == Seconds(1e9));
  CHECK(with("PTESTS_PROCESSES", "1e300").limits[LimitKind::processes] == 1e9);
}

TEST_CASE("capture and leaks") {
  CHECK(with("PTESTS_CAPTURE", "file").capture == Capture::file);
  CHECK(with("PTESTS_CAPTURE", "split").capture == Capture::split);
  CHECK(with("PTESTS_CAPTURE", "pipe").capture == Capture::pipe);
  CHECK(with("PTESTS_CAPTURE", "pty").capture == Capture::pty);
  CHECK(with("PTESTS_CAPTURE", "none").capture == Capture::none);
  CHECK(with("PTESTS_LEAK", "report").leak == LeakPolicy::report);
  CHECK(with("PTESTS_LEAK", "fail").leak == LeakPolicy::fail);
  CHECK(with("PTESTS_LEAK", "ignore").leak == LeakPolicy::ignore);
  CHECK(with("PTESTS_LEAK_GRACE", "0.5").leak_grace == Seconds(0.5));
  CHECK_FALSE(with("PTESTS_LEAK_GRACE", "").leak_grace);
  CHECK_FALSE(with("PTESTS_CAPTURE", "").properties.contains("PTESTS_CAPTURE"));
  CHECK(error_of("PTESTS_CAPTURE", "tty") == R"(p: expected file, split, pipe, pty or none, got "tty")");
  CHECK(error_of("PTESTS_CAPTURE", 1) == "p: expected a string, got 1");
  CHECK(error_of("PTESTS_LEAK", "Fail") == R"(p: expected report, fail or ignore, got "Fail")");
  CHECK(error_of("PTESTS_LEAK_GRACE", "-1") == R"(p: expected a number that is not negative, got "-1")");
}

TEST_CASE("the framework is one that we know, and exitcode is none") {
  for (const std::string word : {"tap", "doctest", "gtest", "catch2", "boost"}) CHECK(with("PTESTS_FRAMEWORK", word).framework == word);
  CHECK(with("PTESTS_FRAMEWORK", "exitcode").framework.empty());
  CHECK(with("PTESTS_FRAMEWORK", "").framework.empty());
  CHECK_FALSE(with("PTESTS_ISOLATE_CASES", "").isolate_cases);
  CHECK(error_of("PTESTS_FRAMEWORK", "googletest") == R"(p: expected exitcode, tap, doctest, gtest, catch2 or boost, got "googletest")");
  CHECK(error_of("PTESTS_FRAMEWORK", "GTest") == R"(p: expected exitcode, tap, doctest, gtest, catch2 or boost, got "GTest")");
  CHECK(error_of("PTESTS_FRAMEWORK", true) == "p: expected a string, got true");
}

TEST_CASE("a test that had a framework by its suite may be told that it has none") {
  Test test;
  for (const std::string word : {"doctest", "exitcode"}) {
    const JsonDocument value = JsonDocument::of_text(word);
    REQUIRE(apply_property(test, "PTESTS_FRAMEWORK", JsonAt(value)));
  }
  CHECK(test.framework.empty());
}

TEST_CASE("a property of ours that there is not is an error: a limit must not be lost to a slip of the pen") {
  const JsonDocument manifest = *parse_json(R"({"PTESTS_MEMROY": "1G", "PTESTS_TIMEOUT": "5", "PTESTS_": "x"})");
  const JsonAt root(manifest);
  Test test;
  const Result<void> slip = apply_property(test, "PTESTS_MEMROY", JsonAt(root, "PTESTS_MEMROY"));
  CHECK(message(slip) == "PTESTS_MEMROY: there is no such property");
  CHECK(hint(slip).starts_with(R"(did you mean "PTESTS_MEMORY")"));
  CHECK(message(apply_property(test, "PTESTS_TIMEOUT", JsonAt(root, "PTESTS_TIMEOUT"))) == "PTESTS_TIMEOUT: there is no such property");
  CHECK(message(apply_property(test, "PTESTS_", JsonAt(root, "PTESTS_"))) == "PTESTS_: there is no such property");
  CHECK(with("MEMORY", "1G").limits[LimitKind::memory] == std::nullopt);
}

TEST_CASE("the timeout after a match, as json-v1 and as CMake write it") {
  for (const Json& value : {Json{{"timeout", 3.0}, {"regex", {"ready", "go"}}}, Json("3;ready;go")}) {
    const Test test = with("TIMEOUT_AFTER_MATCH", value);
    REQUIRE(test.limits.after_match);
    CHECK(test.limits.after_match->timeout == Seconds(3));
    CHECK(show(test.limits.after_match->regexes) == "[ready][go]");
  }
  CHECK(error_of("TIMEOUT_AFTER_MATCH", "3") == R"(p: expected seconds and at least one regular expression, got "3")");
  CHECK(error_of("TIMEOUT_AFTER_MATCH", "x;ready") == R"(p: expected seconds and at least one regular expression, got "x;ready")");
  CHECK(error_of("TIMEOUT_AFTER_MATCH", {{"regex", {"a"}}}) == "p.timeout: expected a number, got nothing");
  CHECK(error_of("TIMEOUT_AFTER_MATCH", {{"timeout", 1}}) == "p.regex: expected an array of strings, got nothing");
  CHECK(error_of("TIMEOUT_AFTER_MATCH", 3) == "p: expected an array of strings, got 3");
}

TEST_CASE("regular expressions are checked when they are read") {
  const std::string error = R"(p: invalid regular expression "(": missing ): ()";
  CHECK(error_of("PASS_REGULAR_EXPRESSION", {"ok", "("}) == error);
  CHECK(error_of("FAIL_REGULAR_EXPRESSION", "(") == error);
  CHECK(error_of("SKIP_REGULAR_EXPRESSION", "(") == error);
  CHECK(error_of("TIMEOUT_AFTER_MATCH", {{"timeout", 1}, {"regex", {"("}}}) == R"(p.regex: invalid regular expression "(": missing ): ()");
}

TEST_CASE("regular expressions of a timeout after a match are checked in CMake's form too") {
  CHECK(error_of("TIMEOUT_AFTER_MATCH", "3;(") == R"(p: invalid regular expression "(": missing ): ()");
  CHECK(error_of("TIMEOUT_AFTER_MATCH", "-3;x") != "ok");
}

TEST_CASE("every operation of ENVIRONMENT_MODIFICATION") {
  using Operation = EnvironmentChange::Operation;
  struct Row {
    std::string word;
    Operation operation;
  };
  for (const Row& row : {
           Row{"reset", Operation::reset},
           Row{"set", Operation::set},
           Row{"unset", Operation::unset},
           Row{"string_append", Operation::string_append},
           Row{"string_prepend", Operation::string_prepend},
           Row{"path_list_append", Operation::path_list_append},
           Row{"path_list_prepend", Operation::path_list_prepend},
           Row{"cmake_list_append", Operation::cmake_list_append},
           Row{"cmake_list_prepend", Operation::cmake_list_prepend},
       }) {
    CAPTURE(row.word);
    const Test test = with("ENVIRONMENT_MODIFICATION", Json::array({fmt::format("NAME={}:a:b=c", row.word)}));
    REQUIRE(test.environment_changes.size() == 1);
    CHECK(test.environment_changes[0].name == "NAME");
    CHECK(test.environment_changes[0].operation == row.operation);
    CHECK(test.environment_changes[0].value == "a:b=c");
  }
}

TEST_CASE("an environment modification of another form is an error with a hint") {
  for (const std::string text : {"NAME", "NAME=set", "NAME=sett:x", "NAME:set=x", "=", "NAME=:x"}) {
    CAPTURE(text);
    CHECK(error_of("ENVIRONMENT_MODIFICATION", Json::array({text})) == fmt::format("p: expected NAME=operation:value, got \"{}\"", text));
  }
}

TEST_CASE("the working directory is a string") {
  CHECK(with("WORKING_DIRECTORY", "/x").working_directory == "/x");
  CHECK(error_of("WORKING_DIRECTORY", 1) == "p: expected a string, got 1");
}

TEST_CASE("the source line is file:line, and anything else says nothing") {
  CHECK(with("DEF_SOURCE_LINE", "/s/a:b.cpp:12").location.file == "/s/a:b.cpp");
  CHECK(with("DEF_SOURCE_LINE", "/s/a:b.cpp:12").location.line == 12);
  CHECK(with("DEF_SOURCE_LINE", "/s/a.cpp").location.file.empty());
  CHECK(with("DEF_SOURCE_LINE", "/s/a.cpp:x").location.file.empty());
}

TEST_CASE("every property is kept as it was read, also one we do not know") {
  CHECK(with("MEASUREMENT", "a=b").properties.at("MEASUREMENT") == R"("a=b")");
  CHECK(with("LABELS", {"a"}).properties.at("LABELS") == R"(["a"])");
  CHECK(with("_OWN", {{"x", 1}}).properties.at("_OWN") == R"({"x":1})");
}

TEST_CASE("priority, level, retries and groups, in every form CMake writes them") {
  CHECK(with("PTESTS_PRIORITY", "P0").requirements.priority == 0);
  CHECK(with("PTESTS_PRIORITY", "p3").requirements.priority == 3);
  CHECK(with("PTESTS_PRIORITY", "").requirements.priority == 2);
  CHECK(with("PTESTS_LEVEL", "Integration").level == "integration");
  struct Row {
    Json value;
    int count;
    double delay;
    double backoff;
  };
  for (const Row& row :
       {Row{"2", 2, 0, 1}, Row{2, 2, 0, 1}, Row{"3;0.5", 3, 0.5, 1}, Row{"3;.5;2", 3, 0.5, 2}, Row{{"1", "2", "1.5"}, 1, 2, 1.5}}) {
    const Test test = with("PTESTS_RETRIES", row.value);
    REQUIRE(test.retries);
    CHECK(test.retries->count == row.count);
    CHECK(test.retries->delay == Seconds(row.delay));
    CHECK(test.retries->backoff == row.backoff);
  }
  for (const Json& value : {Json("net 4;db 1"), Json("net;4;db;1"), Json{"net 4", "db 1"}}) {
    const std::vector<GroupUse> groups = with("PTESTS_GROUP", value).requirements.groups;
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].name == "net");
    CHECK(groups[0].most == 4);
    CHECK(groups[1].name == "db");
    CHECK(groups[1].most == 1);
  }
  CHECK(error_of("PTESTS_PRIORITY", "P4") == "p: expected P0, P1, P2 or P3, got \"P4\"");
  CHECK(error_of("PTESTS_PRIORITY", 1) == "p: expected P0, P1, P2 or P3, got 1");
  CHECK(error_of("PTESTS_LEVEL", "smoke") == "p: expected unit, integration or system, got \"smoke\"");
  for (const Json& value : {Json("many"), Json("-1"), Json("1;x"), Json("1;1;0.5"), Json("1;1;1;1"), Json("1.5"), Json::object()})
    CHECK(error_of("PTESTS_RETRIES", value).starts_with("p: expected a number of retries, got "));
  for (const Json& value : {Json("net"), Json("net 0"), Json("net x"), Json("net 4 db"), Json("4"), Json::object()})
    CHECK(error_of("PTESTS_GROUP", value).starts_with("p: expected names of groups, each with the most tests of it at a time, got "));
}
