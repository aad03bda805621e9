#pragma once

#include "report/console.hpp"

namespace ptests::cli {

/// A console on our standard output: in colour on a terminal unless NO_COLOR is set, as wide as that is.
ConsoleOptions console_options();

}  // namespace ptests::cli
