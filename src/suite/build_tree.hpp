#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What CMakeCache.txt tells of a build directory that has no manifest: tools, generator, source directory.
Result<BuildTree> read_cmake_cache(const std::string& build_directory, std::string_view configuration);

/// An error unless `wanted` is one of the configurations `there`, with the choice as its hint.
Result<void> check_configuration(const std::string& build_directory, std::string_view wanted, const std::vector<std::string>& there);

}  // namespace ptests
