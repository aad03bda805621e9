#pragma once

#include <set>
#include <utility>

#include "build/tool.hpp"

namespace ptests {

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
  /// Goals of CMakeFiles/Makefile2 that failed themselves or were "not remade because of errors".
  const std::set<std::string>& failed_goals() const { return failed_goals_; }
  /// make itself, or one below it, was ended by a signal.
  bool was_ended() const { return was_ended_; }
  /// Targets that are done, POST_BUILD included, since the last call.
  std::vector<std::string> take_built() { return std::exchange(built_, {}); }

 private:
  void on_error(std::string_view place);
  std::vector<Failure> failures_;
  std::set<std::string> failed_goals_;
  bool was_ended_ = false;
  std::vector<std::string> built_;
  std::string pending_;  ///< lines since the last rule ended
};

/// The Makefiles CMake writes: their top one builds one goal after the other, so the targets are asked of CMakeFiles/Makefile2,
/// where one make knows the whole graph and builds them in parallel.
class MakeTool final : public BuildTool {
 public:
  explicit MakeTool(const BuildTree& tree) : tree_(&tree) {}
  CommandLine regenerate() const override;
  CommandLine build(const BuildRequest& request) const override;
  bool is_progress(std::string_view line) const override;
  void on_line(std::string_view line) override { output_.on_line(line); }
  std::vector<std::string> take_built() override { return output_.take_built(); }
  bool came_to_its_end(int exit_code) const override { return exit_code < 128 && !output_.was_ended(); }
  std::vector<TargetFailed> failures(const BuildRequest& request) override;

 private:
  std::string goal(const std::string& target) const;
  const BuildTree* tree_;
  MakeOutput output_;
};

}  // namespace ptests
