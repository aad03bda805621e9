#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/seams.hpp"
#include "core/suite.hpp"

namespace ptests {

using CommandLine = std::vector<std::string>;

/// How one native build tool is asked for targets, and how it says which of them it could not make.
class BuildTool {
 public:
  virtual ~BuildTool() = default;
  /// Brings the build files up to date with CMakeLists.txt.
  virtual CommandLine regenerate() const = 0;
  /// Builds all of `request` in one go, past failures.
  virtual CommandLine build(const BuildRequest& request) const = 0;
  /// One line the tool printed, in order.
  virtual void on_line(std::string_view line) = 0;
  /// After a failed build: the targets of `request` that were not made, each with the output of what failed.
  virtual std::vector<TargetFailed> failures(const BuildRequest& request) = 0;
};

/// Ninja and Ninja Multi-Config, Unix Makefiles, or `cmake --build` for any other generator. `tree` must outlive it.
std::unique_ptr<BuildTool> make_build_tool(const BuildTree& tree);

}  // namespace ptests
