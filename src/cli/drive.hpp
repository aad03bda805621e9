#pragma once

#include <vector>

#include "cli/options.hpp"
#include "cli/workspace.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// Runs the selected tests with everything around them: limits settled, guard, executor, reporters. Returns the exit code.
int drive(const Options& options, Suite& suite, const std::vector<TestId>& selected, Workspace& workspace);

}  // namespace ptests::cli
