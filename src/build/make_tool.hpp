#pragma once

#include <ios>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "build/make_output.hpp"
#include "build/make_targets.hpp"
#include "build/tool.hpp"

namespace ptests {

/// The Makefiles CMake writes: their top one builds one goal after the other, so the targets are asked of CMakeFiles/Makefile2,
/// where one make knows the whole graph and builds them in parallel. A second makefile adds a goal for each target that needs all of it,
/// POST_BUILD included, and appends the target's name to a file; since make looks after its goals only when it has started whatever it can,
/// the link tells too, of targets without POST_BUILD. "Built target" in make's output proves nothing: a build that is one of the
/// commands may have a target of the same name.
/// It also has goals for the objects of some targets, which make would begin only when all is made that their target depends on.
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
  std::string goals(MakeTargets& known, const std::vector<std::string>& folders) const;
  void put_in_order(MakeTargets& known, const BuildRequest& request);
  const BuildTree* tree_;
  std::unordered_map<std::string, const Executable*> executables_;  ///< by target
  std::vector<std::string> order_;                                  ///< the targets, those that look old first
  std::map<std::string, std::vector<std::string>> early_;           ///< objects that wait for nothing, by target
  bool all_ask_ = false;                                            ///< no command of the build begins unasked
  std::streamoff read_ = 0;                                         ///< bytes of the progress file that were read
  MakeOutput output_;
};

}  // namespace ptests
