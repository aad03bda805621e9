#include <fmt/format.h>

#include <algorithm>

#include "base/aside.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "suite/build_tree.hpp"
#include "suite/ctest_import.hpp"

namespace ptests::cli {

namespace {

fs::path manifest_folder(const std::string& build_directory) { return manifest_path(build_directory, "").parent_path(); }

fs::file_time_type time_of_change(const fs::path& path) {
  std::error_code error;
  const fs::file_time_type time = fs::last_write_time(path, error);
  return error ? fs::file_time_type::min() : time;
}

/// Which manifest to read; nothing when the build directory has none.
Result<std::optional<fs::path>> choose_manifest(const fs::path& build, const std::string& wanted, const std::vector<std::string>& there) {
  if (there.empty()) return std::optional<fs::path>();
  const bool found = std::find(there.begin(), there.end(), wanted) != there.end();
  if (found) return std::optional(manifest_path(build, wanted));
  if (there.size() == 1 && wanted.empty()) return std::optional(manifest_path(build, there.front()));
  if (there.size() == 1 && there.front().empty())
    return fail(fmt::format("{} has no configuration \"{}\"", build.string(), wanted), "it has a single one without a name: leave -C out");
  return tl::unexpected(check_configuration(build.string(), wanted, there).error());
}

}  // namespace

Manifests list_manifests(const std::string& build_directory) {
  const fs::path folder = manifest_folder(build_directory);
  Manifests manifests{{}, time_of_change(folder), fs::file_time_type::min()};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool has_name = name.starts_with("manifest-") && name.ends_with(".json");
    if (name != "manifest.json" && !has_name) continue;
    manifests.configurations.push_back(has_name ? name.substr(9, name.size() - 14) : "");
    manifests.written = std::max(manifests.written, time_of_change(entry.path()));
  }
  std::sort(manifests.configurations.begin(), manifests.configurations.end());
  return manifests;
}

Manifests update(Manifests known, const std::string& build_directory) {
  const bool changed = time_of_change(manifest_folder(build_directory)) != known.folder_changed;
  return changed ? list_manifests(build_directory) : std::move(known);
}

std::string absolute_build_directory(const std::string& directory) {
  std::error_code error;
  std::string absolute = fs::absolute(directory.empty() ? "." : directory, error).lexically_normal().string();
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute.ends_with("/.") ? absolute.substr(0, absolute.size() - 2) : absolute;
}

std::future<Result<Manifest>> read_ahead(const Options& options, const Manifests& manifests) {
  const Result<std::optional<fs::path>> path = choose_manifest(options.build_directory, options.configuration, manifests.configurations);
  if (!path || !*path) return {};
  return std::async(k_aside, read_manifest, **path);
}

Result<Suite> load_suite(const Options& options, const Manifests& manifests, std::future<Result<Manifest>> ahead) {
  std::error_code error;
  const std::string& build_directory = options.build_directory;
  const fs::file_status status = fs::status(build_directory, error);
  if (!fs::is_directory(status)) {
    const std::string_view fault = fs::exists(status) ? "this is a file, not a directory" : "there is no such directory";
    return fail(fmt::format("{}: {}", build_directory, fault), "name the build directory with -B");
  }

  const Result<std::optional<fs::path>> path = choose_manifest(build_directory, options.configuration, manifests.configurations);
  if (!path) return tl::unexpected(path.error());
  if (!*path) {
    const Result<BuildTree> tree = read_cmake_cache(build_directory, options.configuration);
    if (!tree) return tl::unexpected(tree.error());
    return import_ctest(*tree);
  }
  Result<Manifest> manifest = ahead.valid() ? ahead.get() : read_manifest(**path);
  if (!manifest) return tl::unexpected(manifest.error());
  if (!manifest->other_tests) return std::move(manifest->suite);
  Result<Suite> imported = import_ctest(manifest->suite.tree);
  if (!imported) return tl::unexpected(imported.error());
  return merge_imported(std::move(manifest->suite), std::move(*imported));
}

}  // namespace ptests::cli
