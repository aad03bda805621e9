#include "report/ctest_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cassert>
#include <csignal>

namespace ptests {

namespace {

std::string crash_column(int signal_number) {
  switch (signal_number) {
    case SIGSEGV: return "***Exception: SegFault";
    case SIGILL: return "***Exception: Illegal";
    case SIGINT: return "***Exception: Interrupt";
    case SIGFPE: return "***Exception: Numerical";
    default: return fmt::format("{}***Exception: ", ctest_exception_name(signal_number));
  }
}

}  // namespace

std::string result_column(const TestResult& result) {
  switch (result.outcome.status) {
    case Status::passed: return "   Passed  ";
    case Status::failed: return "***Failed  ";
    case Status::timed_out: return "***Timeout ";
    case Status::crashed: return crash_column(result.exit->code);
    case Status::skipped: return "***Skipped ";
    case Status::disabled: return "***Not Run (Disabled) ";
    case Status::not_run: return "***Not Run ";
    case Status::build_failed: return "***Not Run (Build failed) ";
    case Status::interrupted: return "***Interrupted ";
  }
  assert(false);
  return "";
}

std::string list_word(const TestResult& result) {
  switch (result.outcome.status) {
    case Status::passed: return "Passed";
    case Status::failed: return "Failed";
    case Status::timed_out: return "Timeout";
    case Status::crashed: return ctest_exception_name(result.exit->code);
    case Status::skipped: return "Skipped";
    case Status::disabled: return "Disabled";
    case Status::not_run: return "Not Run";
    case Status::build_failed: return "Not Run: build failed";
    case Status::interrupted: return "Interrupted";
  }
  assert(false);
  return "";
}

std::string short_time(std::chrono::system_clock::time_point time) { return fmt::format("{:%b %d %H:%M %Z}", fmt::localtime(time)); }

std::string iso_time(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

int decimal_width(int number) { return static_cast<int>(fmt::formatted_size("{}", number)); }

}  // namespace ptests
