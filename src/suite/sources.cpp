#include "suite/sources.hpp"

#include <algorithm>
#include <array>

namespace ptests {

namespace {

constexpr std::array<std::string_view, 33> k_source_endings{
    ".c",  ".cc", ".cpp", ".cxx", ".c++",  ".C",  ".cu", ".h",   ".hh",  ".hpp", ".hxx", ".ixx",  ".cppm", ".m",   ".mm",  ".f",    ".f90",
    ".rs", ".go", ".py",  ".sh",  ".bash", ".pl", ".rb", ".lua", ".tcl", ".js",  ".ts",  ".bats", ".t",    ".sql", ".asm", ".swift"};

bool is_cmake_file(std::string_view path) { return path.ends_with("CMakeLists.txt") || path.ends_with(".cmake"); }

/// A file of the project that stands in a command: a script, or what a program is to read.
bool is_script(std::string_view word, const BuildTree& tree) {
  return word.starts_with('/') && is_below(word, tree.source_directory) && looks_like_source(word) && !is_in_build(word, tree);
}

}  // namespace

bool looks_like_source(std::string_view path) {
  return std::any_of(k_source_endings.begin(), k_source_endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

bool is_below(std::string_view path, std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  if (folder.empty() || !path.starts_with(folder)) return false;
  return path.size() == folder.size() || folder == "/" || path[folder.size()] == '/';
}

bool is_in_build(std::string_view path, const BuildTree& tree) {
  const bool is_source = is_below(path, tree.source_directory) && is_below(tree.source_directory, tree.build_directory);
  return is_below(path, tree.build_directory) && !is_source;
}

std::vector<std::string> source_files(const Test& test, const BuildTree& tree) {
  std::vector<std::string> files = test.sources;
  const auto add = [&](const std::string& file) {
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  };
  if (!test.location.file.empty() && !is_cmake_file(test.location.file)) add(test.location.file);
  for (const std::string& word : test.command)
    if (is_script(word, tree)) add(word);
  return files;
}

std::string shown_path(const std::string& path, const BuildTree& tree) {
  const std::string& folder = tree.source_directory;
  return !folder.empty() && path.size() > folder.size() && is_below(path, folder) ? path.substr(folder.size() + (folder == "/" ? 0 : 1))
                                                                                  : path;
}

}  // namespace ptests
