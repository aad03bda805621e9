#pragma once

#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/seams.hpp"

namespace ptests {

/// Tells every event to each of its reporters, in order.
class MultiReporter final : public Reporter {
 public:
  void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }
  /// One that hears everything first, and it alone always hears of a test's start and end at once. The others hear of starts, and of ends
  /// that are soon told, before any other event and at flush(): when the next test runs, and not while a processor waits for it to start.
  /// At most one.
  void add_prompt(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    prompt_ = reporters_.back().get();
  }
  /// One that the run can do without: its error does not count as one of the run.
  void add_optional(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    optional_ = reporters_.back().get();
  }
  /// One that can write its end while others write theirs: it begins with RunFinished, behind which nothing comes.
  void add_beside(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    beside_.emplace_back(reporters_.back().get(), std::future<Result<void>>());
  }
  void on(const Event& event) override;
  void flush() override;
  /// What went wrong with the optional one, once finished.
  const std::optional<Error>& warning() const { return warning_; }
  /// Finishes all of them, whatever happens to one; the errors are returned as one. The optional one comes last: it has a thread for it.
  Result<void> finish() override;

 private:
  void tell_others(const Event& event);
  void tell_late();
  void begin_ends();

  std::vector<std::unique_ptr<Reporter>> reporters_;
  std::vector<std::pair<Reporter*, std::future<Result<void>>>> beside_;
  Reporter* prompt_ = nullptr;
  Reporter* optional_ = nullptr;
  std::vector<Event> late_;  ///< which only the prompt one has heard
  std::optional<Error> warning_;
};

}  // namespace ptests
