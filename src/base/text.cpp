#include "base/text.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

namespace ptests {

namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// What of a text a word is compared with.
enum class Compare { whole, best_part };

/// How many insertions, deletions, replacements and swaps of neighbours make `word` of `text` (optimal string alignment).
std::size_t edit_distance(std::string_view word, std::string_view text, Compare compare) {
  std::vector<std::size_t> before(text.size() + 1);
  std::vector<std::size_t> above(text.size() + 1);
  std::vector<std::size_t> row(text.size() + 1);
  // A part may begin anywhere and end anywhere.
  if (compare == Compare::whole) std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 0; i < word.size(); ++i) {
    row[0] = i + 1;
    for (std::size_t j = 0; j < text.size(); ++j) {
      row[j + 1] = std::min({above[j] + (word[i] == text[j] ? 0 : 1), row[j] + 1, above[j + 1] + 1});
      const bool swapped = i > 0 && j > 0 && word[i] == text[j - 1] && word[i - 1] == text[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return compare == Compare::whole ? above.back() : *std::min_element(above.begin(), above.end());
}

using Ranked = std::vector<std::pair<std::size_t, std::string>>;

/// The names of the `count` lowest ranks.
std::vector<std::string> best(Ranked ranked, std::size_t count) {
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (const auto& [distance, name] : ranked)
    if (result.size() < count) result.push_back(name);
  return result;
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

bool is_between(char c, char low, char high) { return c >= low && c <= high; }

/// Length of the operating system command (`ESC ] ...`) at the head of `text`: up to BEL or ST, or to the end of the line.
std::size_t command_length(std::string_view text) {
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (text[i] == '\a') return i + 1;
    if (text[i] == '\n') return i;
    if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '\\') return i + 2;
  }
  return text.size();
}

/// Length of the escape sequence at the head of `text`, which starts with ESC. Source: ECMA-48, sections 5.3 to 5.6.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return 1;
  if (text[1] == ']') return command_length(text);
  std::size_t i = text[1] == '[' ? 2 : 1;
  // Parameters only in a control sequence; intermediates in any.
  while (text[1] == '[' && i < text.size() && is_between(text[i], '0', '?')) ++i;
  while (i < text.size() && is_between(text[i], ' ', '/')) ++i;
  return i < text.size() && is_between(text[i], '0', '~') ? i + 1 : i;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

std::vector<std::string> split_cmake_list(std::string_view text) {
  std::vector<std::string> elements;
  std::string element;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && text[i + 1] == ';') {
      element += text[++i];
    } else if (c == ';' && depth == 0) {
      if (!element.empty()) elements.push_back(std::exchange(element, {}));
    } else {
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      element += c;
    }
  }
  if (!element.empty()) elements.push_back(std::move(element));
  return elements;
}

bool is_cmake_on(std::string_view text) {
  const std::string word = lower(text);
  return word == "1" || word == "on" || word == "yes" || word == "true" || word == "y";
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool glob_match(const std::string& pattern, const std::string& text) {
  return pattern == text || ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t count) {
  const std::string wanted = lower(word);
  Ranked ranked;
  for (const std::string& name : names) {
    const std::string candidate = lower(name);
    const bool contains = wanted.size() >= 3 && candidate.find(wanted) != std::string::npos;
    const std::size_t distance = contains ? 1 : edit_distance(wanted, candidate, Compare::whole);
    if (contains || distance <= std::max<std::size_t>(2, wanted.size() / 3)) ranked.emplace_back(distance, name);
  }
  return best(std::move(ranked), count);
}

std::vector<std::string> nearest_with_part(std::string_view part, const std::vector<std::string>& names, std::size_t count) {
  if (part.empty()) return {};
  const std::string wanted = lower(part);
  Ranked ranked;
  for (const std::string& name : names)
    if (const std::size_t distance = edit_distance(wanted, lower(name), Compare::best_part); distance <= wanted.size() / 4)
      ranked.emplace_back(distance, name);
  return best(std::move(ranked), count);
}

std::string quoted_choice(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += '"' + names[i] + '"';
  }
  return text;
}

std::string file_name_for(std::string_view name) {
  constexpr std::size_t k_longest = 180;
  std::string result;
  for (const char c : name) {
    const bool plain = is_word_char(c) || std::string_view("._-+=,@").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (result.starts_with('.')) result.replace(0, 1, "%2E");
  if (result.size() > k_longest) result = fmt::format("{}~{:016x}", result.substr(0, k_longest), fnv1a(name));
  return result;
}

std::string shell_quoted(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
      return is_word_char(c) || std::string_view("%+,-./:=@_").find(c) != std::string_view::npos;
    });
    if (plain) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

std::string without_escapes(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t plain = std::min(text.find('\x1b'), text.size());
    result += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return result;
    text.remove_prefix(escape_length(text));
  }
}

}  // namespace ptests
