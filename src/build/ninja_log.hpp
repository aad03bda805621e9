#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace ptests {

/// One output of a command that ended well.
struct NinjaLogEntry {
  std::chrono::milliseconds start{};  ///< since that build began
  std::chrono::milliseconds end{};
  std::string output;  ///< as build.ninja names it: relative to the build directory when it is in there
  std::string command_hash;
};

/// Whether `line` begins a log whose entries we can read: "# ninja log v5".
bool is_ninja_log_header(std::string_view line);
/// `start_ms end_ms mtime output hash`, with tabs between them. Source: BuildLog::WriteEntry in ninja's src/build_log.cc.
std::optional<NinjaLogEntry> parse_ninja_log_line(std::string_view line);

/// The end of a .ninja_log. ninja appends a line for each output when its command, POST_BUILD included, has ended well, and flushes it. It
/// writes the whole file anew when it grew too long, and so does CMake (`ninja -t restat`, `-t recompact`) after it wrote build.ninja.
class NinjaLogTail {
 public:
  explicit NinjaLogTail(fs::path path) : path_(std::move(path)) {}

  /// What stands in the log now is old.
  void remember();
  /// What came since the last call, or since remember(). A line without its end waits for the next call.
  std::vector<NinjaLogEntry> read_new();

 private:
  enum class Place { gone, same, another };
  Place open();
  std::string read_lines();

  fs::path path_;
  UniqueFd file_;  ///< kept open, so that a new file cannot have its inode number
  off_t offset_ = 0;
  bool is_readable_ = false;      ///< its header is one we know
  bool may_hold_copies_ = false;  ///< it took the place of the one we knew
  std::unordered_set<std::size_t> known_;
};

}  // namespace ptests
