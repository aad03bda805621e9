#include <doctest/doctest.h>

#include <set>

#include "run/launch.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using Operation = EnvironmentChange::Operation;

namespace {

const Words k_base{"EMPTY=", "HOME=/h", "PATH=/bin:/usr/bin"};

/// The environment after `changes`, without what stayed as it was.
std::string changed(const Words& environment, const std::vector<EnvironmentChange>& changes) {
  Test test;
  test.environment = environment;
  test.environment_changes = changes;
  Words result = apply_environment(k_base, test);
  std::erase_if(result, [](const std::string& entry) { return std::find(k_base.begin(), k_base.end(), entry) != k_base.end(); });
  return show(result);
}

std::string error_of(const Test& test) { return message(make_launch(test, {.log = "/log"})); }

}  // namespace

TEST_CASE("ENVIRONMENT sets variables, the last one of a name wins") {
  CHECK(changed({}, {}).empty());
  CHECK(changed({"A=1", "HOME=/x", "B=a=b"}, {}) == "[A=1][B=a=b][HOME=/x]");
  CHECK(changed({"A=1", "A=2"}, {}) == "[A=2]");
  CHECK(changed({"A="}, {}) == "[A=]");
}

TEST_CASE("a name alone in ENVIRONMENT unsets it, as ctest does") {
  Test test;
  test.environment = {"HOME"};
  CHECK(show(apply_environment(k_base, test)) == "[EMPTY=][PATH=/bin:/usr/bin]");
}

