#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/launch.hpp"
#include "process/mark.hpp"

namespace ptests {

/// What /proc/PID/stat and /proc/PID/io tell of one process. Source: proc(5).
struct ProcessStat {
  pid_t pid = 0;
  char state = '?';  ///< R S D T t Z X
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  double cpu_seconds = 0;  ///< of itself and of the children it waited for
  int threads = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot: with the pid it names a process for ever
  std::uint64_t rss_bytes = 0;
  /// A process whose first thread has ended shows Z while its other threads run on.
  bool is_dead() const { return state == 'X' || (state == 'Z' && threads <= 1); }
};

/// The process file system at `root` (tests give a folder of their own). Every function takes a process that has gone as no answer.
class Proc {
 public:
  explicit Proc(std::string root = "/proc") : root_(std::move(root)) {}

  std::optional<ProcessStat> stat(pid_t pid) const;
  /// Its direct children, of all its threads; adopted ones too. Falls back to looking at every process where the kernel has no
  /// /proc/PID/task/TID/children.
  std::vector<pid_t> children(pid_t pid) const;
  /// `root` and everything below it, parents before children, dead ones too; at most 100,000.
  std::vector<ProcessStat> tree(pid_t root) const;
  /// All processes there are.
  std::vector<pid_t> all() const;
  /// The mark it carries.
  std::optional<Mark> mark(pid_t pid) const;
  /// For people: the command line quoted as for a shell, " ..." after its first 4096 bytes; "[name]" when it has none.
  ProcessInfo info(pid_t pid) const;
  /// Open file descriptors; 0 when we may not look.
  int open_files(pid_t pid) const;
  /// Bytes from and to storage (read_bytes, write_bytes of /proc/PID/io), of itself and of the children it waited for.
  struct Io {
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
  };
  std::optional<Io> io(pid_t pid) const;
  /// The most memory it had at one time so far (VmHWM of /proc/PID/status); 0 when it has ended, which gives all of it back.
  std::uint64_t peak_rss_bytes(pid_t pid) const;
  /// How its first thread got on with the scheduler; also of one that has ended and was not waited for.
  struct Scheduling {
    std::chrono::nanoseconds ran{};
    std::chrono::nanoseconds waited{};  ///< for a processor, while it could run
  };
  std::optional<Scheduling> scheduling(pid_t pid) const;

 private:
  std::string root_;
};

/// All of a file whose size is not known before, as those of /proc and /sys are; nothing when it cannot be read or has more than 16 MiB.
std::optional<std::string> read_kernel_file(const std::string& path);
/// The number in the line of `text` that starts with `key`: "MemTotal:", "inactive_file ". A unit behind it is left to the caller.
std::optional<std::uint64_t> kernel_value(std::string_view text, std::string_view key);

/// "<pid>.<start time>" of this process: names what we make, so that a later run can tell whether its maker still lives.
std::string own_identity();
/// False only when the maker has certainly gone (or the text is no identity).
bool identity_is_alive(const std::string& identity);

}  // namespace ptests
