#pragma once

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

namespace ptests {

/// Calls `see(name)` for each name in `directory`, "." and ".." too, until it returns true. False when not all could be read. For large
/// folders and those of /proc: fs::directory_iterator makes a path of every name, which takes ten times as long.
template <class See>
bool see_names(const std::string& directory, See see) {
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  const std::unique_ptr<DIR, Close> open(::opendir(directory.c_str()));
  if (open == nullptr) return false;
  errno = 0;
  while (const dirent* entry = ::readdir(open.get())) {
    if (see(std::string_view(entry->d_name))) return true;
    errno = 0;
  }
  return errno == 0;
}

}  // namespace ptests
