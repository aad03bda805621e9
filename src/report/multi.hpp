#pragma once

#include <memory>
#include <optional>
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
    Error all;
    for (const auto& reporter : reporters_) {
      if (reporter.get() == optional_) continue;
      const Result<void> done = reporter->finish();
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
  Reporter* optional_ = nullptr;
  std::optional<Error> warning_;
};

}  // namespace ptests
