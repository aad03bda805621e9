#include <doctest/doctest.h>

#include <csignal>

#include "base/json.hpp"
#include "suite/properties.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// A test with one property.
Test with(std::string_view name, const Json& value) {
  Test test;
  const JsonAt at(value);
  const Result<void> done = apply_property(test, name, at);
  REQUIRE_MESSAGE(done, message(done));
  return test;
}

std::string error_of(std::string_view name, const Json& value) {
  Test test;
  const Json parent = {{"p", value}};
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
  CHECK(with("TIMEOUT", 0.5).limits.timeout == Seconds(0.5));
  CHECK(with("TIMEOUT", 0).limits.timeout == Seconds(0));
  CHECK(with("TIMEOUT_SIGNAL_GRACE_PERIOD", 2).limits.grace == Seconds(2));
  CHECK(error_of("PROCESSORS", 1.5) == "p: expected a whole number, got 1.5");
  CHECK(error_of("COST", "dear") == R"(p: expected a number, got "dear")");
  CHECK(error_of("SKIP_RETURN_CODE", "x") == R"(p: expected a whole number, got "x")");
  CHECK(error_of("TIMEOUT", "5s") == R"(p: expected a number, got "5s")");
  CHECK(error_of("TIMEOUT", -1) == "p: expected a number of seconds that is not negative, got -1");
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
