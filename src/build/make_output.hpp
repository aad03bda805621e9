#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ptests {

/// What our own goals begin with.
constexpr std::string_view k_make_goals = "paralleltests/";

/// A line with which CMake's Makefiles begin or end a rule: "[ 50%] Building CXX object ...", without the percentage when
/// CMakeFiles/Makefile2 is asked directly; in colours when CLICOLOR_FORCE says so.
bool is_make_progress(std::string_view line);

/// What GNU make printed with -k, in the C locale. Source: GNU make manual, "Errors in Recipes".
class MakeOutput {
 public:
  /// A CMake target one of whose rules failed.
  struct Failure {
    std::string target;
    std::string text;
  };
  void on_line(std::string_view line);
  const std::vector<Failure>& failures() const { return failures_; }
  /// What was printed since the last rule ended: make's reason when no rule failed.
  const std::string& last_words() const { return pending_; }
  /// Goals of ours that were "not remade because of errors".
  const std::set<std::string>& failed_goals() const { return failed_goals_; }
  /// make itself, or one below it, was ended by a signal.
  bool was_ended() const { return was_ended_; }

 private:
  void on_error(std::string_view place);
  std::vector<Failure> failures_;
  std::set<std::string> failed_goals_;
  bool was_ended_ = false;
  std::string pending_;  ///< lines since the last rule ended
};

}  // namespace ptests
