#pragma once

#include <functional>
#include <set>

#include "build/tool.hpp"

namespace ptests {

/// What ninja printed, cut into failed commands. Source: ninja's src/status.cc; `FAILED: [code=1] out1 out2`, the command, its
/// output, up to the next `[n/m] ` line or ninja's own last words.
class NinjaOutput {
 public:
  struct Failure {
    std::vector<std::string> outputs;
    std::string text;
  };
  void on_line(std::string_view line);
  const std::vector<Failure>& failures() const { return failures_; }
  /// "ninja: error: ..." lines: ninja could not build at all.
  const std::string& errors() const { return errors_; }

 private:
  std::vector<Failure> failures_;
  std::string errors_;
  bool inside_failure_ = false;
};

class NinjaTool final : public BuildTool {
 public:
  explicit NinjaTool(const BuildTree& tree) : tree_(&tree) {}
  CommandLine regenerate() const override;
  CommandLine build(const BuildRequest& request) const override;
  void on_line(std::string_view line) override { output_.on_line(line); }
  std::vector<TargetFailed> failures(const BuildRequest& request) override;

 private:
  CommandLine ninja() const;
  std::string build_file() const;
  const BuildTree* tree_;
  NinjaOutput output_;
};

/// Everything the targets are made of, intermediate outputs included.
using InputsOf = std::function<std::set<std::string>(const std::vector<std::string>& targets)>;

/// The `targets` whose inputs contain one of `failed`; asks for groups and halves them, so that few failures among many
/// targets cost few questions.
std::vector<std::string> targets_with_inputs(const std::vector<std::string>& targets, const std::set<std::string>& failed,
                                             const InputsOf& inputs_of);

}  // namespace ptests