TEST_CASE("every operation on a variable with a value, an empty one and one that is not there") {
  struct Row {
    Operation operation;
    std::string with_value;
    std::string empty;
    std::string absent;
  };
  for (const Row& row : {
           Row{Operation::set, "[HOME=x]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::unset, "", "", ""},
           Row{Operation::reset, "", "", ""},
           Row{Operation::string_append, "[HOME=/hx]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::string_prepend, "[HOME=x/h]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::path_list_append, "[HOME=/h:x]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::path_list_prepend, "[HOME=x:/h]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::cmake_list_append, "[HOME=/h;x]", "[EMPTY=x]", "[NEW=x]"},
           Row{Operation::cmake_list_prepend, "[HOME=x;/h]", "[EMPTY=x]", "[NEW=x]"},
       }) {
    CAPTURE(row.with_value);
    CHECK(changed({}, {{"HOME", row.operation, "x"}}) == row.with_value);
    CHECK(changed({}, {{"EMPTY", row.operation, "x"}}) == row.empty);
    CHECK(changed({}, {{"NEW", row.operation, "x"}}) == row.absent);
  }
}

TEST_CASE("unset takes a variable away") {
  Test test;
  test.environment_changes = {{"HOME", Operation::unset, ""}};
  CHECK(show(apply_environment(k_base, test)) == "[EMPTY=][PATH=/bin:/usr/bin]");
}

TEST_CASE("modifications come after ENVIRONMENT and in their order") {
  CHECK(changed({"A=1"}, {{"A", Operation::string_append, "2"}, {"A", Operation::string_prepend, "0"}}) == "[A=012]");
  CHECK(changed({}, {{"A", Operation::unset, ""}, {"A", Operation::path_list_append, "x"}, {"A", Operation::path_list_append, "y"}}) ==
        "[A=x:y]");
}

TEST_CASE("reset goes back to what the test would have had") {
  CHECK(changed({}, {{"HOME", Operation::set, "x"}, {"HOME", Operation::reset, ""}}).empty());
  CHECK(changed({}, {{"NEW", Operation::set, "x"}, {"NEW", Operation::reset, ""}}).empty());
  CHECK(changed({}, {{"HOME", Operation::unset, ""}, {"HOME", Operation::reset, ""}, {"HOME", Operation::string_append, "x"}}) ==
        "[HOME=/hx]");
}

TEST_CASE("reset goes back to ENVIRONMENT's value where it has one") {
  // cmake-properties: "this will reset the variable to the value set by ENVIRONMENT, if it was set"; so does ctest 3.25.
  CHECK(changed({"A=1"}, {{"A", Operation::set, "2"}, {"A", Operation::reset, ""}}) == "[A=1]");
  CHECK(changed({"HOME=/x"}, {{"HOME", Operation::unset, ""}, {"HOME", Operation::reset, ""}}) == "[HOME=/x]");
}

TEST_CASE("a launch is what the test says") {
  Test test = make_test(1, "a");
  test.command = {"/bin/true", "a b", ""};
  test.working_directory = "/tmp";
  const LaunchContext context{.log = "/logs/a.log", .run_id = "r1", .temporary = "/tmp/t", .slot = 3, .attempt = 2};
  const Result<LaunchSpec> spec = make_launch(test, context);
  REQUIRE_MESSAGE(spec, message(spec));
  CHECK(show(spec->command) == "[/bin/true][a b][]");
  CHECK(spec->working_directory == "/tmp");
  CHECK(spec->output_file == "/logs/a.log");
  CHECK(spec->error_file == "/logs/a.log.err");
  CHECK(spec->limits == &test.limits);
  const auto has = [](const Result<LaunchSpec>& launch, const std::string& entry) {
    return std::count(launch->environment.begin(), launch->environment.end(), entry) == 1;
  };
  for (const char* entry : {"PTESTS_RUN_ID=r1", "PTESTS_TEST_NAME=a", "PTESTS_TEST_NUMBER=1", "PTESTS_ATTEMPT=2", "PTESTS_SLOT=3",
                            "PTESTS_TMPDIR=/tmp/t", "TMPDIR=/tmp/t"})
    CHECK_MESSAGE(has(spec, entry), entry);
  test.environment = {"PTESTS_UNIT_A=1", "TMPDIR=/own"};
  const Result<LaunchSpec> other = make_launch(test, context);
  CHECK(has(other, "PTESTS_UNIT_A=1"));
  CHECK(has(other, "TMPDIR=/own"));
  CHECK(has(other, "PTESTS_SLOT=3"));
}

TEST_CASE("a limit on the size of files does not hold for the log") {
  Test test = make_test(1, "a");
  CHECK(make_launch(test, {})->capture == Capture::file);
  test.limits[LimitKind::file_size] = 1024;
  CHECK(make_launch(test, {})->capture == Capture::pipe);
  test.capture = Capture::pty;
  CHECK(make_launch(test, {})->capture == Capture::pty);
  test.capture = Capture::split;
  CHECK(make_launch(test, {})->capture == Capture::split);
  CHECK(make_launch(test, {})->is_split_drained);
  test.limits = {};
  CHECK_FALSE(make_launch(test, {})->is_split_drained);
}

TEST_CASE("the output of a test is its log, or two files") {
  Test test = make_test(1, "a");
  CHECK(show(output_files(test, "/logs/a.log")) == "[/logs/a.log]");
  test.capture = Capture::split;
  CHECK(show(output_files(test, "/logs/a.log")) == "[/logs/a.log][/logs/a.log.err]");
}

TEST_CASE("a program is searched as ctest does: in the test's directory, then in PATH") {
  const TempDir dir;
  write(dir / "tool", "");
  fs::permissions(dir / "tool", fs::perms::owner_all);
  write(dir / "data", "");
  fs::permissions(dir / "data", fs::perms::owner_read);
  fs::create_directory(dir / "sub");
  Test test = make_test(1, "a");
  test.working_directory = dir.path().string();
  const auto found = [&](const char* word) {
    test.command = {word};
    const Result<LaunchSpec> spec = make_launch(test, {});
    return spec ? spec->command[0] : message(spec);
  };
  CHECK(found("tool") == (dir / "tool").string());
  CHECK(found("./tool") == (dir / "./tool").string());
  CHECK(found("sh").ends_with("/sh"));
  CHECK(found("data") == "Unable to find executable: data");
  CHECK(found("sub") == "Unable to find executable: sub");
  CHECK(found("sub/tool") == "Unable to find executable: sub/tool");
  CHECK(found("/no/such/file") == "Unable to find executable: /no/such/file");
}

TEST_CASE("a test that cannot start says why, in CTest's words") {
  Test test = make_test(1, "a");
  test.command = {};
  CHECK(error_of(test) == "Unable to find executable: CTest did not find it when it listed the tests; build it first");
  test.command = {"/bin/true"};
  test.requirements.required_files = {"/bin/sh", "/no/file", "/no/other"};
  CHECK(error_of(test) == "Unable to find required file: /no/file");
}

TEST_CASE("required files are relative to the working directory") {
  const TempDir dir;
  write(dir / "data/in", "");
  Test test = make_test(1, "a");
  test.working_directory = dir.path().string();
  test.requirements.required_files = {"data/in", "data", (dir / "data/in").string()};
  CHECK(error_of(test) == "ok");
  test.requirements.required_files = {"in"};
  CHECK(error_of(test) == "Unable to find required file: in");
}

TEST_CASE("a path that no file can have is a file that is not there") {
  Test test = make_test(1, "a");
  std::string error;
  test.command = {"/" + std::string(300, 'x')};
  CHECK_NOTHROW(error = error_of(test));
  CHECK(error.starts_with("Unable to find executable: /xxx"));
  test.command = {"/bin/true"};
  test.requirements.required_files = {std::string(300, 'x')};
  error.clear();
  CHECK_NOTHROW(error = error_of(test));
  CHECK(error.starts_with("Unable to find required file: xxx"));
}

TEST_CASE("each test has a log file of its own, in the directory") {
  const Suite suite = make_suite({"a", "A", "a b", "a/b", "a", "a~5", "a%205", std::string(300, 'x'), std::string(300, 'x'), ".."});
  const Words paths = make_log_paths(suite, "/logs");
  CHECK(paths[0] == "/logs/a.log");
  CHECK(paths[2] == "/logs/a%20b.log");
  CHECK(paths[4] == "/logs/a~5.log");
  CHECK(std::set(paths.begin(), paths.end()).size() == suite.tests.size());
  for (const std::string& path : paths) CHECK(fs::path(path).parent_path() == "/logs");
  for (const std::string& path : paths) CHECK(fs::path(path).filename().string().size() <= 255);
}

TEST_CASE("logs of further attempts that an earlier run left are removed, and no others") {
  const TempDir directory;
  const std::string log = (directory / "a.log").string();
  for (const char* name : {"a.log", "a~attempt2.log", "a~attempt2.log.err", "a~attempt3.log", "a~attempt11.log", "b~attempt2.log"})
    write(directory / name, "x");
  remove_later_attempts(log);
  CHECK(show(directory.names()) == "[a.log][a~attempt11.log][b~attempt2.log]");
}

TEST_CASE("a folder of logs without later attempts needs no look for those of each test") {
  const TempDir folder;
  // What is above it does not count.
  const fs::path logs = folder / "x~attempt2.log";
  CHECK(has_later_attempts(logs.string()));
  fs::create_directory(logs);
  CHECK_FALSE(has_later_attempts(logs.string()));
  write(logs / "a.log", "");
  CHECK_FALSE(has_later_attempts(logs.string()));
  write(logs / "b~attempt2.log", "");
  CHECK(has_later_attempts(logs.string()));
}
