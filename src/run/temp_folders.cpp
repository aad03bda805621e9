#include "run/temp_folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/files.hpp"
#include "base/remove_tree.hpp"

namespace ptests {

namespace {

/// $TMPDIR where that can be used, as compilers take it.
fs::path temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  if (directory == nullptr || *directory != '/' || ::access(directory, W_OK | X_OK) != 0) return "/tmp";
  std::error_code error;
  return fs::is_directory(directory, error) ? directory : "/tmp";
}

/// The time of change of a folder that nothing was ever put into: every entry that comes or goes changes it.
constexpr timespec k_untouched{1, 0};

void mark_untouched(int directory) {
  const std::array<timespec, 2> times{k_untouched, k_untouched};
  ::futimens(directory, times.data());
}

/// Two system calls where opendir(3) takes six: this is asked before every test.
bool is_empty(int directory) {
  if (::lseek(directory, 0, SEEK_SET) != 0) return false;
  alignas(8) std::array<char, 256> entries;  // NOLINT(cppcoreguidelines-pro-type-member-init): the kernel fills it
  // Only "." and "..", 24 bytes each.
  return ::syscall(SYS_getdents64, directory, entries.data(), entries.size()) == 48;
}

}  // namespace

Result<void> TempFolders::make(Folder& folder) const {
  remove_tree(folder.path);
  if (::mkdir(folder.path.c_str(), 0700) != 0)
    return fail(describe_errno("making", folder.path, errno), "TMPDIR says where temporary folders go");
  folder.directory = UniqueFd(::open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  mark_untouched(folder.directory.get());
  struct stat info {};
  folder.inode = folder.directory && ::fstat(folder.directory.get(), &info) == 0 ? info.st_ino : 0;
  return {};
}

/// A test may have changed the rights of its folder, moved it away, put something else in its place.
bool TempFolders::is_as_made(const Folder& folder) {
  struct stat info {};
  if (!folder.directory || ::lstat(folder.path.c_str(), &info) != 0) return false;
  if (info.st_ino != folder.inode || !S_ISDIR(info.st_mode) || (info.st_mode & 0777) != 0700) return false;
  if (info.st_mtim.tv_sec == k_untouched.tv_sec && info.st_mtim.tv_nsec == k_untouched.tv_nsec) return true;
  if (!is_empty(folder.directory.get())) return false;
  mark_untouched(folder.directory.get());
  return true;
}

Result<std::string> TempFolders::prepare(int slot) {
  if (!is_made_ && ::mkdir(root_.c_str(), 0700) != 0)
    return fail(describe_errno("making", root_, errno), "TMPDIR says where temporary folders go");
  is_made_ = true;
  const auto index = static_cast<std::size_t>(slot);
  if (folders_.size() <= index) folders_.resize(index + 1);
  Folder& folder = folders_[index];
  if (folder.path.empty()) folder.path = fmt::format("{}/{}", root_, slot);
  if (!is_as_made(folder))
    if (Result<void> made = make(folder); !made) return tl::unexpected(made.error());
  return folder.path;
}

/// Slots have numbers for names, and two tests may have one name.
std::string TempFolders::path_for(const std::string& name) const {
  const bool is_number = name.find_first_not_of("0123456789.") == std::string::npos;
  std::error_code error;
  for (int copy = is_number ? 1 : 0;; ++copy) {
    std::string path = fmt::format("{}/{}{}", root_, name, copy == 0 ? "" : fmt::format("~{}", copy));
    if (!fs::exists(fs::symlink_status(path, error))) return path;
  }
}

std::optional<std::string> TempFolders::keep(int slot, const std::string& name) {
  Folder& folder = folders_[static_cast<std::size_t>(slot)];
  if (!folder.directory || is_empty(folder.directory.get())) return std::nullopt;
  const std::string path = path_for(name);
  if (::rename(folder.path.c_str(), path.c_str()) != 0) return std::nullopt;
  folder.directory.reset();
  is_kept_ = true;
  return path;
}

void TempFolders::leave(int slot) {
  Folder& folder = folders_[static_cast<std::size_t>(slot)];
  folder.directory.reset();
  folder.path = fmt::format("{}/{}.{}", root_, slot, ++folder.left);
}

void TempFolders::remove() {
  if (!is_made_) return;
  if (is_kept_) {
    for (const Folder& folder : folders_) remove_tree(folder.path);
    return;
  }
  remove_tree(root_);
  // What a test has left running may put something in meanwhile.
  std::error_code error;
  is_made_ = fs::exists(fs::symlink_status(root_, error));
}

std::string temporary_root(const std::string& identity) { return (temporary_directory() / fmt::format("ptests-{}", identity)).string(); }

}  // namespace ptests
