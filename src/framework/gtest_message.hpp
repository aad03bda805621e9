#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ptests {

/// Collects what GoogleTest prints of failed and skipping statements: "file.cpp:12: Failure" and the lines behind it.
class GtestMessage {
 public:
  /// A line of the output. `file` is the case's own, "" = not known.
  void take_line(std::string_view line, std::string_view file);
  /// The end of a very long line, of which take_line() had the head.
  void take_end_of_line(std::string_view end, std::string_view file);
  /// No line behind this point belongs to a statement before it.
  void close();
  /// "file.cpp:12: Value of: false" and so on, at most CaseEvent::k_most_message bytes.
  const std::string& failures() const { return failures_; }
  const std::string& skips() const { return skips_; }

 private:
  enum class Kind : std::uint8_t { none, failure, skip };

  static Kind starts(std::string_view line);
  static std::string location_in(std::string_view line, std::string_view file);
  void add(std::string_view line);

  Kind kind_ = Kind::none;  ///< of the statement whose lines come
  int lines_ = 0;
  std::string location_;  ///< to stand before the first of them
  std::string failures_;
  std::string skips_;
};

}  // namespace ptests
