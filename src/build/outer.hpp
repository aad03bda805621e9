#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace ptests {

/// The goals in the command line of a ninja or make; nothing for any other program.
std::vector<std::string> goals_of(const std::vector<std::string>& command);

/// Two builds of one build directory at a time spoil it: an error when the ninja or make that started us, in
/// `build_directory`, has other goals than the one that is us.
Result<void> refuse_other_goals(const std::string& build_directory);

}  // namespace ptests
