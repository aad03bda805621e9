#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cli/defaults.hpp"
#include "cli/options.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::Format;
using cli::JobserverMode;
using cli::LimitsPolicy;
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
  for (const LimitInfo& info : k_limits) CHECK_FALSE(options.limits[info.kind]);
  CHECK(options.limits_policy == LimitsPolicy::enforce);
  CHECK_FALSE(options.capture);
  CHECK(options.leak == LeakPolicy::report);
  CHECK_FALSE(options.leak_grace);
  CHECK_FALSE(options.keep_tmp);
  CHECK(options.backtrace);
  CHECK(options.protect);
  CHECK_FALSE(options.memory_threshold);
  CHECK_FALSE(options.cpu_threshold);
  CHECK_FALSE(options.summary);
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
  CHECK(parsed({"--timeout", "2.5"}).limits[LimitKind::timeout] == 2.5);
  CHECK(parsed({"--timeout=0"}).limits[LimitKind::timeout] == 0.0);
  CHECK(parsed({"--leak-grace=0.5"}).leak_grace == Seconds(0.5));
  CHECK(parsed({"--keep-tmp"}).keep_tmp);
  CHECK(parsed({"--mem-threshold", "1G"}).memory_threshold == 1073741824.0);
  CHECK(parsed({"--cpu-threshold=90"}).cpu_threshold == 90.0);
  CHECK(parsed({"--junit", "f"}).junit == "f");
  CHECK(parsed({"--format", "json"}).format == Format::json);
  CHECK(parsed({"--format=human"}).format == Format::human);
  CHECK_FALSE(parsed({"--no-build"}).build);
  CHECK(parsed({"--check"}).from_build_tool);
  CHECK(parsed({"--list"}).list);
  CHECK(parsed({"-h"}).help);
  CHECK(parsed({"--help"}).help);
}

TEST_CASE("limits by options of their own and by name") {
  struct Row {
    Words words;
    LimitKind kind;
    double value;
  };
  constexpr double k_mib = 1048576;
  for (const Row& row : {
           Row{{"--timeout", "5"}, LimitKind::timeout, 5},
           Row{{"--idle-timeout=2.5"}, LimitKind::idle_timeout, 2.5},
           Row{{"--cpu-time", "7"}, LimitKind::cpu_time, 7},
           Row{{"--memory", "512M"}, LimitKind::memory, 512 * k_mib},
           Row{{"--processes=20"}, LimitKind::processes, 20},
           Row{{"--output-size", "1.5M"}, LimitKind::output_size, 1.5 * k_mib},
           Row{{"--limit", "memory=100k"}, LimitKind::memory, 102400},
           Row{{"--limit=open-files=64"}, LimitKind::open_files, 64},
           Row{{"--limit", "open_files=64"}, LimitKind::open_files, 64},
           Row{{"--limit", "file-size=1M"}, LimitKind::file_size, k_mib},
           Row{{"--limit", "core-size=0"}, LimitKind::core_size, 0},
           Row{{"--limit", "stack=8M"}, LimitKind::stack, 8 * k_mib},
           Row{{"--limit", "io-read-bps=1M"}, LimitKind::io_read_bps, k_mib},
           Row{{"--limit", "io-write-bps=2M"}, LimitKind::io_write_bps, 2 * k_mib},
           Row{{"--limit", "io-read-iops=100"}, LimitKind::io_read_iops, 100},
           Row{{"--limit", "io-write-iops=200"}, LimitKind::io_write_iops, 200},
           Row{{"--limit", "cpus=0.5"}, LimitKind::cpus, 0.5},
           Row{{"--limit", "nice=-5"}, LimitKind::nice, -5},
       }) {
    CAPTURE(show(row.words));
    const Options options = parsed(row.words);
    for (const LimitInfo& info : k_limits) {
      CAPTURE(info.name);
      CHECK(options.limits[info.kind].has_value() == (info.kind == row.kind));
    }
    CHECK(options.limits[row.kind] == row.value);
  }
  const Options both = parsed({"--memory=1G", "--limit", "nice=5", "--memory=2k"});
  CHECK(both.limits[LimitKind::memory] == 2048);
  CHECK(both.limits[LimitKind::nice] == 5);
}

