#include "suite/build_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

/// `NAME:TYPE=value` lines of CMakeCache.txt.
std::map<std::string, std::string> parse_cache(std::string_view text) {
  std::map<std::string, std::string> entries;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    const std::size_t equals = colon == std::string::npos ? colon : line.find('=', colon);
    if (line.empty() || line[0] == '#' || line[0] == '/' || equals == std::string::npos) continue;
    entries[line.substr(0, colon)] = line.substr(equals + 1);
  }
  return entries;
}

}  // namespace

Result<void> check_configuration(const std::string& build_directory, std::string_view wanted, const std::vector<std::string>& there) {
  if (std::find(there.begin(), there.end(), wanted) != there.end()) return {};
  return fail(wanted.empty() ? fmt::format("{} has several configurations", build_directory)
                             : fmt::format("{} has no configuration \"{}\"", build_directory, wanted),
              fmt::format("name one with -C: {}", quoted_choice(there)));
}

Result<BuildTree> read_cmake_cache(const std::string& build_directory, std::string_view configuration) {
  const Result<std::string> text = read_file(fs::path(build_directory) / "CMakeCache.txt");
  if (!text)
    return fail(fmt::format("{} is not a CMake build directory", build_directory),
                "name one with -B, or configure it first: cmake -S . -B build");
  std::map<std::string, std::string> cache = parse_cache(*text);
  BuildTree tree;
  tree.build_directory = build_directory;
  tree.source_directory = cache["CMAKE_HOME_DIRECTORY"];
  tree.generator = cache["CMAKE_GENERATOR"];
  tree.cmake = cache["CMAKE_COMMAND"];
  tree.ctest = cache["CMAKE_CTEST_COMMAND"];
  tree.build_tool = cache["CMAKE_MAKE_PROGRAM"];
  tree.configuration = configuration.empty() ? cache["CMAKE_BUILD_TYPE"] : std::string(configuration);
  if (tree.ctest.empty()) tree.ctest = "ctest";
  const std::vector<std::string> configurations = split_cmake_list(cache["CMAKE_CONFIGURATION_TYPES"]);
  if (!configurations.empty())
    if (Result<void> checked = check_configuration(build_directory, configuration, configurations); !checked)
      return tl::unexpected(checked.error());
  return tree;
}

}  // namespace ptests
