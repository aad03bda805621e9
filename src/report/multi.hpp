#pragma once

#include <future>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/seams.hpp"

namespace ptests {

/// Tells every event to each of its reporters, in order.
class MultiReporter final : public Reporter {
 public:
  void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }
  /// One that the run can do without: its error does not count as one of the run.
  void add_optional(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    optional_ = reporters_.back().get();
  }
  /// One whose end is written while the others write theirs.
  void add_beside(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    beside_.insert(reporters_.back().get());
  }
  void on(const Event& event) override {
    for (const auto& reporter : reporters_) reporter->on(event);
  }
  void flush() override {
    for (const auto& reporter : reporters_) reporter->flush();
  }
  /// What went wrong with the optional one, once finished.
  const std::optional<Error>& warning() const { return warning_; }
  /// Finishes all of them, whatever happens to one; the errors are returned as one. The optional one comes last: it has a thread for it.
  Result<void> finish() override {
    std::vector<std::future<Result<void>>> ends;
    for (const auto& reporter : reporters_) {
      if (reporter.get() == optional_) continue;
      const auto policy = beside_.contains(reporter.get()) ? std::launch::async | std::launch::deferred : std::launch::deferred;
      ends.push_back(std::async(policy, [one = reporter.get()] { return one->finish(); }));
    }
    Error all;
    for (std::future<Result<void>>& end : ends) {
      const Result<void> done = end.get();
      if (done) continue;
      all.message += (all.message.empty() ? "" : "\n") + done.error().message;
      if (all.hint.empty()) all.hint = done.error().hint;
    }
    if (optional_ != nullptr)
      if (const Result<void> done = optional_->finish(); !done) warning_ = done.error();
    return all.message.empty() ? Result<void>{} : tl::unexpected(std::move(all));
  }

 private:
  std::vector<std::unique_ptr<Reporter>> reporters_;
  std::set<const Reporter*> beside_;
  Reporter* optional_ = nullptr;
  std::optional<Error> warning_;
};

}  // namespace ptests
