#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

namespace fs = std::filesystem;

/// "reading /x/y: No such file or directory" for the errno value `code`.
std::string describe_errno(std::string_view doing, const fs::path& path, int code);

Result<std::string> read_file(const fs::path& path);
Result<void> make_directories(const fs::path& path);

/// The first and the last bytes of a file, together at most `most` of them; between them, when anything was cut, a line
/// that says how many bytes and where the whole is.
Result<std::string> read_ends(const fs::path& path, std::size_t most);

/// Size in bytes; 0 for a file that is not there.
std::uint64_t file_size_or_zero(const fs::path& path);
std::uint64_t file_size(int fd);

/// Closes it in a thread, where one can be had: the last close of a large file that has no name any more frees its blocks, which takes
/// milliseconds.
void close_aside(UniqueFd fd);

/// What tells that a file is the one it was: its size and when it was changed, as "15840 1795304824.252998"; "" when it is not there.
/// The same as CMake's file(SIZE) and file(TIMESTAMP "%s.%f" UTC), which cuts nanoseconds off.
std::string file_stamp(const fs::path& path);

/// A file read through the page cache, so that a test's gigabyte of output never enters our heap.
class MappedFile {
 public:
  static Result<MappedFile> open(const fs::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::string_view text() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_;
  std::size_t size_;
};

/// A file that appears under its name only when it is whole: written beside it, then renamed by commit().
/// Dropped without commit(), nothing remains. Errors of single writes are kept and told by commit().
class AtomicFile {
 public:
  static Result<AtomicFile> create(const fs::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  void write(std::string_view bytes);
  Result<void> commit();

 private:
  AtomicFile(fs::path path, fs::path temporary, UniqueFd fd);
  void flush();
  void drop();

  fs::path path_;
  fs::path temporary_;  ///< "" when path_ is a device or a pipe
  UniqueFd fd_;
  std::string buffer_;
  int failed_ = 0;
};

Result<void> write_file_atomically(const fs::path& path, std::string_view bytes);

/// All of `bytes` into `fd`; the errno value of the failure, or 0.
int write_all(int fd, std::string_view bytes);

}  // namespace ptests
