#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

/// TMPDIR of every test: a folder a slot below one of the run, private to us, emptied before the next test gets it.
class TempFolders {
 public:
  /// `root` is made with mode 0700 when the first folder is wanted, and removed with all that is in it at the end, unless something
  /// was kept.
  explicit TempFolders(std::string root) : root_(std::move(root)) {}
  TempFolders(const TempFolders&) = delete;
  TempFolders& operator=(const TempFolders&) = delete;
  ~TempFolders() { remove(); }

  /// An empty folder for the test that runs in `slot`.
  Result<std::string> prepare(int slot);
  /// Puts the slot's folder aside under `name`, for people; returns its new path, or nothing when it was empty.
  std::optional<std::string> keep(int slot, const std::string& name);
  /// Processes go on using the slot's folder: the next test gets another one.
  void leave(int slot);
  /// No test uses them any more: they go now, and what is left of them at the end.
  void remove();

 private:
  struct Folder {
    std::string path;
    UniqueFd directory;
    std::uint64_t inode = 0;
    int left = 0;  ///< folders of this slot that are still in use
  };
  Result<void> make(Folder& folder) const;
  static bool is_as_made(const Folder& folder);
  std::string path_for(const std::string& name) const;

  std::string root_;
  bool is_made_ = false;
  bool is_kept_ = false;
  std::vector<Folder> folders_;  ///< by slot
};

/// Where the run's folder goes: $TMPDIR, or /tmp where that is no directory we may write to; then "ptests-<identity>".
std::string temporary_root(const std::string& identity);

}  // namespace ptests