TEST_CASE("options that take one of a few words") {
  CHECK(parsed({"--limits=best-effort"}).limits_policy == LimitsPolicy::best_effort);
  CHECK(parsed({"--limits=best-effort", "--limits", "enforce"}).limits_policy == LimitsPolicy::enforce);
  CHECK(parsed({"--capture=file"}).capture == Capture::file);
  CHECK(parsed({"--capture=split"}).capture == Capture::split);
  CHECK(parsed({"--capture=pipe"}).capture == Capture::pipe);
  CHECK(parsed({"--capture=pty"}).capture == Capture::pty);
  CHECK(parsed({"--capture=none"}).capture == Capture::none);
  CHECK(parsed({"--leak=fail"}).leak == LeakPolicy::fail);
  CHECK(parsed({"--leak=ignore"}).leak == LeakPolicy::ignore);
  CHECK(parsed({"--leak=fail", "--leak=report"}).leak == LeakPolicy::report);
  CHECK_FALSE(parsed({"--backtrace=off"}).backtrace);
  CHECK(parsed({"--backtrace=off", "--backtrace=auto"}).backtrace);
  CHECK_FALSE(parsed({"--protect=off"}).protect);
  CHECK(parsed({"--protect=off", "--protect=on"}).protect);
  CHECK(parsed({}).jobserver == JobserverMode::automatic);
  CHECK(parsed({"--jobserver=on"}).jobserver == JobserverMode::on);
  CHECK(parsed({"--jobserver=on", "--jobserver=off"}).jobserver == JobserverMode::off);
  CHECK(parsed({"--jobserver", "auto"}).jobserver == JobserverMode::automatic);
  CHECK_FALSE(parsed({}).share);
  CHECK(parsed({"--share", "a"}).share == "");
  CHECK(parsed({"--share=dir"}).share == "dir");
  CHECK(parsed({"--summary=memory"}).summary == SummaryKind::memory);
  CHECK(parsed({"--summary=cpu"}).summary == SummaryKind::cpu);
  CHECK(parsed({"--summary=time"}).summary == SummaryKind::time);
  CHECK(parsed({"--summary=compile"}).summary == SummaryKind::compile);
  CHECK(parsed({"--compile-memory", "2G"}).steps.limits[LimitKind::memory] == 2.0 * 1024 * 1024 * 1024);
  CHECK(parsed({"--compile-timeout=60"}).steps.limits[LimitKind::timeout] == 60);
  CHECK(parsed({"--link-jobs", "3"}).steps.most_links == 3);

  CHECK(error_of({"--limits=best"}) == R"(--limits: expected enforce or best-effort, got "best")");
  CHECK(error_of({"--capture=tty"}) == R"(--capture: expected file, split, pipe, pty or none, got "tty")");
  CHECK(error_of({"--leak", "kill"}) == R"(--leak: expected report, fail or ignore, got "kill")");
  CHECK(error_of({"--backtrace=on"}) == R"(--backtrace: expected auto or off, got "on")");
  CHECK(error_of({"--jobserver=yes"}) == R"(--jobserver: expected auto, on or off, got "yes")");
  CHECK(error_of({"--protect="}) == R"(--protect: expected on or off, got "")");
  CHECK(error_of({"--summary=rss"}) == R"(--summary: expected memory, cpu, time or compile, got "rss")");
}

TEST_CASE("a limit's value that is none is an error with its cure") {
  CHECK(error_of({"--memory", "5 apples"}) == R"(--memory: expected a size, got "5 apples" | bytes, or with a suffix: 512M, 2G)");
  CHECK(error_of({"--memory=-1"}).starts_with("--memory: expected a size"));
  CHECK(error_of({"--output-size="}).starts_with("--output-size: expected a size"));
  CHECK(error_of({"--cpu-time", "1d"}) == R"(--cpu-time: expected a time, got "1d" | seconds, or with a unit: 30s, 5m, 1h; 0 = no limit)");
  CHECK(error_of({"--idle-timeout=nan"}).starts_with("--idle-timeout: expected a time"));
  CHECK(error_of({"--idle-timeout=-1m"}).starts_with("--idle-timeout: expected a time"));
  CHECK(error_of({"--processes", "1.5"}) == R"(--processes: expected a whole number, got "1.5" | 0 = no limit)");
  CHECK(error_of({"--limit", "nice=20"}) == R"(--limit nice: expected a whole number from -20 to 19, got "20")");
  CHECK(error_of({"--limit", "cpus=two"}) ==
        R"(--limit cpus: expected a number of processors, got "two" | 2, or a part: 0.5; 0 = no limit)");
  CHECK(error_of({"--limit", "memroy=1G"}) == R"(--limit: there is no limit "memroy" | did you mean "memory"?)");
  CHECK(error_of({"--limit", "=1G"}).starts_with(R"(--limit: there is no limit "" | one of timeout idle-timeout cpu-time memory)"));
  CHECK(error_of({"--limit", "memory"}) == "--limit memory: no value | --limit memory=VALUE");
  CHECK(error_of({"--leak-grace=-1"}) ==
        R"(--leak-grace: expected a time that is not negative, got "-1" | seconds, or with a unit: 30s, 5m, 1h)");
  CHECK(error_of({"--mem-threshold=much"}).starts_with("--mem-threshold: expected a size"));
  for (const std::string percent : {"0", "101", "50%", "nan"}) {
    CAPTURE(percent);
    CHECK(error_of({"--cpu-threshold", percent}).starts_with("--cpu-threshold: expected a percentage above 0, at most 100"));
  }
}

