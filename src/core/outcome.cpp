#include "core/outcome.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstring>

namespace ptests {

namespace {

enum class Counts { as_pass, as_failure };

struct StatusInfo {
  Status status;
  std::string_view name;
  Counts counts;
};

constexpr std::array<StatusInfo, 19> k_statuses{{
    {Status::passed, "passed", Counts::as_pass},
    {Status::leaked, "leaked", Counts::as_pass},
    {Status::flaky, "flaky", Counts::as_pass},
    {Status::failed, "failed", Counts::as_failure},
    {Status::timed_out, "timed_out", Counts::as_failure},
    {Status::idle_timed_out, "idle_timed_out", Counts::as_failure},
    {Status::cpu_limit, "cpu_limit", Counts::as_failure},
    {Status::memory_limit, "memory_limit", Counts::as_failure},
    {Status::process_limit, "process_limit", Counts::as_failure},
    {Status::file_size_limit, "file_size_limit", Counts::as_failure},
    {Status::output_limit, "output_limit", Counts::as_failure},
    {Status::crashed, "crashed", Counts::as_failure},
    {Status::order_dependent, "order_dependent", Counts::as_failure},
    {Status::quarantined, "quarantined", Counts::as_pass},
    {Status::skipped, "skipped", Counts::as_pass},
    {Status::disabled, "disabled", Counts::as_pass},
    {Status::not_run, "not_run", Counts::as_failure},
    {Status::build_failed, "build_failed", Counts::as_failure},
    {Status::interrupted, "interrupted", Counts::as_failure},
}};

/// The table stands in the order of the enumeration.
constexpr bool is_in_order() {
  for (std::size_t i = 0; i < k_statuses.size(); ++i)
    if (static_cast<std::size_t>(k_statuses[i].status) != i) return false;
  return true;
}
static_assert(is_in_order());

const StatusInfo& info(Status status) { return k_statuses[static_cast<std::size_t>(status)]; }

}  // namespace

bool is_failure(Status status) { return info(status).counts == Counts::as_failure; }

bool did_run(Status status) { return status != Status::disabled && status != Status::not_run && status != Status::build_failed; }

std::string_view status_name(Status status) { return info(status).name; }

std::optional<Status> parse_status(std::string_view name) {
  for (const StatusInfo& known : k_statuses)
    if (known.name == name) return known.status;
  return std::nullopt;
}

Status status_of_limit(LimitKind kind) {
  switch (kind) {
    case LimitKind::timeout: return Status::timed_out;
    case LimitKind::idle_timeout: return Status::idle_timed_out;
    case LimitKind::cpu_time: return Status::cpu_limit;
    case LimitKind::memory: return Status::memory_limit;
    case LimitKind::processes: return Status::process_limit;
    case LimitKind::file_size: return Status::file_size_limit;
    case LimitKind::output_size: return Status::output_limit;
    default: return Status::failed;
  }
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
