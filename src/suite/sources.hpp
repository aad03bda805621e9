#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/suite.hpp"

namespace ptests {

/// The files that people write for `test`, as far as they are known: Test::sources, where it says it is defined (unless that is CMake's
/// language), and the words of its command that name a source file, as scripts do. Each once.
std::vector<std::string> source_files(const Test& test, const BuildTree& tree);

/// Whether `path` ends as source files do: .cpp, .c, .py, .sh, ...
bool looks_like_source(std::string_view path);

/// Whether `path` is `folder` or lies below it. Both absolute.
bool is_below(std::string_view path, std::string_view folder);

/// Whether `path` lies in the build directory, and not in a source directory that lies there itself.
bool is_in_build(std::string_view path, const BuildTree& tree);

/// `path` as people write it: relative to the source directory when it lies there.
std::string shown_path(const std::string& path, const BuildTree& tree);

}  // namespace ptests
