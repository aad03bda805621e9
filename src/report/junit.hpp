#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "core/seams.hpp"

namespace ptests {

struct JUnitOptions {
  fs::path path;
  std::string hostname;
};

/// JUnit XML: a testsuite for each suite, a testcase for each test, with how it ended and what it used as properties; well-formed
/// whatever a test prints. Written whole at the end. Source: the surefire schema as Jenkins and GitLab read it; `status` as `ctest
/// --output-junit` writes it.
class JUnit final : public Reporter {
 public:
  explicit JUnit(JUnitOptions options) : options_(std::move(options)) {}
  void on(const Event& event) override;
  Result<void> finish() override;

 private:
  struct Totals;
  void run_started(const RunStarted& event);
  void write_suite(AtomicFile& file, std::string_view name, const std::vector<const TestResult*>& results) const;
  void write_case(AtomicFile& file, const TestResult& result, std::string& text) const;
  std::string build_words(const TestResult& result) const;
  static void write_attempt(AtomicFile& file, const TestResult& attempt, std::string_view prefix);
  static void write_output(AtomicFile& file, const TestResult& result);

  JUnitOptions options_;
  std::chrono::system_clock::time_point started_;
  Seconds duration_{};
  std::vector<TestResult> results_;
  std::map<std::string, std::vector<std::string>> build_failures_;  ///< of compilers and linkers, by target
};

}  // namespace ptests
