#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/test_case.hpp"

namespace ptests {

/// Collects what stands behind one test point of TAP: the lines of its YAML block and its comments.
class TapWords {
 public:
  static constexpr std::size_t k_most_reason = 200;  ///< bytes

  void add_comment(std::string_view text);
  void begin_yaml() { has_yaml_ = true; }
  /// A line of the block, without the indentation of the block.
  void add_yaml(std::string_view line);

  bool has_yaml() const { return has_yaml_; }
  /// All lines, at most CaseEvent::k_most_message bytes.
  const std::string& message() const { return message_; }
  /// One line: what the keys `message` or `error` say, else the comments, else the block.
  std::string reason() const;
  /// The key `duration_ms`, as node:test and others write it.
  std::optional<Seconds> duration() const { return duration_; }

 private:
  void add(std::string_view line);

  std::string message_;
  std::string comments_;  ///< in one line, as yaml_
  std::string yaml_;
  std::string said_;  ///< by a key of the block
  bool is_said_next_ = false;
  bool has_yaml_ = false;
  std::optional<Seconds> duration_;
};

/// `text` with \xNN for control characters and what is no UTF-8: what would be shown in other ways elsewhere is no name.
std::string printable_text(std::string_view text);

/// "2 of 5 test points failed: a, b": up to three of `failed`, and how many more.
std::string describe_failed_points(const std::vector<std::string>& failed, std::size_t points);

}  // namespace ptests
