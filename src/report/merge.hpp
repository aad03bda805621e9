#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/seams.hpp"
#include "report/journal_run.hpp"

namespace ptests {

/// The journal of one of several runs that shared the tests.
struct ShardJournal {
  std::string name;                ///< for people: its file
  JournalRun run;                  ///< the last one in the file
  std::vector<JournalTest> tests;  ///< of all runs in the file: one may go on with what another one began
};

/// An error for what parse_events() refuses, and for a file in which no run begins. `name` stands before it.
Result<ShardJournal> parse_shard_journal(std::string name, std::string_view text);

/// Several runs as if they were one.
struct MergedRun {
  MergedRun() = default;
  MergedRun(MergedRun&&) noexcept = default;  ///< `results` refer to `suite`
  MergedRun& operator=(MergedRun&&) noexcept = default;
  MergedRun(const MergedRun&) = delete;
  MergedRun& operator=(const MergedRun&) = delete;
  ~MergedRun() = default;

  Suite suite;                      ///< what journals tell of tests: number, name, suite; sorted by number
  std::vector<TestResult> results;  ///< one a test that has one, in the order of the tests
  std::vector<std::string> notices;
  bool is_whole = true;  ///< of a run in shards: all are here, and they fit together; a notice says what does not
  std::string run_id;    ///< of all, with "+" between them
  std::chrono::system_clock::time_point started;
  Seconds duration{};      ///< of the longest run
  int jobs = 0;            ///< of all together
  int signal = 0;          ///< the first that interrupted one of them, else 0
  std::string stopped_by;  ///< why the first that was stopped was, else ""; one that is to be resumed goes before others

  std::size_t missing() const { return suite.tests.size() - results.size(); }
};

/// Of a test that has a result in several journals, a fixture's say, the worst counts. Of several in one journal it is the last:
/// an interrupted test was run again. `journals` is not empty; the first one names the build directory.
MergedRun merge_runs(const std::vector<ShardJournal>& journals);

/// Whether a run that was stopped for this reason (RunFinished::stopped_by) is to be resumed, with exit code 42. One that --fail-fast
/// stopped is not: it ends as failed.
bool is_to_be_resumed(std::string_view stopped_by);

/// Tells it as the events of one run whose results are all kept ones. A test without a result is told as Not Run, which is a failure: a
/// report that lacked it would look like that of a success.
void tell(const MergedRun& run, Reporter& reporter);

/// Why the run has no end, or an early one, and how far it came, or that it is no whole: the last line of a report, which the Console
/// cannot make, for it counts what it was told. "" for a whole run with all its results that nobody stopped.
std::string describe_end(const MergedRun& run);

}  // namespace ptests
