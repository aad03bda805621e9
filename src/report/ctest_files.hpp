#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "core/seams.hpp"
#include "report/test_total.hpp"

namespace ptests {

/// CTest's own files in `<build>/Testing/Temporary`, so that `ctest --rerun-failed` and the tools that read them work after our
/// run: LastTest.log, LastTestsFailed.log, LastTestsDisabled.log, CTestCostData.txt. Source: files of ctest 3.25.
class CTestFiles final : public Reporter {
 public:
  /// The numbers and names by which ctest knows a test after the run.
  using Numbers = std::function<std::vector<std::pair<int, std::string>>(const Test&)>;
  /// Without `numbers` they are those of the tests.
  explicit CTestFiles(Numbers numbers = {}) : numbers_(std::move(numbers)) {}

  void on(const Event& event) override;
  Result<void> finish() override;

 private:
  struct Finished {
    const Test* test = nullptr;
    std::optional<double> seconds;  ///< of a passed test
    Status status = Status::passed;
  };
  void run_started(const RunStarted& event);
  void test_finished(const TestResult& result);
  void run_finished(const RunFinished& event);
  void write_output(const TestResult& result);
  void copy_output(const std::string& path);
  /// short_time(), worked out anew only in another minute: it takes as long as all else that is written of a test.
  const std::string& minute_of(std::chrono::system_clock::time_point time);
  Result<void> write_numbered(const char* file, bool (*wanted)(Status)) const;
  Result<void> write_costs() const;

  Numbers numbers_;
  fs::path directory_;
  std::optional<AtomicFile> log_;
  std::chrono::system_clock::time_point minute_;  ///< of minute_text_
  std::string minute_text_;
  Result<void> failure_;
  TestTotal total_;
  std::size_t done_ = 0;
  std::vector<Finished> finished_;
};

/// CTestCostData.txt anew: `old_text` with the passed tests' times averaged in and the failed names of this run behind `---`.
struct CostUpdate {
  std::string_view name;
  std::optional<double> seconds;  ///< nothing for a test that did not pass: its average stays
};
std::string update_costs(std::string_view old_text, const std::vector<CostUpdate>& updates, const std::vector<std::string_view>& failed);

}  // namespace ptests
