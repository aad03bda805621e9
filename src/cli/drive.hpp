#pragma once

#include "cli/options.hpp"
#include "cli/task.hpp"
#include "cli/workspace.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// Runs the tests with everything around them: limits settled, guard, executor, reporters. Returns the exit code.
int drive(const Options& options, Suite& suite, Task task, Workspace& workspace);

}  // namespace ptests::cli
