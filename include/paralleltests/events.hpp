#pragma once

// What a test executable tells ptests about its cases while it runs them. C++11 and POSIX, no other dependency.
//
// ptests names a file in the environment variable PTESTS_CASE_EVENTS, and the executable appends one line for each thing that happens.
// A file and not a pipe: nobody has to read while the test runs, and what was written survives a crash. This is version 1 of the form:
//
//   ptests 1 <framework> <its version>                      once, before anything else
//   start <ns> <offset> <line> <file> <name>                a case begins
//   note <ns> <offset> <name> <message>                     the framework caught a deadly signal in the case; no `end` will follow
//   end <ns> <offset> passed|failed|skipped <name> <message>
//
// Exactly one space stands between fields, "\n" ends a line, and no line is longer than 65,536 bytes.
//   <ns>      CLOCK_MONOTONIC, nanoseconds
//   <offset>  bytes that the log has, all buffers flushed; `-` when stdout is no regular file, or no longer the one it was at the start
//   <name>    of the case, as the framework's own listing has it
//   <message> what failed, in lines for people; at most 8,192 bytes before it is encoded
// <file>, <name>, <message> and <its version> are encoded: a byte up to 0x20, 0x7f and `%` is `%` and two upper-case hex digits; an empty
// text is a lone `%`. A case that is entered several times (subcases, sections) begins once and ends once. A reader skips lines that begin
// with a word it does not know.
//
// Only the process that opened the file writes: a fork of it sees another process id, and what it executes finds the file locked.

#include <fcntl.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

