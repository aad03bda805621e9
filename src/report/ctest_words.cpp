#include "report/ctest_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <csignal>

namespace ptests {

namespace {

struct StatusWords {
  Status status;
  std::string_view column;
  std::string_view word;
};

/// A crash is named by its signal instead.
constexpr std::array<StatusWords, 19> k_words{{
    {Status::passed, "   Passed  ", "Passed"},
    {Status::leaked, "   Passed (leaked) ", "Leaked"},
    {Status::flaky, "   Passed (flaky) ", "Flaky"},
    {Status::failed, "***Failed  ", "Failed"},
    {Status::timed_out, "***Timeout ", "Timeout"},
    {Status::idle_timed_out, "***Timeout (idle) ", "Timeout (idle)"},
    {Status::cpu_limit, "***CPU limit ", "CPU limit"},
    {Status::memory_limit, "***Memory limit ", "Memory limit"},
    {Status::process_limit, "***Process limit ", "Process limit"},
    {Status::file_size_limit, "***File size limit ", "File size limit"},
    {Status::output_limit, "***Output limit ", "Output limit"},
    {Status::crashed, "***Exception: ", "Exception"},
    {Status::order_dependent, "***Order-dependent ", "Order-dependent"},
    {Status::quarantined, "***Quarantined ", "Quarantined"},
    {Status::skipped, "***Skipped ", "Skipped"},
    {Status::disabled, "***Not Run (Disabled) ", "Disabled"},
    {Status::not_run, "***Not Run ", "Not Run"},
    {Status::build_failed, "***Not Run (Build failed) ", "Not Run: build failed"},
    {Status::interrupted, "***Interrupted ", "Interrupted"},
}};

/// The table stands in the order of the enumeration.
constexpr bool is_in_order() {
  for (std::size_t i = 0; i < k_words.size(); ++i)
    if (static_cast<std::size_t>(k_words[i].status) != i) return false;
  return true;
}
static_assert(is_in_order());

const StatusWords& words_of(const TestResult& result) { return k_words[static_cast<std::size_t>(result.outcome.status)]; }

std::string crash_column(int signal_number) {
  switch (signal_number) {
    case SIGSEGV: return "***Exception: SegFault";
    case SIGILL: return "***Exception: Illegal";
    case SIGINT: return "***Exception: Interrupt";
    case SIGFPE: return "***Exception: Numerical";
    default: return fmt::format("{}***Exception: ", ctest_exception_name(signal_number));
  }
}

bool is_named_by_signal(const TestResult& result) { return result.outcome.status == Status::crashed && result.exit; }

}  // namespace

std::string result_column(const TestResult& result) {
  return is_named_by_signal(result) ? crash_column(result.exit->code) : std::string(words_of(result).column);
}

std::string list_word(const TestResult& result) {
  return is_named_by_signal(result) ? ctest_exception_name(result.exit->code) : std::string(words_of(result).word);
}

bool counts_as_passed(Status status) { return status == Status::passed || status == Status::leaked || status == Status::flaky; }

std::string short_time(std::chrono::system_clock::time_point time) { return fmt::format("{:%b %d %H:%M %Z}", fmt::localtime(time)); }

std::string iso_time(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

int decimal_width(int number) { return static_cast<int>(fmt::formatted_size("{}", number)); }

}  // namespace ptests
