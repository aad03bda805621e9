#pragma once

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/aside.hpp"
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
  /// One that can write its end while others write theirs: it begins with RunFinished, behind which nothing comes.
  void add_beside(std::unique_ptr<Reporter> reporter) {
    add(std::move(reporter));
    beside_.emplace_back(reporters_.back().get(), std::future<Result<void>>());
  }
  void on(const Event& event) override {
    for (const auto& reporter : reporters_) reporter->on(event);
    if (std::holds_alternative<RunFinished>(event)) begin_ends();
  }
  void flush() override {
    for (const auto& reporter : reporters_) reporter->flush();
  }
  /// What went wrong with the optional one, once finished.
  const std::optional<Error>& warning() const { return warning_; }
  /// Finishes all of them, whatever happens to one; the errors are returned as one. The optional one comes last: it has a thread for it.
  Result<void> finish() override {
    begin_ends();
    Error all;
    const auto add_error = [&all](const Result<void>& done) {
      if (done) return;
      all.message += (all.message.empty() ? "" : "\n") + done.error().message;
      if (all.hint.empty()) all.hint = done.error().hint;
    };
    for (const auto& reporter : reporters_) {
      if (reporter.get() == optional_) continue;
      const auto end = std::find_if(beside_.begin(), beside_.end(), [&](const auto& one) { return one.first == reporter.get(); });
      if (end == beside_.end()) add_error(reporter->finish());
    }
    for (auto& [reporter, end] : beside_) add_error(end.get());
    if (optional_ != nullptr)
      if (const Result<void> done = optional_->finish(); !done) warning_ = done.error();
    return all.message.empty() ? Result<void>{} : tl::unexpected(std::move(all));
  }

 private:
  void begin_ends() {
    for (auto& [reporter, end] : beside_)
      if (!end.valid()) end = std::async(k_aside, [one = reporter] { return one->finish(); });
  }

  std::vector<std::unique_ptr<Reporter>> reporters_;
  std::vector<std::pair<Reporter*, std::future<Result<void>>>> beside_;
  Reporter* optional_ = nullptr;
  std::optional<Error> warning_;
};

}  // namespace ptests
