#include <doctest/doctest.h>

#include <csignal>

#include "fakes.hpp"
#include "report/ctest_words.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

TestResult result_of(Status status, int signal_number = 0) {
  TestResult result;
  result.outcome.status = status;
  if (signal_number != 0) result.exit = ExitStatus{ExitStatus::Kind::signaled, signal_number};
  return result;
}

}  // namespace

TEST_CASE("every outcome has CTest's words in its line and in the list") {
  struct Row {
    TestResult result;
    std::string column;
    std::string word;
  };
  for (const Row& row : {
           Row{result_of(Status::passed), "   Passed  ", "Passed"},
           Row{result_of(Status::leaked), "   Passed (leaked) ", "Leaked"},
           Row{result_of(Status::failed), "***Failed  ", "Failed"},
           Row{result_of(Status::timed_out), "***Timeout ", "Timeout"},
           Row{result_of(Status::idle_timed_out), "***Timeout (idle) ", "Timeout (idle)"},
           Row{result_of(Status::cpu_limit), "***CPU limit ", "CPU limit"},
           Row{result_of(Status::memory_limit), "***Memory limit ", "Memory limit"},
           Row{result_of(Status::process_limit), "***Process limit ", "Process limit"},
           Row{result_of(Status::file_size_limit), "***File size limit ", "File size limit"},
           Row{result_of(Status::output_limit), "***Output limit ", "Output limit"},
           Row{result_of(Status::skipped), "***Skipped ", "Skipped"},
           Row{result_of(Status::disabled), "***Not Run (Disabled) ", "Disabled"},
           Row{result_of(Status::not_run), "***Not Run ", "Not Run"},
           Row{result_of(Status::build_failed), "***Not Run (Build failed) ", "Not Run: build failed"},
           Row{result_of(Status::interrupted), "***Interrupted ", "Interrupted"},
           Row{result_of(Status::crashed, SIGSEGV), "***Exception: SegFault", "SEGFAULT"},
           Row{result_of(Status::crashed, SIGILL), "***Exception: Illegal", "ILLEGAL"},
           Row{result_of(Status::crashed, SIGFPE), "***Exception: Numerical", "NUMERICAL"},
           Row{result_of(Status::crashed, SIGINT), "***Exception: Interrupt", "INTERRUPT"},
           Row{result_of(Status::crashed, SIGABRT), "Subprocess aborted***Exception: ", "Subprocess aborted"},
           Row{result_of(Status::crashed, SIGKILL), "Subprocess killed***Exception: ", "Subprocess killed"},
           Row{result_of(Status::crashed, SIGUSR1), "SIGUSR1***Exception: ", "SIGUSR1"},
       }) {
    CHECK(result_column(row.result) == row.column);
    CHECK(list_word(row.result) == row.word);
  }
}

TEST_CASE("what counts as passed") {
  CHECK(counts_as_passed(Status::passed));
  CHECK(counts_as_passed(Status::leaked));
  for (const Status status : {Status::failed, Status::skipped, Status::disabled, Status::output_limit})
    CHECK_FALSE(counts_as_passed(status));
}

TEST_CASE("times in reports") {
  CHECK(short_time(FakeClock::k_start) == "Nov 21 04:43 UTC");
  CHECK(iso_time(FakeClock::k_start) == "2026-11-21T04:43:27");
}

TEST_CASE("decimal_width counts columns") {
  CHECK(decimal_width(0) == 1);
  CHECK(decimal_width(9) == 1);
  CHECK(decimal_width(10) == 2);
  CHECK(decimal_width(12345) == 5);
}
