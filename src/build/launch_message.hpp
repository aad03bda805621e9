#pragma once

#include <sys/un.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "core/build_step.hpp"

namespace ptests {

/// What a launcher (`ptests launch`, before a compiler or linker) and the ptests that runs the build tell each other over a unix socket:
///
///   launcher: begin            here is a command, may it start?
///   server:   go               yes, as a member of these cgroups
///         or: stop             no, the build is to end: end as if you were interrupted
///   launcher: end              so it ended
///   server:   done             print what it printed and end as it ended
///         or: go               forget that; once more
///
/// A message is a frame: four bytes of length, little-endian, then JSON: an object whose "message" says which it is. The version stands in
/// the first message of each side; who gets one that he does not know closes the socket, and the command runs as if nobody listened.
constexpr int k_launch_version = 1;

/// The environment variable that names the socket.
constexpr const char* k_launch_socket_variable = "PTESTS_BUILD_SOCKET";

constexpr std::size_t k_most_frame = std::size_t{8} * 1024 * 1024;       ///< bytes of JSON in a frame
constexpr std::size_t k_most_reported_output = std::size_t{256} * 1024;  ///< bytes of StepResult::output in an `end`

struct LaunchBegin {
  std::string target;
  BuildStep::Kind kind = BuildStep::Kind::compile;
  std::string language;
  std::string directory;  ///< where the command runs
  std::vector<std::string> command;
};
struct LaunchGo {
  std::vector<std::string> entrances;  ///< paths of cgroup.procs files
};
struct LaunchEnd {
  StepResult result;
};
struct LaunchDone {};
struct LaunchStop {};
using LaunchMessage = std::variant<LaunchBegin, LaunchGo, LaunchEnd, LaunchDone, LaunchStop>;

/// A whole frame; bytes that are no UTF-8 become U+FFFD. An error when it would be larger than a frame may be.
Result<std::string> encode(const LaunchMessage& message);
/// The JSON of one frame. An error names the member that is not as it should be.
Result<LaunchMessage> decode_launch_message(std::string_view json);

/// Makes frames of bytes that come in pieces.
class FrameReader {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  /// The JSON of the next frame; nothing while it is not complete. An error when it would be larger than a frame may be.
  Result<std::optional<std::string>> next();

 private:
  std::string bytes_;
};

/// Text of which the first and the last bytes are kept.
class OutputEnds {
 public:
  /// Keeps at least `most` bytes, and less than twice as many.
  explicit OutputEnds(std::size_t most) : most_(most) {}
  void add(std::string_view bytes);
  /// At most `most` bytes of it, and never more than are kept; where something is left out, a line says how much.
  std::string text(std::size_t most) const;

 private:
  std::size_t head_size() const { return most_ / 4 + 1; }

  std::size_t most_;
  std::string head_;
  std::string tail_;
  std::size_t dropped_ = 0;  ///< bytes between the two
};

/// How many warnings of compilers and linkers are in what they printed: lines such as "a.cpp:3:5: warning: ...", "/usr/bin/ld: warning:
/// ...", "warning: ...", coloured or not.
int count_warnings(std::string_view output);

/// The command as people and facts speak of it.
BuildStep step_of(const LaunchBegin& begin);

/// Nothing when `path` is too long for a socket (107 bytes, unix(7)).
std::optional<sockaddr_un> socket_address(std::string_view path);

}  // namespace ptests
