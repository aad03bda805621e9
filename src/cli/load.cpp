#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "suite/ctest_import.hpp"
#include "suite/manifest.hpp"

namespace ptests::cli {

namespace {

/// The configurations that have a manifest in `directory`; "" for the one without a name.
std::vector<std::string> manifest_configurations(const fs::path& directory) {
  std::vector<std::string> configurations;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "manifest.json") configurations.emplace_back();
    if (name.starts_with("manifest-") && name.ends_with(".json")) configurations.push_back(name.substr(9, name.size() - 14));
  }
  std::sort(configurations.begin(), configurations.end());
  return configurations;
}

/// Which manifest to read; nothing when the build directory has none.
Result<std::optional<fs::path>> choose_manifest(const fs::path& build, const std::string& wanted) {
  const std::vector<std::string> there = manifest_configurations(build / "paralleltests");
  if (there.empty()) return std::optional<fs::path>();
  const bool found = std::find(there.begin(), there.end(), wanted) != there.end();
  if (found) return std::optional(manifest_path(build, wanted));
  if (there.size() == 1 && wanted.empty()) return std::optional(manifest_path(build, there.front()));
  if (there.size() == 1 && there.front().empty())
    return fail(fmt::format("{} has no configuration \"{}\"", build.string(), wanted), "it has a single one without a name: leave -C out");
  return tl::unexpected(check_configuration(build.string(), wanted, there).error());
}

}  // namespace

bool has_manifest(const std::string& build_directory) {
  return !manifest_configurations(fs::path(build_directory) / "paralleltests").empty();
}

std::string absolute_build_directory(const std::string& directory) {
  std::error_code error;
  std::string absolute = fs::absolute(directory.empty() ? "." : directory, error).lexically_normal().string();
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute.ends_with("/.") ? absolute.substr(0, absolute.size() - 2) : absolute;
}

Result<Suite> load_suite(const Options& options) {
  std::error_code error;
  const std::string& build_directory = options.build_directory;
  if (!fs::is_directory(build_directory, error))
    return fail(fmt::format("{}: there is no such directory", build_directory), "name the build directory with -B");

  const Result<std::optional<fs::path>> path = choose_manifest(build_directory, options.configuration);
  if (!path) return tl::unexpected(path.error());
  if (!*path) {
    const Result<BuildTree> tree = read_cmake_cache(build_directory, options.configuration);
    if (!tree) return tl::unexpected(tree.error());
    return import_ctest(*tree);
  }
  Result<Manifest> manifest = read_manifest(**path);
  if (!manifest) return tl::unexpected(manifest.error());
  if (!manifest->other_tests) return std::move(manifest->suite);
  Result<Suite> imported = import_ctest(manifest->suite.tree);
  if (!imported) return tl::unexpected(imported.error());
  return merge_imported(std::move(manifest->suite), std::move(*imported));
}

}  // namespace ptests::cli
