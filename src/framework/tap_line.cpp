#include "framework/tap_line.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace ptests {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Part of a word, of any language.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// `word` is in lower case.
bool take_in_any_case(std::string_view& text, std::string_view word) {
  if (text.size() < word.size() || lower(text.substr(0, word.size())) != word) return false;
  text.remove_prefix(word.size());
  return true;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  constexpr std::uint64_t k_most = std::numeric_limits<std::uint64_t>::max();
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t number = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    const auto digit = static_cast<std::uint64_t>(text.front() - '0');
    number = number > (k_most - digit) / 10 ? k_most : number * 10 + digit;
  }
  return number;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '\\' || text[i + 1] == '#');
    if (is_escape) ++i;
    plain += text[i];
  }
  return plain;
}

/// The first `#` that may begin a directive: behind a blank, an escaped backslash or nothing.
std::size_t find_delimiter(std::string_view text) {
  bool is_behind_escape = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || is_blank(text[i - 1]) || is_behind_escape)) return i;
    is_behind_escape = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\';
    const bool is_escape = is_behind_escape || (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '#');
    if (is_escape) ++i;
  }
  return text.npos;
}

/// "SKIP", "skipped:" and the like: what follows in that word makes no difference.
bool take_directive(std::string_view& text, std::string_view word) {
  if (!take_in_any_case(text, word)) return false;
  while (!text.empty() && !is_blank(text.front())) text.remove_prefix(1);
  return true;
}

/// "time=12.5ms", "in 12 ms"; what follows is another comment.
std::optional<Seconds> parse_duration(std::string_view text) {
  if (!take(text, "time=") && !take(text, "in ")) return std::nullopt;
  const std::size_t size = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::optional<double> number = parse_number(text.substr(0, size));
  text.remove_prefix(size);
  skip_blanks(text);
  const std::string_view unit = text.substr(0, text.find_first_of(" \t"));
  if (!number || (unit != "ms" && unit != "s")) return std::nullopt;
  return Seconds(unit == "ms" ? *number / 1000 : *number);
}

/// What stands behind the delimiter; false when that is a part of the description.
bool read_directive(std::string_view text, TapTestLine& point) {
  text = trim(text);
  if (take_directive(text, "skip")) {
    point.directive = TapTestLine::Directive::skip;
  } else if (take_directive(text, "todo")) {
    point.directive = TapTestLine::Directive::todo;
  } else {
    point.duration = parse_duration(text);
    return point.duration.has_value();
  }
  point.reason = unescape(trim(text));
  return true;
}

/// A number of its own, not the begin of a word.
std::optional<std::uint64_t> take_point_number(std::string_view& text) {
  std::string_view rest = text;
  const std::optional<std::uint64_t> number = take_number(rest);
  const bool ends = rest.empty() || is_blank(rest.front()) || rest.front() == '#' || rest.front() == '-';
  if (!number || !ends) return std::nullopt;
  text = rest;
  return number;
}

std::optional<TapTestLine> parse_point(std::string_view text) {
  TapTestLine point;
  point.is_ok = !take(text, "not ");
  if (!take(text, "ok") || (!text.empty() && is_word(text.front()))) return std::nullopt;
  skip_blanks(text);
  point.number = take_point_number(text);
  skip_blanks(text);
  const std::size_t delimiter = find_delimiter(text);
  if (delimiter != text.npos && read_directive(text.substr(delimiter + 1), point)) text = text.substr(0, delimiter);
  if (text == "-" || text.starts_with("- ") || text.starts_with("-\t")) text.remove_prefix(1);
  point.description = unescape(trim(text));
  return point;
}

std::optional<TapPlan> parse_plan(std::string_view text) {
  if (!take(text, "1..")) return std::nullopt;
  const std::optional<std::uint64_t> count = take_number(text);
  if (!count) return std::nullopt;
  if (!text.empty() && !is_blank(text.front()) && text.front() != '#') return std::nullopt;
  TapPlan plan;
  plan.count = *count;
  text = trim(text);
  if (take(text, "#") || plan.count == 0) {
    text = trim(text);
    take_directive(text, "skip");
    plan.reason = unescape(trim(text));
    return plan;
  }
  if (take_in_any_case(text, "todo")) {
    for (skip_blanks(text); const std::optional<std::uint64_t> number = take_number(text); skip_blanks(text)) plan.todo.push_back(*number);
    std::sort(plan.todo.begin(), plan.todo.end());
    take(text, ";");
  }
  return text.empty() ? std::optional(std::move(plan)) : std::nullopt;
}

bool is_version(std::string_view text) {
  if (!take_in_any_case(text, "tap version ")) return false;
  skip_blanks(text);
  return take_number(text) && trim(text).empty();
}

TapLine parse_comment(std::string_view text) {
  text = trim(text);
  std::string_view rest = text;
  if (take(rest, "Subtest") && (rest.empty() || take(rest, ":"))) return TapHeader{unescape(trim(rest))};
  return TapComment{std::string(text)};
}

std::optional<TapPragma> parse_pragma(std::string_view text) {
  if (!take(text, "pragma ")) return std::nullopt;
  TapPragma pragma;
  for (const std::string& word : split(text, ',')) {
    std::string_view key = trim(word);
    const bool is_set = key.starts_with('+');
    if (!take(key, "+") && !take(key, "-")) return std::nullopt;
    const auto is_of_key = [](char c) { return (is_word(c) && static_cast<unsigned char>(c) < 0x80) || c == '-'; };
    if (key.empty() || !std::all_of(key.begin(), key.end(), is_of_key)) return std::nullopt;
    if (key == "strict") pragma.is_strict = is_set;
  }
  return pragma;
}

}  // namespace

TapLine parse_tap_line(std::string_view line) {
  if (trim(line).empty()) return TapBlank{};
  switch (line.front()) {
    case '#': return parse_comment(line.substr(1));
    case 'o':
    case 'n':
      if (auto point = parse_point(line)) return std::move(*point);
      break;
    case '1':
      if (auto plan = parse_plan(line)) return std::move(*plan);
      break;
    case 'p':
      if (auto pragma = parse_pragma(line)) return *pragma;
      break;
    case 'T':
    case 't':
      if (is_version(line)) return TapVersion{};
      break;
    case 'B':
    case 'b':
      if (take_in_any_case(line, "bail out!")) return TapBailOut{unescape(trim(line))};
      break;
    default: break;
  }
  return TapOther{};
}

std::string unquote_yaml(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"')) return std::string(text);
  const char quote = text.front();
  // A quote stands for itself twice in single quotes, behind a backslash in double ones.
  const char escape = quote == '"' ? '\\' : quote;
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == escape && i + 1 < text.size() && (text[i + 1] == quote || text[i + 1] == escape);
    if (is_escape) ++i;
    plain += text[i];
  }
  return plain;
}

}  // namespace ptests
