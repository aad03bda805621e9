#pragma once

#include "cli/options.hpp"
#include "cli/task.hpp"
#include "cli/workspace.hpp"
#include "core/suite.hpp"
#include "process/guard.hpp"

namespace ptests::cli {

/// Runs the tests with everything around them: limits settled, executor, reporters. `guard` is told what it is to remove. Returns the exit
/// code.
int drive(const Options& options, Suite& suite, Task task, Workspace& workspace, const Guard& guard);

}  // namespace ptests::cli
