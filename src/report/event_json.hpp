#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/event.hpp"

namespace ptests {

/// Adds an event to `text` as one line of events.jsonl, its line break included (schema: share/events-v1.schema.json; members in its
/// order). Durations are seconds, sizes bytes, times UTC: "2026-11-21T04:43:27.123456Z". `now` stands for the time of an event that
/// has none of its own.
void append_event(std::string& text, const Event& event, std::chrono::system_clock::time_point now);

/// A selected test, as the journal of a run names it.
struct JournalTest {
  int number = 0;
  std::string name;
  std::string suite;
};

/// How a test ended, as the journal tells it.
struct JournalResult {
  int number = 0;
  std::string name;
  Status status = Status::passed;
  std::string reason;
  int attempt = 1;
  std::chrono::system_clock::time_point started;
  Seconds duration{};
  std::string log;
};

/// What a journal tells of its run, however that ended.
struct JournalRun {
  std::string run_id;
  std::string build_directory;
  std::string configuration;
  std::vector<JournalTest> tests;      ///< the selected ones, in CTest's order
  std::vector<JournalResult> results;  ///< in the order they ended
  bool finished = false;               ///< the run came to its end
  int signal = 0;                      ///< the one that interrupted it, else 0
  std::string stopped_by;              ///< why it was stopped to protect the machine, else ""
};

/// Reads events.jsonl. A cut last line is left out, events and members of a later version are skipped. An error names the line:
/// `line 7: status: expected the name of a status, got "x"`.
Result<JournalRun> parse_events(std::string_view text);

}  // namespace ptests
