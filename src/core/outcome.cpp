#include "core/outcome.hpp"

#include <fmt/format.h>

#include <cassert>
#include <csignal>
#include <cstring>

namespace ptests {

bool is_failure(Status status) {
  switch (status) {
    case Status::passed:
    case Status::skipped:
    case Status::disabled: return false;
    case Status::failed:
    case Status::timed_out:
    case Status::crashed:
    case Status::not_run:
    case Status::build_failed:
    case Status::interrupted: return true;
  }
  assert(false);
  return true;
}

bool did_run(Status status) { return status != Status::disabled && status != Status::not_run && status != Status::build_failed; }

std::string_view status_name(Status status) {
  switch (status) {
    case Status::passed: return "passed";
    case Status::failed: return "failed";
    case Status::timed_out: return "timed_out";
    case Status::crashed: return "crashed";
    case Status::skipped: return "skipped";
    case Status::disabled: return "disabled";
    case Status::not_run: return "not_run";
    case Status::build_failed: return "build_failed";
    case Status::interrupted: return "interrupted";
  }
  assert(false);
  return "";
}

std::string ctest_exception_name(int signal_number) {
  switch (signal_number) {
    case SIGSEGV: return "SEGFAULT";
    case SIGILL: return "ILLEGAL";
    case SIGINT: return "INTERRUPT";
    case SIGFPE: return "NUMERICAL";
    case SIGABRT: return "Subprocess aborted";
    case SIGKILL: return "Subprocess killed";
    case SIGTERM: return "Subprocess terminated";
    case SIGBUS: return "Bus error";
    default: return signal_name(signal_number);
  }
}

std::string signal_name(int signal_number) {
  const char* name = ::sigabbrev_np(signal_number);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("SIG{}", signal_number);
}

}  // namespace ptests
