#include <doctest/doctest.h>

#include <csignal>

#include "framework/judge.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using namespace std::string_literals;

namespace {

constexpr auto k_exited = ExitStatus::Kind::exited;
constexpr auto k_signaled = ExitStatus::Kind::signaled;

std::string verdict(const Expectations& expectations, const ExitStatus& exit, const std::string& output, const Ended& ended = {}) {
  const TempDir dir;
  write(dir / "log", output);
  Test test;
  test.expectations = expectations;
  const Outcome outcome = judge(test, exit, ended, {(dir / "log").string()});
  return fmt::format("{}: {}", status_name(outcome.status), outcome.reason);
}

}  // namespace

TEST_CASE("exit code, output and expectations give CTest's verdict") {
  struct Row {
    Expectations expectations;
    int code;
    std::string output;
    std::string verdict;
  };
  const Expectations none;
  const Expectations will_fail{.will_fail = true};
  const Expectations skip{.skip_return_code = 77};
  const Expectations pass{.pass_regexes = {"yes", "ok"}};
  const Expectations bad{.fail_regexes = {"bad", "error"}};
  const Expectations skip_word{.skip_regexes = {"skipped"}};
  for (const Row& row : {
           Row{none, 0, "", "passed: "},
           Row{none, 1, "", "failed: exit code 1"},
           Row{none, 255, "", "failed: exit code 255"},
           Row{will_fail, 1, "", "passed: "},
           Row{will_fail, 0, "", "failed: WILL_FAIL, but it exited with code 0"},
           Row{skip, 77, "", "skipped: SKIP_RETURN_CODE=77"},
           Row{skip, 0, "", "passed: "},
           Row{skip, 78, "", "failed: exit code 78"},
           Row{{.will_fail = true, .skip_return_code = 77}, 77, "", "skipped: SKIP_RETURN_CODE=77"},
           // A matched PASS_REGULAR_EXPRESSION ignores the exit code.
           Row{pass, 0, "ok", "passed: Required regular expression found. Regex=[ok]"},
           Row{pass, 3, "ok", "passed: Required regular expression found. Regex=[ok]"},
           Row{pass, 0, "no", "failed: Required regular expression not found. Regex=[yes;ok]"},
           Row{{.will_fail = true, .pass_regexes = {"ok"}}, 0, "ok", "failed: Required regular expression found. Regex=[ok]"},
           Row{{.will_fail = true, .pass_regexes = {"ok"}}, 0, "no", "passed: Required regular expression not found. Regex=[ok]"},
           Row{{.skip_return_code = 77, .pass_regexes = {"ok"}}, 77, "no", "skipped: SKIP_RETURN_CODE=77"},
           Row{bad, 0, "an error", "failed: Error regular expression found in output. Regex=[error]"},
           Row{bad, 0, "fine", "passed: "},
           Row{bad, 1, "fine", "failed: exit code 1"},
           Row{{.will_fail = true, .fail_regexes = {"bad"}}, 0, "bad", "passed: Error regular expression found in output. Regex=[bad]"},
           Row{{.pass_regexes = {"ok"}, .fail_regexes = {"bad"}},
               0,
               "ok bad",
               "failed: Error regular expression found in output. Regex=[bad]"},
           Row{skip_word, 0, "skipped: no network", "skipped: Skip regular expression found in output. Regex=[skipped]"},
           Row{skip_word, 1, "skipped: no network", "skipped: Skip regular expression found in output. Regex=[skipped]"},
           Row{skip_word, 1, "ran", "failed: exit code 1"},
           Row{{.fail_regexes = {"bad"}, .skip_regexes = {"skipped"}},
               0,
               "bad skipped",
               "skipped: Skip regular expression found in output. Regex=[skipped]"},
           Row{{.will_fail = true, .skip_regexes = {"skipped"}},
               1,
               "skipped",
               "skipped: Skip regular expression found in output. Regex=[skipped]"},
       }) {
    CAPTURE(row.verdict);
    CAPTURE(row.output);
    CHECK(verdict(row.expectations, {k_exited, row.code}, row.output) == row.verdict);
  }
}

TEST_CASE("a signal is a crash, whatever is expected") {
  const ExitStatus segfault{k_signaled, SIGSEGV, true};
  const ExitStatus aborted{k_signaled, SIGABRT, false};
  CHECK(verdict({}, segfault, "") == "crashed: SIGSEGV, core dumped");
  CHECK(verdict({}, aborted, "") == "crashed: SIGABRT");
  CHECK(verdict({.will_fail = true}, segfault, "").starts_with("crashed: "));
  CHECK(verdict({.pass_regexes = {"ok"}}, aborted, "ok").starts_with("crashed: "));
  CHECK(verdict({.skip_return_code = SIGABRT}, aborted, "").starts_with("crashed: "));
  CHECK(verdict({.skip_regexes = {"skip"}}, aborted, "skip").starts_with("crashed: "));
}

