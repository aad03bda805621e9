#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/seams.hpp"
#include "store/history.hpp"

namespace ptests {

struct HistoryWriterOptions {
  std::string host;
  Retention retention;
  /// How long a result may wait for others that go into the same transaction.
  std::chrono::milliseconds batch{80};
  /// How long the database may not know which tests have no result yet. Most have one by then.
  std::chrono::milliseconds outstanding{1000};
  /// How much longer the end of a run may take for executables that are not hashed yet; a later run does the others.
  std::chrono::milliseconds hashing_at_end{50};
};

/// Puts a run into the history in the place of those that are too old, on a thread of its own: a result costs its caller a copy of a few
/// figures, and is in the database within 100 ms. What could not be written is tried again with what comes next. When it still cannot at
/// the end, the run is not marked as finished, and the next run reads all of it from the journal.
///
/// The thread begins with RunStarted, so that nothing before it (the guard's fork) sees a second one. It takes no signal.
class HistoryWriter final : public Reporter {
 public:
  HistoryWriter(History history, HistoryWriterOptions options);
  /// Without finish(), what came is written all the same; nobody hears of an error.
  ~HistoryWriter() override;
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  /// Hears RunStarted, AttemptFinished, TestFinished (its earlier attempts were told by AttemptFinished), StepFinished and RunFinished.
  void on(const Event& event) override;
  /// Everything is in the database, the thread is gone. An error when something could not be written.
  Result<void> finish() override;

  /// Blocks until what came so far is in the database, or could not be written.
  void write_now();

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace ptests
