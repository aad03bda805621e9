#pragma once

#include "cli/options.hpp"
#include "core/suite.hpp"

namespace ptests::cli {

/// What the command line says for all tests goes to those that say nothing themselves, with --override-limits to the others too: limits
/// (the timeout is CTest's 1500 s and the output 64 MiB when nobody sets one), the signal and grace of the timeout, PROCESSOR_AFFINITY.
/// Those that say nothing get the way of capturing. A test whose output is not captured runs alone.
void apply_defaults(Suite& suite, const Options& options);

}  // namespace ptests::cli
