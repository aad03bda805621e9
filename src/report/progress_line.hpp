#pragma once

#include <map>
#include <set>
#include <string>

#include "core/event.hpp"
#include "report/test_total.hpp"

namespace ptests {

/// The line at the bottom of a terminal: how far the build and the tests are, and what runs.
class ProgressLine {
 public:
  void on(const Event& event);
  /// "[compile 12/60] [run 8/60, 1 failed] net.tls, net.udp": at most so many columns; "" when there is nothing to say.
  std::string text(int columns) const;

 private:
  void finished(const TestResult& result);
  void build_says(const std::string& line);

  enum class Build { none, running, over } build_ = Build::none;
  int commands_ = 0;  ///< 0 = not known
  int commands_done_ = 0;
  bool tool_counts_ = false;  ///< the build tool itself says how many commands are done
  TestTotal total_;
  int tests_done_ = 0;
  int failed_ = 0;
  std::set<std::pair<int, std::string>> running_;  ///< numbers and names
  std::map<StepId, std::string> steps_;            ///< what is compiled and linked
};

}  // namespace ptests