namespace paralleltests {

/// How a case ended.
enum class Status { passed, failed, skipped };

namespace detail {

enum : std::size_t { k_most_message = 8192, k_longest_line = 65536 };

/// How much of `text` fits into `most` bytes without breaking a UTF-8 character.
inline std::size_t prefix_size(const char* text, std::size_t size, std::size_t most) {
  if (size <= most) return size;
  std::size_t end = most;
  while (end > 0 && most - end < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80 ? most : end;
}

/// A lock that a signal handler can try, which it cannot do with a std::mutex of its own thread.
class SpinLock {
 public:
  bool try_lock() { return !held_.test_and_set(std::memory_order_acquire); }
  void lock() {
    while (!try_lock()) ::usleep(50);
  }
  void unlock() { held_.clear(std::memory_order_release); }

 private:
  std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

/// One line in the making. Takes no memory from the heap: a crashing process may have none.
class Line {
 public:
  void begin(const char* word) {
    size_ = 0;
    fits_ = true;
    put(word, std::strlen(word));
  }
  void word(const char* word) {
    put(" ", 1);
    put(word, std::strlen(word));
  }
  void number(uint64_t value) {
    char digits[24];
    const int size = std::snprintf(digits, sizeof digits, " %llu", static_cast<unsigned long long>(value));
    put(digits, static_cast<std::size_t>(size));
  }
  void text(const char* bytes, std::size_t size) {
    static const char k_digits[] = "0123456789ABCDEF";
    put(" ", 1);
    if (size == 0) put("%", 1);
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned char byte = static_cast<unsigned char>(bytes[i]);
      const char escaped[3] = {'%', k_digits[byte >> 4], k_digits[byte & 15]};
      if (byte <= 0x20 || byte == 0x7f || byte == '%')
        put(escaped, 3);
      else
        put(bytes + i, 1);
    }
  }
  /// False when it got too long. What was put since `mark` can be taken back.
  bool end() {
    put("\n", 1);
    return fits_;
  }
  std::size_t mark() const { return size_; }
  void back_to(std::size_t mark) {
    size_ = mark;
    fits_ = true;
  }
  bool fits() const { return fits_ && size_ < k_longest_line; }
  const char* data() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  void put(const char* bytes, std::size_t size) {
    if (size > k_longest_line - size_) fits_ = false;
    if (!fits_) return;
    std::memcpy(bytes_ + size_, bytes, size);
    size_ += size;
  }

  std::size_t size_ = 0;
  bool fits_ = true;
  char bytes_[k_longest_line];
};

/// Which file a descriptor is.
struct FileId {
  dev_t device;
  ino_t number;
  bool operator==(const FileId& other) const { return device == other.device && number == other.number; }
};

inline FileId id_of(const struct stat& status) { return FileId{status.st_dev, status.st_ino}; }

inline uint64_t now() {
  struct timespec time;
  if (::clock_gettime(CLOCK_MONOTONIC, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1000000000U + static_cast<uint64_t>(time.tv_nsec);
}

/// Not std::cout.flush(): that could throw, and mark the test's own stream as bad.
inline void flush_streams() {
  std::ostream* const streams[] = {&std::cout, &std::cerr, &std::clog};
  for (std::ostream* stream : streams)
    if (stream->rdbuf() != nullptr) stream->rdbuf()->pubsync();
  std::fflush(stdout);
  std::fflush(stderr);
}

/// In a signal handler: another thread may hold a stream and never give it back.
inline void flush_free_streams() {
  if (::ftrylockfile(stdout) != 0) return;
  if (::ftrylockfile(stderr) == 0) {
    flush_streams();
    ::funlockfile(stderr);
  }
  ::funlockfile(stdout);
}

}  // namespace detail

/// What failed in the running case, from any thread. No heap: a signal handler reads it.
class Failures {
 public:
  void clear() {
    lock_.lock();
    size_ = 0;
    full_ = false;
    lock_.unlock();
  }
  /// Whether more would be cut off anyway: then do not even word it.
  bool full() {
    lock_.lock();
    const bool is_full = full_;
    lock_.unlock();
    return is_full;
  }
  void add(const std::string& lines) {
    lock_.lock();
    if (size_ > 0) put("\n", 1);
    put(lines.data(), lines.size());
    lock_.unlock();
  }
  std::string text() {
    lock_.lock();
    const std::string copy(bytes_, size_);
    lock_.unlock();
    return copy;
  }
  /// For signal handlers: copies what fits, nothing when somebody is writing. How much it was.
  std::size_t try_copy(char* to, std::size_t most) {
    if (!lock_.try_lock()) return 0;
    const std::size_t size = detail::prefix_size(bytes_, size_, most);
    std::memcpy(to, bytes_, size);
    lock_.unlock();
    return size;
  }

 private:
  void put(const char* text, std::size_t size) {
    if (full_) return;
    const std::size_t fitting = detail::prefix_size(text, size, detail::k_most_message - size_);
    std::memcpy(bytes_ + size_, text, fitting);
    size_ += fitting;
    full_ = fitting < size || size_ == detail::k_most_message;
  }

  std::size_t size_ = 0;
  bool full_ = false;
  char bytes_[detail::k_most_message];
  detail::SpinLock lock_;
};

/// Writes the events of this process. Does nothing when nobody asked for them.
class Events {
 public:
  /// The one of this process; `framework` is the first to ask for it.
  static Events& of(const char* framework, const char* version) {
    static Events events(framework, version);
    return events;
  }

  /// Whether anybody wants to know, which is settled once: as good as free to ask.
  bool on() const { return descriptor_ >= 0; }
  /// Whether this is the process that tells, and no fork of it. To be asked before every call of those below.
  bool mine() const { return on() && ::getpid() == owner_; }

  void start(const char* file, unsigned long line_number, const std::string& name) {
    detail::flush_streams();
    lock_.lock();
    line_.begin("start");
    line_.number(detail::now());
    put_offset(line_);
    line_.number(line_number);
    put_optional(line_, file, std::strlen(file), name.size());
    line_.text(name.data(), name.size());
    send(line_);
    lock_.unlock();
  }

  void end(Status status, const std::string& name, const std::string& message) {
    const uint64_t time = detail::now();
    detail::flush_streams();
    lock_.lock();
    line_.begin("end");
    line_.number(time);
    put_offset(line_);
    line_.word(status == Status::passed ? "passed" : status == Status::failed ? "failed" : "skipped");
    line_.text(name.data(), name.size());
    put_optional(line_, message.data(), detail::prefix_size(message.data(), message.size(), detail::k_most_message), 0);
    send(line_);
    lock_.unlock();
  }

  /// For signal handlers: takes no memory and waits for nobody. The first one counts.
  void note(const std::string& name, const char* crash, Failures& failures) {
    if (!note_lock_.try_lock()) return;
    const int error = errno;
    detail::flush_free_streams();
    std::size_t size = detail::prefix_size(crash, std::strlen(crash), detail::k_most_message - 1);
    std::memcpy(note_text_, crash, size);
    note_text_[size] = '\n';
    const std::size_t failed = failures.try_copy(note_text_ + size + 1, detail::k_most_message - size - 1);
    if (failed > 0) size += 1 + failed;
    note_line_.begin("note");
    note_line_.number(detail::now());
    put_offset(note_line_);
    note_line_.text(name.data(), name.size());
    put_optional(note_line_, note_text_, size, 0);
    send(note_line_);
    errno = error;
  }

 private:
  Events(const char* framework, const char* version) : owner_(::getpid()) {
    const char* const path = std::getenv("PTESTS_CASE_EVENTS");
    if (path == nullptr || *path == '\0') return;
    path_ = path;
    if (!open()) return;
    struct stat status;
    is_log_ = ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
    if (is_log_) log_ = detail::id_of(status);
    is_appended_ = is_log_ && (::fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND) != 0;
    line_.begin("ptests 1");
    line_.word(framework);
    line_.text(version, std::strlen(version));
    send(line_);
  }

  /// False when the file cannot be had, or another process has it.
  bool open() {
    const int first = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (first < 0) return false;
    // Not where a test expects its own next descriptor, and never in place of a closed stdin, stdout or stderr.
    int high = ::fcntl(first, F_DUPFD_CLOEXEC, 200);
    if (high < 0) high = ::fcntl(first, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ::close(first);
    if (high < 0) return false;
    struct stat status;
    const bool is_taken = ::flock(high, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (is_taken || ::fstat(high, &status) != 0) {
      ::close(high);
      return false;
    }
    file_ = detail::id_of(status);
    descriptor_ = high;
    return true;
  }

  /// Tests close descriptors that are not theirs, and open others of that number.
  bool descriptor_is_ours() const {
    struct stat status;
    return ::fstat(descriptor_, &status) == 0 && detail::id_of(status) == file_;
  }

  void put_offset(detail::Line& line) const {
    struct stat status;
    if (!is_log_ || ::fstat(STDOUT_FILENO, &status) != 0 || !(detail::id_of(status) == log_)) return line.word("-");
    // One that is appended to has no position before the first byte is written, and other descriptors of it move only their own.
    const off_t offset = is_appended_ ? status.st_size : ::lseek(STDOUT_FILENO, 0, SEEK_CUR);
    if (offset < 0) return line.word("-");
    line.number(static_cast<uint64_t>(offset));
  }

  /// A text that is left out where it, and `reserve` bytes to come, would make the line too long.
  static void put_optional(detail::Line& line, const char* text, std::size_t size, std::size_t reserve) {
    const std::size_t mark = line.mark();
    line.text(text, size);
    if (line.fits() && line.size() + 3 * reserve < detail::k_longest_line) return;
    line.back_to(mark);
    line.text("", 0);
  }

  void send(detail::Line& line) {
    if (!line.end()) return;
    if (!descriptor_is_ours() && !open()) return;
    // What a full disk left of a line must not become the head of this one: `%%` is no text.
    if (torn_ && !write_all("%%\n", 3)) return;
    torn_ = !write_all(line.data(), line.size());
  }

  bool write_all(const char* bytes, std::size_t size) const {
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, bytes, size);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes += written;
      size -= static_cast<std::size_t>(written);
    }
    return true;
  }

  const pid_t owner_;
  std::atomic<int> descriptor_{-1};
  bool is_log_ = false;
  bool is_appended_ = false;
  bool torn_ = false;
  std::string path_;
  detail::FileId file_{};
  detail::FileId log_{};
  detail::SpinLock lock_;
  detail::SpinLock note_lock_;
  detail::Line line_;
  detail::Line note_line_;
  char note_text_[detail::k_most_message];
};

/// "file:line: text".
inline std::string at(const char* file, unsigned long line, const std::string& text) {
  char number[24];
  std::snprintf(number, sizeof number, ":%lu: ", line);
  return (file != nullptr ? file : "") + std::string(number) + text;
}

}  // namespace paralleltests
