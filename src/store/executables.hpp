#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/unique_fd.hpp"
#include "store/history.hpp"

namespace ptests {

/// What tells that a file is the one it was, without a look into it.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

/// The executables of one run, in the history. Each is looked at once a run, and hashed (XXH3, 64 bits) when its stamp is a new one; in
/// pieces, so that nobody waits long.
class Executables {
 public:
  explicit Executables(History& history);
  ~Executables();

  /// The row of the file `path`, for an attempt of that run; nothing when there is no such file. Needs an open transaction.
  std::optional<std::int64_t> note(const std::string& path, std::int64_t run);
  /// Drops what it remembers of rows that a lost transaction may have made.
  void forget();

  bool has_work() const { return hashing_ != nullptr || !waiting_.empty(); }
  /// Hashes the next piece; at the end of a file, its hash goes into the database. What cannot be read or changed is left without.
  void work();

 private:
  struct Job {
    std::int64_t id = 0;
    std::string path;
    FileStamp stamp;
  };
  class Hashing;

  void begin();

  Database* database_;
  Statement insert_, store_;
  std::unordered_map<std::string, std::optional<std::int64_t>> known_;  ///< by path
  std::deque<Job> waiting_;
  std::unique_ptr<Hashing> hashing_;
};

}  // namespace ptests
