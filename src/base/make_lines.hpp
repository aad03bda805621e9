#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ptests {

/// The file in "[ 50%] Building C object CMakeFiles/t.dir/t.c.o" or "Linking C executable t", with which CMake's Makefiles begin a rule, in
/// colours or not; nothing for any other line.
std::optional<std::string> make_rule_output(std::string_view line);

/// "make: ", "make[2]: " or with a path before it.
bool is_from_make(std::string_view line);

/// "make[1]: *** [CMakeFiles/t.dir/build.make:76: CMakeFiles/t.dir/t.c.o] Error 1": the last line of a rule that failed.
bool is_make_error(std::string_view line);

}  // namespace ptests
