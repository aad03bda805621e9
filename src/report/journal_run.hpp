#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "core/event.hpp"

namespace ptests {

/// A selected test, as the journal of a run names it.
struct JournalTest {
  int number = 0;
  std::string name;
  std::string suite;
};

/// How a test or one of its attempts ended, as the journal tells it.
struct JournalResult {
  int number = 0;
  std::string name;
  TestResult result;  ///< without `test` and `earlier`
};

/// How a compiler or linker ended, as the journal tells it.
struct JournalStep {
  BuildStep what;     ///< without `command`
  StepResult result;  ///< without `output` and `limit_hit`
  std::chrono::system_clock::time_point started;
};

/// What a journal tells of its run, however that ended.
struct JournalRun {
  std::string run_id;
  std::string resumes;  ///< run_id of the interrupted run that it continues, else ""
  std::string host;     ///< "" in an older journal, as `version`
  std::string version;  ///< of ptests
  std::string build_directory;
  std::string configuration;
  std::chrono::system_clock::time_point started;
  int jobs = 1;
  std::optional<ShardPart> shard;
  std::size_t project_tests = 0;                         ///< to choose from; 0 in an older journal
  std::vector<JournalTest> tests;                        ///< the selected ones, in CTest's order; cases behind the tests of other kinds
  std::unordered_map<std::string, std::string> parents;  ///< of cases: the test of their executable, by names
  std::vector<JournalResult> attempts;                   ///< that were followed by a retry, in the order they ended
  std::vector<JournalResult> results;                    ///< in the order they ended
  std::vector<JournalStep> steps;                        ///< in the order they ended
  std::unordered_map<std::string, Limits> limits;        ///< those that held when a test started the last time, by its name
  bool finished = false;                                 ///< the run came to its end
  Seconds duration{};                                    ///< of one that came to its end
  int signal = 0;                                        ///< the one that interrupted it, else 0
  std::string stopped_by;                                ///< why it was stopped before its end, else ""
};

/// Reads events.jsonl. A run that resumes another one goes on in its file: it then has the results of both, and its own name and
/// tests. A cut last line is left out, events and members of a later version are skipped. An error names the line:
/// `line 7: status: expected the name of a status, got "x"`.
Result<JournalRun> parse_events(std::string_view text);

}  // namespace ptests
