#include "base/remove_tree.hpp"

#include <sys/stat.h>

#include <vector>

namespace ptests {

namespace {

/// Gives the owner all rights on every folder below `path`, parents first.
void open_up(const fs::path& path) {
  std::vector<fs::path> folders{path};
  std::error_code error;
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    if (!fs::is_directory(fs::symlink_status(folder, error))) continue;
    ::chmod(folder.c_str(), 0700);
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
      if (entry.is_directory(error) && !entry.is_symlink(error)) folders.push_back(entry.path());
  }
}

}  // namespace

bool remove_tree(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t removed = fs::remove_all(path, error);
  if (!error) return removed > 0;
  open_up(path);
  fs::remove_all(path, error);
  return !error;
}

}  // namespace ptests
