#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "core/seams.hpp"

namespace ptests {

/// CTest's own files in `<build>/Testing/Temporary`, so that `ctest --rerun-failed` and the tools that read them work after our
/// run: LastTest.log, LastTestsFailed.log, LastTestsDisabled.log, CTestCostData.txt. Source: files of ctest 3.25.
class CTestFiles final : public Reporter {
 public:
  void on(const Event& event) override;
  Result<void> finish() override;

 private:
  struct Named {
    int number = 0;
    std::string name;
    std::optional<double> seconds;  ///< of a passed test
    Status status = Status::passed;
  };
  void run_started(const RunStarted& event);
  void test_finished(const TestResult& result);
  void run_finished(const RunFinished& event);
  void write_output(const TestResult& result);
  Result<void> write_numbered(const char* file, bool (*wanted)(Status)) const;
  Result<void> write_costs() const;

  fs::path directory_;
  std::optional<AtomicFile> log_;
  Result<void> failure_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  std::vector<Named> finished_;
};

/// CTestCostData.txt anew: `old_text` with the passed tests' times averaged in and the failed names of this run behind `---`.
struct CostUpdate {
  std::string name;
  std::optional<double> seconds;  ///< nothing for a test that did not pass: its average stays
};
std::string update_costs(std::string_view old_text, const std::vector<CostUpdate>& updates, const std::vector<std::string>& failed);

}  // namespace ptests
