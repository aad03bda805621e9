#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "core/seams.hpp"

namespace ptests {

/// What the worst are named by: tests, or for `compile` targets.
enum class SummaryKind { memory, cpu, time, compile };

struct SummaryOptions {
  std::function<void(std::string_view)> write;  ///< where the text goes
  SummaryKind kind = SummaryKind::time;
  std::size_t most = 10;  ///< tests or targets named
};

/// Ends with the tests that used the most memory, CPU time or wall time, the worst first. A test that ran more than once counts
/// with its worst; one whose figure is not known is left out. Of `compile` it knows nothing.
class Summary final : public Reporter {
 public:
  explicit Summary(SummaryOptions options) : options_(std::move(options)) {}
  void on(const Event& event) override;

 private:
  void test_finished(const TestResult& result);
  void run_finished();

  SummaryOptions options_;
  std::unordered_map<const Test*, double> figures_;
};

/// A Summary, or the CompileSummary.
std::unique_ptr<Reporter> make_summary(SummaryOptions options);

}  // namespace ptests
