#pragma once

#include <optional>
#include <string>

#include "base/files.hpp"

namespace ptests::cli {

/// What `PROGRAM --version` prints; nothing when there is no such program. It is remembered in the file `kept`, where the folder of that
/// is there, and asked again when the program is another one.
std::optional<std::string> tool_version(const std::string& program, const fs::path& kept);

}  // namespace ptests::cli
