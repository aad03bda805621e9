#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "core/history.hpp"
#include "store/database.hpp"
#include "store/test_rows.hpp"

namespace ptests {

/// How much is kept. What is known of a test (TestHistory) stays for good.
struct Retention {
  int runs = 100;
  int days = 30;  ///< for runs
  /// For what a compiler or linker took. A file that nobody changes is not built for months, and what it took still holds; but which
  /// files a target no longer has nobody tells. Until then their few bytes stay, and count for their target.
  int step_days = 365;
};

/// What came of a run, as far as the history knows.
enum class RunState : std::uint8_t {
  unfinished,  ///< it runs, or was killed and nobody has looked at its journal yet
  finished,    ///< it came to its end, interrupted or not
  killed,      ///< its journal has been read and has no end
};
std::string_view run_state_name(RunState state);

/// One run, as it is kept.
struct RunRecord {
  std::string run_id;
  std::chrono::system_clock::time_point started;
  Seconds duration{};  ///< of one that was killed: until its last result
  int jobs = 0;
  std::string host;
  std::string build_directory;
  std::string configuration;
  std::string version;  ///< of ptests
  std::string resumes;  ///< run_id of the interrupted run that it continued; else ""
  RunState state = RunState::unfinished;
  int signal = 0;          ///< the one that interrupted it, else 0
  std::string stopped_by;  ///< why it was stopped to protect the machine, else ""
  int tests = 0;           ///< selected
  int passed = 0;          ///< at the first attempt
  int flaky = 0;
  int failed = 0;  ///< counted as failures, those that were interrupted left out
};

/// One test, as it is ranked.
struct TestRecord {
  std::string name;
  TestHistory history;
  Seconds cpu_time{};  ///< mean of the attempts that history.duration is of
  int changes = 0;     ///< results that passed after one that failed, or failed after one that passed
};

/// One target, as it is ranked.
struct TargetRecord {
  std::string name;
  TargetHistory history;
  int sources = 0;  ///< files that were compiled for it
};

/// What tests are ranked by, the greatest first.
enum class Ranking : std::uint8_t {
  duration,
  cpu_time,
  peak_rss,
  flakiness,  ///< flaky results and changes, by runs; tests without any are left out
};

/// Another one whenever somebody has written.
struct HistoryState {
  std::int64_t others = 0;  ///< changes when another process or connection has written
  std::int64_t own = 0;     ///< rows that this one has changed
  bool operator==(const HistoryState&) const = default;
};

/// The database of what earlier runs told. Two processes may use one at the same time. Every error names the file and a cure; a caller
/// whose business is the run goes on without it.
class History {
 public:
  /// Makes the file and the folders above it when they are not there, and brings an older schema up to date. An error when it is no
  /// database of ours, is corrupt, of a newer version, or cannot be written.
  static Result<History> open(const fs::path& path);

  HistoryState state();
  Result<TestHistories> read();
  /// The rows that read() has found, once, with HistoryState::others of that time; none when anybody has written since.
  std::pair<std::int64_t, TestRows> take_rows();
  /// The targets that were built, each in the configuration that was built last.
  Result<TargetHistories> read_targets();
  /// The newest `most`, newest first.
  Result<std::vector<RunRecord>> runs(int most);
  /// The first `most`; tests that never ran are left out.
  Result<std::vector<TestRecord>> rank(Ranking ranking, int most);
  /// The first `most` of the targets, those first that took longest to compile.
  Result<std::vector<TargetRecord>> slowest_to_compile(int most);
  /// Whether that run is known with its end: nothing can be added to it.
  Result<bool> knows_end_of(const std::string& run_id);
  /// Drops older runs with their attempts, but not the one that has the number `current`, whatever the clock says; executables that no
  /// run refers to; and what was not built for long. An error when nothing of it was done.
  Result<void> retain(const Retention& retention, std::chrono::system_clock::time_point now, std::int64_t current = 0);

  const fs::path& path() const { return path_; }
  Database& database() { return database_; }

 private:
  History(fs::path path, Database database) : path_(std::move(path)), database_(std::move(database)) {}

  fs::path path_;
  Database database_;
  TestRows rows_;
  HistoryState rows_state_;  ///< when they were read
};

}  // namespace ptests
