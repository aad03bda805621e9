#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

/// The fifo of a GNU jobserver: each byte in it is a job that one of its clients may run beside the one that every client may run anyway.
/// A client takes a byte for a job and writes it back at the job's end. Source: GNU make manual, "POSIX Jobserver Interaction".
class JobFifo {
 public:
  /// Makes it, for this user alone; nothing may be at `path`.
  static Result<JobFifo> make(std::string path);
  JobFifo(JobFifo&& other) noexcept
      : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)), device_(other.device_), inode_(other.inode_) {}
  JobFifo& operator=(JobFifo&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  /// Removes it.
  ~JobFifo();

  /// Never blocks. How many went in: all, unless somebody filled it.
  int put(int tokens) const;
  /// Takes out all that are in it; never blocks.
  int take_all() const;
  /// Whether that process could hold tokens: it has the fifo open, and we may look.
  bool is_open_in(pid_t pid) const;
  /// Readable while there are tokens in it.
  int fd() const { return fd_.get(); }

 private:
  JobFifo(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// A folder of mode 0700 for the fifos of a run, with the one that all its tests share. Removed when it goes, unless there is more in it.
class JobFolder {
 public:
  static Result<JobFolder> make(std::string path);
  JobFolder(JobFolder&& other) noexcept : path_(std::exchange(other.path_, {})), pool_(std::move(other.pool_)) {}
  JobFolder& operator=(JobFolder&&) = delete;
  ~JobFolder();

  const std::string& path() const { return path_; }
  const JobFifo& pool() const { return *pool_; }

 private:
  explicit JobFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::optional<JobFifo> pool_;
};

/// Where the fifo lies that all tests share.
std::string pool_path(std::string_view folder);

/// The words of MAKEFLAGS that name a jobserver of so many jobs: "-j4 --jobserver-auth=fifo:PATH".
std::string jobserver_words(int jobs, std::string_view path);
/// The value `flags` of MAKEFLAGS without the jobserver that a make around us named in it, which no child of ours can reach.
std::string without_jobserver(std::string_view flags);
/// The same with `words` in place of that jobserver and of any -j.
std::string with_jobserver(std::string_view flags, std::string_view words);

/// Whether a jobserver of this form helps and harms nobody, by what `make --version` and `ninja --version` print; nothing = not there.
/// make knows it from 4.4 on, and ends with an error before; ninja looks at it from 1.13 on. ninja counts only where there is no make.
bool tools_know_fifo(const std::optional<std::string>& make_version, const std::optional<std::string>& ninja_version);

}  // namespace ptests
