#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/outcome.hpp"
#include "core/test.hpp"

namespace ptests {

/// One case of a test executable, as its framework lists it.
struct TestCase {
  std::string name;  ///< for people, unique in its executable: "Suite.Test", "a case", "a case#2" for the second one of that name
  std::string id;    ///< what the framework calls it where it tells of results
  SourceLocation location;
  std::vector<std::string> labels;  ///< the framework's tags and labels
  bool disabled = false;            ///< the framework leaves it out unless it is asked for
  std::string name_in_file;         ///< as `name`, unique among the cases of its file
};

/// What a running executable tells of one of its cases, as far as it tells that.
struct CaseEvent {
  static constexpr std::size_t k_most_message = 8192;

  enum class Kind : std::uint8_t {
    started,
    noted,  ///< it is crashing, and its framework saw that: `message` is about it, and it will not end
    ended,
  };
  Kind kind = Kind::started;
  std::size_t index = 0;                       ///< of the case in the list
  Status status = Status::passed;              ///< of one that ended: passed, failed or skipped
  std::string message;                         ///< what failed, in lines for people, at most k_most_message bytes; "" = nothing to say
  std::optional<Seconds> at;                   ///< on the monotonic clock of the machine
  std::optional<Seconds> duration;             ///< of one that ended
  std::optional<std::uint64_t> output_offset;  ///< bytes in the log when this happened
};

}  // namespace ptests
