#pragma once

#include <ios>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

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

/// Whether linking is the last command by which CMake's `build.make` makes an executable: there is no POST_BUILD.
bool ends_with_link(std::string_view build_make);

/// Whether all its rules compile and link, and the compilers have launchers.
bool all_rules_ask(std::string_view build_make);

/// The Makefiles CMake writes: their top one builds one goal after the other, so the targets are asked of CMakeFiles/Makefile2,
/// where one make knows the whole graph and builds them in parallel. A second makefile adds a goal for each target that needs all of it,
/// POST_BUILD included, and appends the target's name to a file; since make looks after its goals only when it has started whatever it can,
/// the link tells too, of targets without POST_BUILD. "Built target" in make's output proves nothing: a build that is one of the
/// commands may have a target of the same name.
class MakeTool final : public BuildTool {
 public:
  explicit MakeTool(const BuildTree& tree);
  CommandLine regenerate() const override;
  std::optional<BuildPreview> prepare(const BuildRequest& request) override;
  CommandLine build(const BuildRequest& request) const override;
  bool is_progress(std::string_view line) const override;
  void on_line(std::string_view line) override { output_.on_line(line); }
  fs::path progress_file() const override;
  std::vector<std::string> take_built() override;
  bool is_ready_when_linked(const std::string& target) const override;
  bool tells_all_built() const override { return true; }
  bool came_to_its_end(int exit_code) const override { return exit_code < 128 && !output_.was_ended(); }
  std::vector<TargetFailed> failures(const BuildRequest& request) override;

 private:
  const Executable* executable_of(const std::string& target) const;
  fs::path target_folder(const std::string& target) const;
  std::vector<std::string> stale_first(std::vector<std::string> targets) const;
  bool all_targets_ask() const;
  const BuildTree* tree_;
  std::unordered_map<std::string, const Executable*> executables_;  ///< by target
  std::streamoff read_ = 0;                                         ///< bytes of the progress file that were read
  MakeOutput output_;
};

}  // namespace ptests
