#include "build/tool.hpp"

#include <fmt/format.h>

#include "build/make_tool.hpp"
#include "build/ninja_tool.hpp"

namespace ptests {

namespace {

/// Any generator through `cmake --build`. Its output has no form we know, so a failed build fails every target.
class CMakeTool final : public BuildTool {
 public:
  explicit CMakeTool(const BuildTree& tree) : tree_(&tree) {}

  CommandLine regenerate() const override { return {tree_->cmake, tree_->build_directory}; }

  CommandLine build(const BuildRequest& request) const override {
    CommandLine command{tree_->cmake, "--build", tree_->build_directory, "--parallel", fmt::format("{}", request.jobs)};
    if (!tree_->configuration.empty()) command.insert(command.end(), {"--config", tree_->configuration});
    command.emplace_back("--target");
    command.insert(command.end(), request.targets.begin(), request.targets.end());
    return command;
  }

  void on_line(std::string_view line) override { output_.append(line) += '\n'; }

  std::vector<TargetFailed> failures(const BuildRequest& request) override {
    std::vector<TargetFailed> failed;
    for (const std::string& target : request.targets) failed.push_back({target, output_});
    return failed;
  }

 private:
  const BuildTree* tree_;
  std::string output_;
};

}  // namespace

bool has_launcher(std::string_view command) { return command.find("CMakeFiles/paralleltests-launch") != command.npos; }

std::unique_ptr<BuildTool> make_build_tool(const BuildTree& tree) {
  if (tree.generator.starts_with("Ninja")) return std::make_unique<NinjaTool>(tree);
  if (tree.generator.ends_with("Unix Makefiles")) return std::make_unique<MakeTool>(tree);
  return std::make_unique<CMakeTool>(tree);
}

}  // namespace ptests
