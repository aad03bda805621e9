#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/uv.hpp"
#include "build/tool.hpp"
#include "core/fact.hpp"
#include "core/seams.hpp"
#include "process/spawn.hpp"

namespace ptests {

/// Runs the native build tool once and tells its facts: BuildPrinted for every line, TargetBuilt or TargetFailed for every wanted
/// target, BuildEnded last.
class BuildDriver {
 public:
  using Sink = std::function<void(Fact)>;
  /// `loop`, `spawner` and `tree` must outlive it.
  BuildDriver(uv::Loop& loop, Spawner& spawner, const BuildTree& tree, Sink sink);
  ~BuildDriver();

  /// `mark` is what its processes carry.
  Result<void> start(const BuildRequest& request, const std::optional<ProcessLimit>& mark);
  /// To the build tool's process group; nothing when no build runs.
  void stop(int signal_number);
  /// The build tool's; 0 when none runs.
  pid_t pid() const { return process_.pid; }

 private:
  void read_output();
  void on_line(std::string_view line);
  void on_exit();
  void tell_targets(int exit_code);

  uv::Loop* loop_;
  Spawner* spawner_;
  const BuildTree* tree_;
  Sink sink_;
  std::unique_ptr<BuildTool> tool_;
  BuildRequest request_;
  Process process_;
  UniqueFd output_;
  uv::Poll output_poll_;
  uv::Poll exit_poll_;
  std::string partial_line_;
  bool stopped_ = false;
};

/// The environment a build tool started by us gets: without what a make or ninja around us left for its own children.
std::vector<std::string> build_environment();

}  // namespace ptests
