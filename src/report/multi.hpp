#pragma once

#include <memory>
#include <vector>

#include "core/seams.hpp"

namespace ptests {

/// Tells every event to each of its reporters, in order.
class MultiReporter final : public Reporter {
 public:
  void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }
  void on(const Event& event) override {
    for (const auto& reporter : reporters_) reporter->on(event);
  }
  /// Finishes all of them; the first error is returned.
  Result<void> finish() override {
    Result<void> result;
    for (const auto& reporter : reporters_)
      if (Result<void> done = reporter->finish(); !done && result) result = std::move(done);
    return result;
  }

 private:
  std::vector<std::unique_ptr<Reporter>> reporters_;
};

}  // namespace ptests