TEST_CASE("the run's defaults go to the tests that say nothing themselves") {
  Suite suite = make_suite({"plain", "own", "unlimited"});
  suite.tests[1].limits[LimitKind::timeout] = 5;
  suite.tests[1].limits[LimitKind::memory] = 100;
  suite.tests[2].limits[LimitKind::timeout] = 0;
  suite.tests[2].limits[LimitKind::output_size] = 0;

  Suite bare = suite;
  cli::apply_defaults(bare, {});
  CHECK(bare.tests[0].limits[LimitKind::timeout] == 1500);
  CHECK(bare.tests[0].limits[LimitKind::output_size] == 64.0 * 1048576);
  CHECK_FALSE(bare.tests[0].limits[LimitKind::memory]);
  CHECK(bare.tests[1].limits[LimitKind::timeout] == 5);
  CHECK_FALSE(bare.tests[2].limits.positive(LimitKind::timeout));
  CHECK_FALSE(bare.tests[2].limits.positive(LimitKind::output_size));

  cli::apply_defaults(suite, parsed({"--timeout=0", "--memory=1k", "--limit", "nice=3"}));
  CHECK(suite.tests[0].limits[LimitKind::timeout] == 0);
  CHECK(suite.tests[0].limits[LimitKind::memory] == 1024);
  CHECK(suite.tests[0].limits[LimitKind::nice] == 3);
  CHECK(suite.tests[1].limits[LimitKind::timeout] == 5);
  CHECK(suite.tests[1].limits[LimitKind::memory] == 100);
  CHECK(suite.tests[2].limits[LimitKind::timeout] == 0);
}

TEST_CASE("--override-limits: the run's limits go to all tests, and only those that it names") {
  Suite suite = make_suite({"plain", "own"});
  suite.tests[1].limits[LimitKind::timeout] = 5;
  suite.tests[1].limits[LimitKind::memory] = 100;
  suite.tests[1].limits[LimitKind::nice] = 3;
  cli::apply_defaults(suite, parsed({"--override-limits", "--timeout=1m", "--memory=0"}));
  for (const Test& test : suite.tests) {
    CHECK(test.limits[LimitKind::timeout] == 60);
    CHECK(test.limits[LimitKind::memory] == 0);
  }
  CHECK(suite.tests[1].limits[LimitKind::nice] == 3);
  CHECK(suite.tests[1].limits[LimitKind::output_size] == 64.0 * 1048576);
}

TEST_CASE("times are seconds, or have a unit") {
  for (const auto& [text, seconds] : {std::pair<std::string, double>{"90", 90}, {"0.5", 0.5}, {"30s", 30}, {"5m", 300}, {"1.5h", 5400}}) {
    CAPTURE(text);
    CHECK(parsed({"--max-time", text}).early_end.most_time == Seconds(seconds));
    CHECK(parsed({"--leak-grace", text}).leak_grace == Seconds(seconds));
    CHECK(parsed({"--timeout", text}).limits[LimitKind::timeout] == seconds);
    CHECK(parsed({"--compile-timeout", text}).steps.limits[LimitKind::timeout] == seconds);
    CHECK(parsed({"--retries", "1:" + text}).retry.retries->delay == Seconds(seconds));
  }
  for (const std::string text : {"", "s", "5 m", "m5", "5M", "5ms", "-5m", "infs", "nanh"}) {
    CAPTURE(text);
    CHECK(error_of({"--max-time", text}).starts_with("--max-time: expected a time"));
  }
}