TEST_CASE("what we ended is a timeout or an interruption, whatever its exit code") {
  for (const ExitStatus& exit : {ExitStatus{k_exited, 0}, ExitStatus{k_signaled, SIGTERM}, ExitStatus{k_signaled, SIGKILL}}) {
    CHECK(verdict({.will_fail = true, .pass_regexes = {"ok"}}, exit, "ok", {Ended::By::limit, LimitKind::timeout})
              .starts_with("timed_out: "));
    CHECK(verdict({.will_fail = true, .pass_regexes = {"ok"}}, exit, "ok", {Ended::By::interrupt}) ==
          "interrupted: the run was interrupted");
  }
}

TEST_CASE("a limit that was exceeded is the outcome, whoever enforced it") {
  Test test;
  test.limits[LimitKind::timeout] = 1.5;
  test.limits[LimitKind::cpu_time] = 2;
  test.limits[LimitKind::memory] = 64.0 * 1024 * 1024;
  test.limits[LimitKind::file_size] = 1024;
  test.limits[LimitKind::output_size] = 2048;
  test.limits[LimitKind::processes] = 20;
  test.limits[LimitKind::idle_timeout] = 0.5;
  const auto said = [&](const ExitStatus& exit, const Ended& ended) {
    const Outcome outcome = judge(test, exit, ended, {"/nowhere/log"});
    return fmt::format("{}: {}", status_name(outcome.status), outcome.reason);
  };
  const ExitStatus fine{k_exited, 0};
  const auto limit = [](LimitKind kind, double measured) { return Ended{Ended::By::limit, kind, measured}; };
  CHECK(said(fine, limit(LimitKind::timeout, 0)) == "timed_out: no end within 1.5 s");
  CHECK(said(fine, limit(LimitKind::idle_timeout, 0.5)) == "idle_timed_out: no output for 0.5 s");
  CHECK(said(fine, limit(LimitKind::memory, 0)) == "memory_limit: used more memory, the limit is 64.0 MiB");
  CHECK(said(fine, limit(LimitKind::processes, 21)) == "process_limit: had 21 processes, the limit is 20");
  CHECK(said(fine, limit(LimitKind::output_size, 4096)) == "output_limit: printed 4.0 KiB, the limit is 2.0 KiB");
  CHECK(said({k_signaled, SIGXCPU}, {}) == "cpu_limit: used more CPU time, the limit is 2 s");
  CHECK(said({k_signaled, SIGXFSZ}, {}) == "file_size_limit: wrote a larger file, the limit is 1.0 KiB");
  test.limits = {};
  CHECK(said({k_signaled, SIGXCPU}, {}) == "crashed: SIGXCPU");
  CHECK(said({k_signaled, SIGXFSZ}, {}) == "crashed: SIGXFSZ");
}

TEST_CASE("the output is read only when a regular expression wants it") {
  Test test;
  CHECK(judge(test, {k_exited, 0}, {}, {"/nowhere/log"}).status == Status::passed);
  test.expectations.fail_regexes = {"x"};
  const Outcome outcome = judge(test, {k_exited, 0}, {}, {"/nowhere/log"});
  CHECK(outcome.status == Status::failed);
  CHECK(outcome.reason == "reading /nowhere/log: No such file or directory");
}

TEST_CASE("stdout and stderr in two files are both searched, each by itself") {
  const TempDir dir;
  write(dir / "out", "one\n");
  write(dir / "err", "two\n");
  const Words files{(dir / "out").string(), (dir / "err").string()};
  const auto status = [&](const Expectations& expectations) {
    Test test;
    test.expectations = expectations;
    return status_name(judge(test, {k_exited, 0}, {}, files).status);
  };
  for (const char* found : {"^one", "^two", "one\n$", "two\n$"}) {
    CAPTURE(found);
    CHECK(status({.pass_regexes = {found}}) == "passed");
    CHECK(status({.fail_regexes = {"nothing", found}}) == "failed");
    CHECK(status({.skip_regexes = {found}}) == "skipped");
    CHECK(output_matches({found}, files));
  }
  CHECK(status({.pass_regexes = {"one\ntwo"}}) == "failed");
  CHECK_FALSE(output_matches({"three"}, files));
}

TEST_CASE("an output of odd bytes is searched to its end") {
  CHECK(verdict({.fail_regexes = {"FAILED"}}, {k_exited, 0}, "a\0b\xff\xfe\x1b[31mFAILED"s).starts_with("failed: "));
  CHECK(verdict({.pass_regexes = {"(.|\n)*FAILED"}}, {k_exited, 0}, std::string(20000, 'x') + "\nFAILED").starts_with("passed: "));
}

TEST_CASE("an empty output can match") {
  CHECK(verdict({.pass_regexes = {"^$"}}, {k_exited, 0}, "").starts_with("passed: "));
  CHECK(verdict({.pass_regexes = {"x"}}, {k_exited, 0}, "").starts_with("failed: "));
}
