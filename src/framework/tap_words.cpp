#include "framework/tap_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "framework/tap_line.hpp"

namespace ptests {

namespace {

/// `line` behind `text`, in the same line.
void join_line(std::string& text, std::string_view line) {
  line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
  if (line.empty() || text.size() >= TapWords::k_most_reason) return;
  if (!text.empty()) text += ' ';
  text += utf8_prefix(line, TapWords::k_most_reason);
}

/// "key: value" at the outermost level; nothing for other lines.
std::optional<std::pair<std::string_view, std::string_view>> parse_key(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0 || line.front() == ' ' || line.front() == '-') return std::nullopt;
  if (colon + 1 < line.size() && line[colon + 1] != ' ') return std::nullopt;
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  return std::pair(line.substr(0, colon), value == line.npos ? std::string_view() : line.substr(value));
}

}  // namespace

void TapWords::add(std::string_view line) {
  if (message_.size() + 1 >= CaseEvent::k_most_message) return;
  if (!message_.empty()) message_ += '\n';
  message_ += utf8_prefix(line, CaseEvent::k_most_message - message_.size());
}

void TapWords::add_comment(std::string_view text) {
  add(text);
  // Test::More sums up a stream so.
  if (!text.starts_with("Looks like you ")) join_line(comments_, text);
}

void TapWords::add_yaml(std::string_view line) {
  add(line);
  join_line(yaml_, line);
  if (is_said_next_) {
    join_line(said_, line);
    is_said_next_ = said_.empty();
    return;
  }
  const auto pair = parse_key(line);
  if (!pair) return;
  const auto [key, value] = *pair;
  if (key == "duration_ms") {
    if (const std::optional<double> number = parse_number(value); number && *number >= 0) duration_ = Seconds(*number / 1000);
  } else if ((key == "message" || key == "error") && said_.empty()) {
    // A text of several lines stands below.
    is_said_next_ = value.empty() || value.front() == '|' || value.front() == '>';
    if (!is_said_next_) join_line(said_, unquote_yaml(value));
  }
}

std::string TapWords::reason() const {
  const std::string& words = !said_.empty() ? said_ : !comments_.empty() ? comments_ : yaml_;
  return std::string(utf8_prefix(words, k_most_reason));
}

std::string printable_text(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text.substr(i));
    if (c.valid && c.code >= 0x20 && c.code != 0x7f)
      shown += text.substr(i, c.size);
    else
      for (const char byte : text.substr(i, c.size))
        fmt::format_to(std::back_inserter(shown), "\\x{:02X}", static_cast<unsigned char>(byte));
    i += c.size;
  }
  return shown;
}

std::string describe_failed_points(const std::vector<std::string>& failed, std::size_t points) {
  constexpr std::size_t k_most = 3;
  const std::size_t shown = std::min(k_most, failed.size());
  const std::vector<std::string> names(failed.begin(), failed.begin() + static_cast<std::ptrdiff_t>(shown));
  const std::string more = failed.size() > shown ? fmt::format(" and {} more", failed.size() - shown) : "";
  return fmt::format("{} of {} test points failed: {}{}", failed.size(), points, join(names, ", "), more);
}

}  // namespace ptests
