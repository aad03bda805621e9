#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "base/blocked_signals.hpp"
#include "base/utf8.hpp"

namespace ptests {

std::string describe_errno(std::string_view doing, const fs::path& path, int code) {
  return fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(code));
}

namespace {

tl::unexpected<Error> fail_errno(std::string_view doing, const fs::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "free some disk space or move the build directory to another disk";
  return fail(describe_errno(doing, path, code), std::move(hint));
}

Result<UniqueFd> open_for_reading(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno("reading", path, errno);
  return fd;
}

/// Up to `size` bytes at `offset`, fewer at the end of the file.
Result<std::string> read_at(int fd, const fs::path& path, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::pread(fd, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("reading", path, errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

Result<std::uint64_t> size_of(int fd, const fs::path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return fail_errno("reading", path, errno);
  if (S_ISDIR(info.st_mode)) return fail_errno("reading", path, EISDIR);
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  const Result<UniqueFd> fd = open_for_reading(path);
  if (!fd) return tl::unexpected(fd.error());
  const Result<std::uint64_t> size = size_of(fd->get(), path);
  if (!size) return tl::unexpected(size.error());
  return read_at(fd->get(), path, 0, *size);
}

Result<void> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail_errno("creating", path, error.value());
  return {};
}

Result<std::string> read_ends(const fs::path& path, std::size_t most) {
  const Result<UniqueFd> fd = open_for_reading(path);
  if (!fd) return tl::unexpected(fd.error());
  const Result<std::uint64_t> size = size_of(fd->get(), path);
  if (!size) return tl::unexpected(size.error());
  if (*size <= most) return read_at(fd->get(), path, 0, *size);

  const std::size_t head_size = most / 4;
  const std::size_t tail_size = most - head_size;
  Result<std::string> head = read_at(fd->get(), path, 0, head_size + 1);
  if (!head) return head;
  Result<std::string> tail = read_at(fd->get(), path, *size - tail_size, tail_size);
  if (!tail) return tail;
  // One byte more was read, to see whether the cut breaks a character.
  const std::string_view first = utf8_prefix(*head, head_size);
  const std::string_view last = utf8_suffix(*tail);
  return fmt::format("{}\n[... {} bytes are left out here; all of them are in {} ...]\n{}", first, *size - first.size() - last.size(),
                     path.string(), last);
}

std::uint64_t file_size_or_zero(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

std::string file_stamp(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return fmt::format("{} {}.{:06}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec / 1000);
}

std::uint64_t file_size(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

void close_aside(UniqueFd fd) {
  // Signals are the main thread's.
  const BlockedSignals blocked;
  try {
    std::thread([number = fd.get()] { ::close(number); }).detach();
    static_cast<void>(fd.release());
  } catch (const std::system_error&) {
    fd.reset();
  }
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  const Result<UniqueFd> fd = open_for_reading(path);
  if (!fd) return tl::unexpected(fd.error());
  const Result<std::uint64_t> size = size_of(fd->get(), path);
  if (!size) return tl::unexpected(size.error());
  if (*size == 0) return MappedFile(nullptr, 0);
  void* data = ::mmap(nullptr, *size, PROT_READ, MAP_PRIVATE, fd->get(), 0);
  if (data == MAP_FAILED) return fail_errno("reading", path, errno);
  return MappedFile(static_cast<const char*>(data), *size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

AtomicFile::AtomicFile(fs::path path, fs::path temporary, UniqueFd fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::move(other.fd_)),
      buffer_(std::move(other.buffer_)),
      failed_(other.failed_) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  std::swap(failed_, other.failed_);
  other.drop();
  return *this;
}

AtomicFile::~AtomicFile() { drop(); }

void AtomicFile::drop() {
  if (fd_ && !temporary_.empty()) ::unlink(temporary_.c_str());
  fd_.reset();
}

Result<AtomicFile> AtomicFile::create(const fs::path& path) {
  if (path.has_parent_path())
    if (Result<void> made = make_directories(path.parent_path()); !made) return tl::unexpected(made.error());
  // A device or a pipe is written to, never replaced.
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
    UniqueFd device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!device) return fail_errno("writing", path, errno);
    return AtomicFile(path, {}, std::move(device));
  }
  fs::path temporary = path;
  temporary += fmt::format(".{}.tmp", ::getpid());
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return fail_errno("writing", temporary, errno);
  return AtomicFile(path, std::move(temporary), std::move(fd));
}

void AtomicFile::write(std::string_view bytes) {
  constexpr std::size_t k_buffer = std::size_t{64} * 1024;
  if (bytes.size() >= k_buffer) {
    flush();
    if (failed_ == 0) failed_ = write_all(fd_.get(), bytes);
    return;
  }
  buffer_ += bytes;
  if (buffer_.size() >= k_buffer) flush();
}

void AtomicFile::flush() {
  if (failed_ == 0) failed_ = write_all(fd_.get(), buffer_);
  buffer_.clear();
}

Result<void> AtomicFile::commit() {
  flush();
  const int code = failed_;
  fd_.reset();
  if (code == 0 && (temporary_.empty() || ::rename(temporary_.c_str(), path_.c_str()) == 0)) return {};
  const int reason = code != 0 ? code : errno;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  return fail_errno("writing", path_, reason);
}

Result<void> write_file_atomically(const fs::path& path, std::string_view bytes) {
  Result<AtomicFile> file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  file->write(bytes);
  return file->commit();
}

}  // namespace ptests
