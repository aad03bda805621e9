#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/history.hpp"
#include "core/seams.hpp"

namespace ptests {

struct CompileSummaryOptions {
  std::function<void(std::string_view)> write;  ///< where the text goes
  std::size_t most = 10;                        ///< targets named
};

/// Ends with the targets whose sources took longest to compile in this run, the worst first: the sum of their compilers' times, that of
/// their linkers, the memory of the hungriest of these, the warnings. Commands that failed count too, since they took their time; one
/// whose launcher went without a word tells nothing.
class CompileSummary final : public Reporter {
 public:
  explicit CompileSummary(CompileSummaryOptions options) : options_(std::move(options)) {}
  void on(const Event& event) override;

 private:
  void step_finished(const StepFinished& event);
  void run_finished();

  CompileSummaryOptions options_;
  std::map<std::string, TargetHistory> targets_;  ///< by name
};

}  // namespace ptests