TEST_CASE("--stress with a time makes a fixed number of copies, of however many tests") {
  const Stress timed = *parsed({"--stress", "5m"}).stress;
  CHECK(timed.time == Seconds(300));
  CHECK(timed.copies_of_each(1) == 20'000);
  CHECK(timed.copies_of_each(20) == 1'000);
  CHECK(timed.copies_of_each(30'000) == 1);
  const Stress counted = *parsed({"--stress=100"}).stress;
  CHECK(counted.time == Seconds(0));
  CHECK(counted.copies_of_each(20) == 100);
  for (const std::string text : {"", "0", "-1", "1.5", "0s", "-5s", "5d", "s"}) {
    CAPTURE(text);
    CHECK(error_of({"--stress", text}).starts_with("--stress: expected a number of copies or a time"));
  }
}

TEST_CASE("what ends a test out of time, and where it runs, come from the test, else from the run") {
  Suite suite = make_suite({"plain", "own"});
  suite.tests[1].limits.timeout_signal = SIGINT;
  suite.tests[1].limits.grace = Seconds(9);
  for (const char* name : {"TIMEOUT_SIGNAL_NAME", "TIMEOUT_SIGNAL_GRACE_PERIOD", "PROCESSOR_AFFINITY"})
    suite.tests[1].properties[name] = "";
  Suite bare = suite;
  cli::apply_defaults(bare, {});
  CHECK(bare.tests[0].limits.timeout_signal == SIGTERM);
  CHECK(bare.tests[0].limits.grace == Seconds(1));
  CHECK_FALSE(bare.tests[0].limits.processor_affinity);

  const Options options = parsed({"--timeout-signal", "SIGHUP", "--timeout-grace=0.5", "--processor-affinity"});
  Suite replaced = suite;
  cli::apply_defaults(suite, options);
  CHECK(suite.tests[0].limits.timeout_signal == SIGHUP);
  CHECK(suite.tests[0].limits.grace == Seconds(0.5));
  CHECK(suite.tests[0].limits.processor_affinity);
  CHECK(suite.tests[1].limits.timeout_signal == SIGINT);
  CHECK(suite.tests[1].limits.grace == Seconds(9));
  CHECK_FALSE(suite.tests[1].limits.processor_affinity);

  Options all = options;
  all.override_limits = true;
  cli::apply_defaults(replaced, all);
  CHECK(replaced.tests[1].limits.timeout_signal == SIGHUP);
  CHECK(replaced.tests[1].limits.grace == Seconds(0.5));
  CHECK(replaced.tests[1].limits.processor_affinity);

  CHECK(error_of({"--timeout-signal=SIGSEGV"}) ==
        R"(--timeout-signal: expected SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP or SIGKILL, got "SIGSEGV")");
  CHECK(error_of({"--timeout-grace=long"}).starts_with(R"(--timeout-grace: expected a time, got "long")"));
}

TEST_CASE("the run's capture goes to the tests that name none, and without one a test runs alone") {
  Suite suite = make_suite({"plain", "own"});
  suite.tests[1].capture = Capture::file;
  suite.tests[1].properties["PTESTS_CAPTURE"] = R"("file")";
  Suite bare = suite;
  cli::apply_defaults(bare, {});
  CHECK(bare.tests[0].capture == Capture::file);
  CHECK_FALSE(bare.tests[0].requirements.run_serial);
  cli::apply_defaults(suite, parsed({"--capture=none"}));
  CHECK(suite.tests[0].capture == Capture::none);
  CHECK(suite.tests[0].requirements.run_serial);
  CHECK_FALSE(suite.tests[0].limits[LimitKind::output_size]);
  CHECK(suite.tests[1].limits[LimitKind::output_size]);
  CHECK(suite.tests[1].capture == Capture::file);
  CHECK_FALSE(suite.tests[1].requirements.run_serial);
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
  CHECK(error_of({"--time=3"}) == R"(unknown option "--time=3" | did you mean "--timeout" or "--timeout-signal"?)");
  CHECK(error_of({"--nothing-like-it"}) == R"(unknown option "--nothing-like-it" | see `ptests run --help`)");
  CHECK(error_of({"--open-files=5"}) == R"(unknown option "--open-files=5" | --limit open-files=VALUE)");
  CHECK(error_of({"--stack", "5"}) == R"(unknown option "--stack" | --limit stack=VALUE)");
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
  CHECK(error_of({"--timeout", "5d"}) == R"(--timeout: expected a time, got "5d" | seconds, or with a unit: 30s, 5m, 1h; 0 = no limit)");
  CHECK(error_of({"--timeout", "-1"}).starts_with("--timeout: expected"));
  CHECK(error_of({"--format", "xml"}) == R"(--format: expected human or json, got "xml")");
}

TEST_CASE("retries, repetitions and early ends") {
  const auto retries = parsed({"--retries", "2:0.5:3"}).retry.retries;
  REQUIRE(retries);
  CHECK(retries->count == 2);
  CHECK(retries->delay == Seconds(0.5));
  CHECK(retries->backoff == 3);
  CHECK(parsed({"--retries=1"}).retry.retries->count == 1);
  CHECK(parsed({"--retries=0"}).retry.retries->count == 0);
  CHECK_FALSE(parsed({}).retry.retries);
  CHECK(parsed({"--retry-budget=0"}).retry.budget == 0);
  CHECK(parsed({"--flaky=fail"}).retry.flaky == RetryOptions::Flaky::fail);
  CHECK(parsed({"--repeat", "after-timeout:4"}).retry.repeat->count == 4);
  CHECK(parsed({"--fail-fast", "name"}).early_end.most_failures == 1);
  CHECK(parsed({"--fail-fast=3"}).early_end.most_failures == 3);
  CHECK(parsed({"--fail-fast=3"}).early_end.action == EarlyEnd::Action::finish_running);
  CHECK(parsed({"--fail-fast=now"}).early_end.most_failures == 1);
  const EarlyEnd both = parsed({"--max-time=9", "--fail-fast=2:now"}).early_end;
  CHECK(both.action == EarlyEnd::Action::kill_running);
  CHECK(both.most_failures == 2);
  CHECK(both.most_time == Seconds(9));
  CHECK(parsed({"--max-running=40"}).max_running == 40);
  for (const char* word : {"--retries=-1", "--retries=", "--retries=1:x", "--retries=1:1:0", "--retries=1:1:1:1", "--repeat=until-fail",
                           "--repeat=until-fail:0", "--repeat=often:2", "--fail-fast=0", "--fail-fast=x:now", "--max-time=-1",
                           "--max-running=0", "--retry-budget=-1", "--flaky=no", "--shard=3/2"}) {
    CAPTURE(word);
    CHECK_FALSE(cli::parse_options({word}));
  }
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
  CHECK(error_of({"--show-only=json-v1"}).ends_with(" | list the tests with `ptests list`, as JSON with --format json"));
}

TEST_CASE("a timeout that no clock can hold is an error") {
  CHECK(error_of({"--timeout", "inf"}).starts_with("--timeout: expected"));
  CHECK(error_of({"--timeout", "nan"}).starts_with("--timeout: expected"));
}

TEST_CASE("what is attached to -LE belongs to it, not to -L") { CHECK(show(parsed({"-LEslow"}).selection.labels).empty()); }

TEST_CASE("the help fits a screen's width, in groups of at most ten") {
  int in_group = 0;
  for (const std::string& line : split(cli::describe_options(), '\n')) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
    in_group = line.starts_with("  ") ? in_group + 1 : 0;
    CHECK(in_group <= 10);
  }
}

TEST_CASE("what tests are chosen by") {
  const Selection selection =
      parsed({"-e", "all()", "--expr=none()", "--unit", "--system", "--integration", "--tag", "a", "--tag=b", "--priority", "P0,p1",
              "--only-slow", "--only-skipped", "--only-failed", "--changed-since", "main", "tests/"})
          .selection;
  CHECK(show(selection.expressions) == "[all()][none()]");
  CHECK(show(selection.levels) == "[unit][system][integration]");
  CHECK(show(selection.tags) == "[a][b]");
  CHECK(show(selection.priorities) == "[p0][p1]");
  CHECK(selection.only_slow);
  CHECK(selection.only_skipped);
  CHECK(selection.only_failed);
  CHECK(selection.changed_since == "main");
  CHECK(show(selection.globs) == "[tests/]");
  CHECK(parsed({"--show-tags"}).show_tags);
  CHECK(error_of({"--priority", "P0,high"}) == "--priority: expected P0, P1, P2 or P3, got \"high\" | several: P0,P1");
  CHECK(error_of({"--taag", "x"}) == "unknown option \"--taag\" | did you mean \"--tag\"?");
}
