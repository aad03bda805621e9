#include "framework/gtest_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "core/test_case.hpp"

namespace ptests {
namespace {

constexpr std::string_view k_failure = ": Failure";
constexpr std::string_view k_skipped = ": Skipped";
constexpr std::string_view k_no_file = "unknown file";

}  // namespace

void GtestMessage::take_line(std::string_view line, std::string_view file) {
  const Kind kind = starts(line);
  if (kind != Kind::none) {
    close();
    kind_ = kind;
    lines_ = 0;
    location_ = location_in(line, file);
    return;
  }
  // The end is not marked before release 1.13, where it is an empty line.
  constexpr int k_most_lines = 60;
  if (kind_ == Kind::none) return;
  const bool is_other = line.empty() || line.starts_with("[----------] ") || line.starts_with("[==========] ");
  if (is_other || ++lines_ > k_most_lines) return close();
  add(std::exchange(location_, {}) + std::string(utf8_prefix(line, CaseEvent::k_most_message)));
}

void GtestMessage::take_end_of_line(std::string_view end, std::string_view file) {
  if (starts(end) != Kind::none) take_line(end, file);
}

void GtestMessage::close() {
  if (kind_ == Kind::failure && !location_.empty()) add(location_ + "Failure");
  location_.clear();
  kind_ = Kind::none;
}

GtestMessage::Kind GtestMessage::starts(std::string_view line) {
  Kind kind = Kind::none;
  if (line.ends_with(k_failure)) kind = Kind::failure;
  if (line.ends_with(k_skipped)) kind = Kind::skip;
  if (kind == Kind::none) return kind;
  line.remove_suffix(k_failure.size());
  if (line.ends_with(k_no_file)) return kind;
  const std::size_t colon = line.find_last_not_of("0123456789");
  const bool has_line = colon != line.npos && colon + 1 < line.size() && line[colon] == ':';
  return has_line ? kind : Kind::none;
}

/// "file.cpp:12: ", without what the test printed in the same line before it. An exception has none.
std::string GtestMessage::location_in(std::string_view line, std::string_view file) {
  constexpr std::size_t k_longest = 1024;
  line.remove_suffix(k_failure.size());
  if (line.ends_with(k_no_file)) return {};
  const std::size_t found = file.empty() ? line.npos : line.rfind(fmt::format("{}:", file));
  if (found != line.npos) line.remove_prefix(found);
  if (line.size() > k_longest) line = utf8_suffix(line.substr(line.size() - k_longest));
  return fmt::format("{}: ", line);
}

void GtestMessage::add(std::string_view line) {
  std::string& text = kind_ == Kind::failure ? failures_ : skips_;
  if (text.size() + 1 >= CaseEvent::k_most_message) return;
  if (!text.empty()) text += '\n';
  text += utf8_prefix(line, CaseEvent::k_most_message - text.size());
}

}  // namespace ptests
