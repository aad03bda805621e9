#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/seams.hpp"

namespace ptests {

/// How often each of the tests failed that ran in several copies: "net.t1: 3 of 100 failed (3.0 %): 2 Failed, 1 Timeout". Quarantined ones
/// count: how often they fail is what is asked.
class StressSummary final : public Reporter {
 public:
  /// `write` is where the text goes; `original_name` tells whose copy a test is. When the copies were to fill a `time`, and ended before,
  /// that is told; 0 = they were not.
  StressSummary(std::function<void(std::string_view)> write, std::function<std::string(const Test&)> original_name, Seconds time)
      : write_(std::move(write)), original_name_(std::move(original_name)), time_(time) {}
  void on(const Event& event) override;

 private:
  struct Tally {
    int runs = 0;
    int failures = 0;
    std::map<std::string, int> words;  ///< what the failures were
  };
  void add(const TestResult& result);
  void tell(const RunFinished& end) const;

  std::function<void(std::string_view)> write_;
  std::function<std::string(const Test&)> original_name_;
  Seconds time_;
  std::map<std::string, Tally> tallies_;
};

}  // namespace ptests
