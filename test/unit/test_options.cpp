#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/options.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::Format;
using cli::Options;

namespace {

Options parsed(const Words& words) {
  const Result<Options> options = cli::parse_options(words);
  REQUIRE_MESSAGE(options, message(options));
  return *options;
}

std::string error_of(const Words& words) {
  const Result<Options> options = cli::parse_options(words);
  if (options) return "ok";
  return options.error().message + (options.error().hint.empty() ? "" : " | " + options.error().hint);
}

}  // namespace

TEST_CASE("no words are the defaults") {
  const Options options = parsed({});
  CHECK(options.build_directory.empty());
  CHECK(options.jobs == 0);
  CHECK_FALSE(options.timeout.has_value());
  CHECK(options.build);
  CHECK_FALSE(options.from_build_tool);
  CHECK_FALSE(options.list);
  CHECK(options.format == Format::human);
}

TEST_CASE("every option, with its value behind it, attached or after =") {
  for (const Words& words : {Words{"-B", "x"}, Words{"-Bx"}, Words{"--build-dir", "x"}, Words{"--build-dir=x"}})
    CHECK(parsed(words).build_directory == "x");
  for (const Words& words : {Words{"-C", "x"}, Words{"-Cx"}, Words{"--config", "x"}, Words{"--config=x"}})
    CHECK(parsed(words).configuration == "x");
  for (const Words& words : {Words{"-j", "4"}, Words{"-j4"}, Words{"--parallel", "4"}, Words{"--parallel=4"}})
    CHECK(parsed(words).jobs == 4);
  for (const Words& words : {Words{"-R", "x"}, Words{"-Rx"}, Words{"--tests-regex", "x"}, Words{"--tests-regex=x"}})
    CHECK(show(parsed(words).selection.names) == "[x]");
  for (const Words& words : {Words{"-E", "x"}, Words{"-Ex"}, Words{"--exclude-regex=x"}})
    CHECK(show(parsed(words).selection.not_names) == "[x]");
  for (const Words& words : {Words{"-L", "x"}, Words{"-Lx"}, Words{"--label-regex=x"}})
    CHECK(show(parsed(words).selection.labels) == "[x]");
  for (const Words& words : {Words{"-LE", "x"}, Words{"--label-exclude", "x"}, Words{"--label-exclude=x"}})
    CHECK(show(parsed(words).selection.not_labels) == "[x]");
  CHECK(show(parsed({"--suite", "a", "--suite=b"}).selection.suites) == "[a][b]");
  CHECK(parsed({"--timeout", "2.5"}).timeout == 2.5);
  CHECK(parsed({"--timeout=0"}).timeout == 0.0);
  CHECK(parsed({"--junit", "f"}).junit == "f");
  CHECK(parsed({"--format", "json"}).format == Format::json);
  CHECK(parsed({"--format=human"}).format == Format::human);
  CHECK_FALSE(parsed({"--no-build"}).build);
  CHECK(parsed({"--check"}).from_build_tool);
  CHECK(parsed({"--list"}).list);
  CHECK(parsed({"-h"}).help);
  CHECK(parsed({"--help"}).help);
}

TEST_CASE("repeated options add up, or the last one wins") {
  CHECK(show(parsed({"-R", "a", "-R", "b", "-Rc"}).selection.names) == "[a][b][c]");
  CHECK(parsed({"-j1", "-j2"}).jobs == 2);
}

TEST_CASE("other words are names, wherever they stand") { CHECK(show(parsed({"a", "-j2", "b*", "-"}).selection.globs) == "[a][b*][-]"); }

TEST_CASE("behind -- everything is a name") {
  const Options options = parsed({"-j2", "--", "-R", "--", "--help"});
  CHECK(show(options.selection.globs) == "[-R][--][--help]");
  CHECK_FALSE(options.help);
}

TEST_CASE("a value may look like an option, be empty or hold a =") {
  CHECK(show(parsed({"-R", "-E"}).selection.names) == "[-E]");
  CHECK(show(parsed({"--tests-regex=a=b"}).selection.names) == "[a=b]");
  CHECK(show(parsed({"--tests-regex="}).selection.names) == "[]");
  CHECK(show(parsed({"-R", ""}).selection.names) == "[]");
}

TEST_CASE("errors name the word and what was meant") {
  CHECK(error_of({"--parralel", "2"}) == R"(unknown option "--parralel" | did you mean "--parallel"?)");
  CHECK(error_of({"--time=3"}) == R"(unknown option "--time=3" | did you mean "--timeout"?)");
  CHECK(error_of({"--nothing-like-it"}) == R"(unknown option "--nothing-like-it" | see `ptests run --help`)");
  CHECK(error_of({"-x"}) == R"(unknown option "-x" | see `ptests run --help`)");
  CHECK(error_of({"-hx"}) == R"(unknown option "-hx" | see `ptests run --help`)");
  CHECK(error_of({"-R"}) == "option -R needs a value: RE");
  CHECK(error_of({"--build-dir"}) == "option --build-dir needs a value: DIR");
  CHECK(error_of({"--check=1"}) == "option --check takes no value");
  for (const std::string jobs : {"0", "-1", "x", "", "4x", "1.5", "99999999999"}) {
    CAPTURE(jobs);
    CHECK(error_of({"-j", jobs}) ==
          fmt::format("-j: expected a number of at least 1, got \"{}\" | without -j, ptests uses all processors", jobs));
  }
  CHECK(error_of({"--timeout", "5s"}) == R"(--timeout: expected a number of seconds, got "5s" | without a unit; 0 = no limit)");
  CHECK(error_of({"--timeout", "-1"}).starts_with("--timeout: expected"));
  CHECK(error_of({"--format", "xml"}) == R"(--format: expected human or json, got "xml")");
}

TEST_CASE("options of ctest that are not ours name our way") {
  CHECK(error_of({"-j"}) == "option -j needs a value: N | without -j, ptests uses all processors");
  CHECK(error_of({"-j", "-R", "x"}) == "-j: expected a number of at least 1, got \"-R\" | without -j, ptests uses all processors");
  CHECK(error_of({"-N"}) == "unknown option \"-N\" | list the tests with `ptests list`");
  CHECK(error_of({"--test-dir", "build"}) == "unknown option \"--test-dir\" | name the build directory with -B");
  CHECK(error_of({"--test-dir=build"}) == "unknown option \"--test-dir=build\" | name the build directory with -B");
  CHECK(error_of({"--output-on-failure"}) ==
        "unknown option \"--output-on-failure\" | leave it out: the output of failed tests is always shown");
  CHECK(error_of({"-V"}).ends_with(" | the output of failed tests is always shown; that of each test is in paralleltests/logs"));
  CHECK(error_of({"--rerun-failed"}).ends_with(" | `ctest --test-dir DIR --rerun-failed` runs what failed in a run of ptests"));
  CHECK(error_of({"--show-only=json-v1"}).ends_with(" | list the tests with `ptests list`, as JSON with --format json"));
}

TEST_CASE("a timeout that no clock can hold is an error") {
  CHECK(error_of({"--timeout", "inf"}).starts_with("--timeout: expected"));
  CHECK(error_of({"--timeout", "nan"}).starts_with("--timeout: expected"));
}

TEST_CASE("what is attached to -LE belongs to it, not to -L") { CHECK(show(parsed({"-LEslow"}).selection.labels).empty()); }

TEST_CASE("the help fits a screen's width") {
  for (const std::string& line : split(cli::describe_options(), '\n')) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}
