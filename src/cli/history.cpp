#include "store/history.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/json.hpp"
#include "cli/cli.hpp"
#include "cli/query.hpp"
#include "report/ctest_words.hpp"

namespace ptests::cli {

namespace {

constexpr int k_rows = 20;

using Time = std::chrono::system_clock::time_point;

std::string local_time(Time time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(time)));
}

/// How the run ended, in a few words.
std::string describe_end(const RunRecord& run) {
  if (run.state == RunState::unfinished) return "no end known: it runs, or was killed";
  if (run.state == RunState::killed) return "killed";
  if (run.signal != 0) return fmt::format("interrupted by {}", signal_name(run.signal));
  if (!run.stopped_by.empty()) return "stopped: " + run.stopped_by;
  return run.failed > 0 ? "failed" : "passed";
}

std::string to_text(const std::vector<RunRecord>& runs) {
  if (runs.empty()) return "No run is recorded yet.\n";
  std::vector<std::vector<std::string>> rows{{"RUN", "STARTED", "SECONDS", "JOBS", "TESTS", "PASSED", "FLAKY", "FAILED", "END"}};
  for (const RunRecord& run : runs)
    rows.push_back({run.run_id, local_time(run.started), fmt::format("{:.2f}", run.duration.count()), std::to_string(run.jobs),
                    std::to_string(run.tests), std::to_string(run.passed), std::to_string(run.flaky), std::to_string(run.failed),
                    describe_end(run)});
  return format_table(rows);
}

Json to_json(const RunRecord& run) {
  return {{"run_id", run.run_id},
          {"started", iso_time(run.started) + "Z"},
          {"duration", run.duration.count()},
          {"jobs", run.jobs},
          {"host", run.host},
          {"build_directory", run.build_directory},
          {"configuration", run.configuration},
          {"version", run.version},
          {"resumes", run.resumes},
          {"state", run_state_name(run.state)},
          {"signal", run.signal},
          {"stopped_by", run.stopped_by},
          {"tests", run.tests},
          {"passed", run.passed},
          {"flaky", run.flaky},
          {"failed", run.failed}};
}

std::string to_json(const std::vector<RunRecord>& runs) {
  Json list = Json::array();
  for (const RunRecord& run : runs) list.push_back(to_json(run));
  return Json{{"runs", std::move(list)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<RunRecord>> read_runs(const Query& query) {
  if (!query.is_there) return std::vector<RunRecord>();
  Result<History> history = History::open(query.history);
  if (!history) return tl::unexpected(history.error());
  return history->runs(query.count);
}

}  // namespace

int history(const std::vector<std::string>& words) {
  const Result<Query> query = parse_query("history", words, {"-n"}, k_rows);
  const auto runs = query ? read_runs(*query) : tl::unexpected(query.error());
  if (!runs) return report_error(runs.error(), k_usage);
  print(query->options.format == Format::json ? to_json(*runs) : to_text(*runs));
  return k_passed;
}

}  // namespace ptests::cli
