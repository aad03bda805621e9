#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/build_step.hpp"
#include "core/outcome.hpp"
#include "store/history.hpp"
#include "store/test_rows.hpp"

namespace ptests {

enum class AttemptKind : std::uint8_t { retried, final };

/// How a run ended.
struct RunEnd {
  Seconds duration{};
  int signal = 0;
  std::string stopped_by;
  RunState state = RunState::finished;
};

/// Writes one run into a history. What it is told goes into the transaction that is open at that time (store/database.hpp), whose commit
/// tells of errors; after one that failed, forget() and everything of it again. Of several transactions each is between begin() and end().
/// Nothing is counted twice: a run, a test or an attempt that is there already stays as it is.
class RunRecorder {
 public:
  explicit RunRecorder(History& history);

  /// The transaction that is open now has begun: what was read in an earlier one is no longer true when another process has written since.
  /// When that has dropped the run, run() is 0, and begin_run() makes it anew.
  void begin();
  /// What is left to write before its commit. After end_run() nothing is. Tests that became outstanding and have no result may wait for
  /// another transaction: should that never come, the journal tells of them.
  enum class Outstanding : std::uint8_t { is_written, may_wait };
  void end(Outstanding outstanding = Outstanding::is_written);

  bool owes_outstanding() const { return !noted_.empty(); }

  /// The run as it begins, and the names of the selected tests. Comes before the others.
  void begin_run(const RunRecord& run, const std::vector<std::string_view>& tests);
  /// The cases of its executable run in the place of the test `parent`; in the one process that ended as `run`, where there is one.
  void add_cases(std::string_view parent, const std::vector<std::string_view>& cases, const std::optional<TestResult>& run);
  /// These have no result: of a run that did not come to its end.
  void add_outstanding(const std::vector<std::string_view>& tests) { select(tests); }
  /// `executable` = id of a row of `executables`. Returns how many attempts were new: 0 or 1.
  int add_attempt(std::string_view test, const TestResult& attempt, AttemptKind kind, std::optional<std::int64_t> executable = {});
  /// What a compiler or linker took takes the place of what it took before; that of one that failed or was lost tells nothing. Neither
  /// its command nor its output is read.
  void add_step(const BuildStep& what, const StepResult& result, std::chrono::system_clock::time_point started);
  void end_run(const RunEnd& how);
  /// Drops what it remembers of rows that the lost transaction may have made.
  void forget();

  /// Number of the run; 0 before begin_run().
  std::int64_t run() const { return run_; }

 private:
  void select(const std::vector<std::string_view>& tests);
  TestRow& row_of(std::string_view test);
  void read_rows(Statement& found);
  void set_outstanding(TestRow& row);
  void write(TestRow& row);
  void count(Status status);

  Statement version_;
  Statement insert_run_, find_run_, has_run_, count_, end_run_;
  Statement find_test_, find_cases_, find_all_, last_id_, insert_test_, set_outstanding_, write_test_;
  Statement insert_attempt_, settle_attempt_;
  Statement write_step_;
  std::int64_t run_ = 0;
  bool was_dropped_ = false;  ///< by another process
  std::string configuration_;
  std::int64_t known_version_ = 0;  ///< of the database, which changes when another process has written
  TestRows rows_;                   ///< those that are known; of all tests what History::read() has found
  /// Of `rows_`: those that became outstanding. Most have a result before the transaction ends, and need no word about that.
  std::vector<TestRow*> noted_;
  /// Results that the row of the run does not have yet.
  struct Counts {
    int passed = 0;
    int flaky = 0;
    int failed = 0;
    bool any() const { return passed + flaky + failed > 0; }
  };
  Counts counts_;
};

}  // namespace ptests
