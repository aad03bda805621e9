#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/uv.hpp"
#include "build/tool.hpp"
#include "core/fact.hpp"
#include "core/seams.hpp"
#include "process/spawn.hpp"

namespace ptests {

/// Runs the native build tool once and tells its facts: BuildPlanned first, when the tool knows; BuildPrinted for every line; TargetBuilt
/// the moment a wanted target is ready, or TargetFailed at the end, one of them for each; BuildEnded last.
class BuildDriver {
 public:
  using Sink = std::function<void(Fact)>;
  /// `loop`, `spawner` and `tree` must outlive it.
  BuildDriver(uv::Loop& loop, Spawner& spawner, const BuildTree& tree, Sink sink);
  ~BuildDriver();

  /// `mark` is what its processes carry. Targets that are up to date are told before it returns; when all are, nothing is started and
  /// BuildEnded has been told too. Blocks while the build tool looks what there is to do.
  /// What the build tool prints goes through `output`, whose reading end does not block; without one through a pipe of its own.
  Result<void> start(const BuildRequest& request, const std::optional<ProcessLimit>& mark, PipeEnds output = {});
  /// The command that links `target` has ended well.
  void linked(const std::string& target);
  /// To the build tool's process group; nothing when no build runs.
  void stop(int signal_number);
  /// The build tool's; 0 when none runs, also after a start() that had nothing to do.
  pid_t pid() const { return process_.pid; }

 private:
  Result<void> spawn(const std::optional<ProcessLimit>& mark, PipeEnds output);
  void watch_progress();
  void tell_built(const std::vector<std::string>& targets);
  void read_output();
  void drop_output();
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
  uv::FsEvent progress_event_;
  uv::Timer progress_timer_;  ///< looks again and again where the kernel does not tell
  std::string partial_line_;
  std::set<std::string> waiting_;  ///< wanted targets of which nothing was told
  bool stopped_ = false;
};

/// The environment a build tool started by us gets: `more` (NAME=value words), and ours without those names and without what a make or
/// ninja around us left for its own children.
std::vector<std::string> build_environment(const std::vector<std::string>& more = {});

}  // namespace ptests
