#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/seams.hpp"
#include "core/suite.hpp"

namespace ptests {

using CommandLine = std::vector<std::string>;

/// What a build tool knows before it builds.
struct BuildPreview {
  std::vector<std::string> up_to_date;  ///< those wanted targets that nothing will be done for
  int commands = 0;                     ///< that would run; 0 only when all are up to date
};

/// How one native build tool is asked for targets, and how it says which of them are ready and which it could not make.
class BuildTool {
 public:
  virtual ~BuildTool() = default;
  /// Brings the build files up to date with CMakeLists.txt.
  virtual CommandLine regenerate() const = 0;
  /// Called once, right before the build. Nothing when the tool cannot tell; without an answer of the tool no target is up to date.
  virtual std::optional<BuildPreview> prepare(const BuildRequest& /*request*/) { return std::nullopt; }
  /// Builds all of `request` in one go, past failures.
  virtual CommandLine build(const BuildRequest& request) const = 0;
  /// One line the tool printed, in order.
  virtual void on_line(std::string_view line) = 0;
  /// Whether the line only tells how far the build is.
  virtual bool is_progress(std::string_view /*line*/) const { return false; }
  /// Where it notes what it made: take_built() is worth a call when that changed. Empty when there is no such file.
  virtual fs::path progress_file() const { return {}; }
  /// Targets that are ready now, wanted or not; each may come several times.
  virtual std::vector<std::string> take_built() { return {}; }
  /// Whether a target is ready as soon as the command that links it has ended well.
  virtual bool is_ready_when_linked(const std::string& /*target*/) const { return false; }
  /// Whether take_built() told, or will tell, every target that is ready, those that were up to date before too.
  virtual bool tells_all_built() const { return false; }
  /// After a failed build: whether everything was tried. A tool that was ended before knows nothing of the targets it did not name.
  virtual bool came_to_its_end(int exit_code) const { return exit_code < 128; }
  /// After a failed build: those targets of `request` that were not made, each with the output of what failed. None of them was told
  /// by take_built().
  virtual std::vector<TargetFailed> failures(const BuildRequest& request) = 0;
};

/// Whether a launcher of ours stands before a command as build files have it: the command asks before it does anything.
bool has_launcher(std::string_view command);

/// Ninja and Ninja Multi-Config, Unix Makefiles, or `cmake --build` for any other generator. `tree` must outlive it.
std::unique_ptr<BuildTool> make_build_tool(const BuildTree& tree);

}  // namespace ptests
