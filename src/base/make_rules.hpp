#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ptests {

struct MakeRule {
  std::vector<std::string> outputs;
  std::vector<std::string> inputs;
};

/// The rules of a makefile as CMake writes it, or of a compiler's depfile (-MD), without what they run.
std::vector<MakeRule> read_make_rules(std::string_view text);

}  // namespace ptests
