#include "framework/doctest_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_longest_tag = std::size_t{1} << 20U;

constexpr std::array<std::string_view, 3> k_elements{"<TestCase ", "<OverallResultsAsserts ", "<Exception crash="};

std::size_t size_by_lead(char c) {
  const auto lead = static_cast<unsigned char>(c);
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/// Whether more bytes could make a character of it.
bool is_begin_of_character(std::string_view bytes) {
  const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  return static_cast<unsigned char>(bytes[0]) >= 0xc2 && static_cast<unsigned char>(bytes[0]) < 0xf5 &&
         bytes.size() < size_by_lead(bytes[0]) && std::all_of(bytes.begin() + 1, bytes.end(), is_continuation);
}

bool is_forbidden(std::uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t' && code != '\r') || code == 0xfffe || code == 0xffff;
}

/// As doctest escapes such bytes itself.
void append_hex(std::string& text, std::string_view bytes) {
  for (const char c : bytes) fmt::format_to(std::back_inserter(text), "\\x{:02X}", static_cast<unsigned char>(c));
}

}  // namespace

DoctestXml::DoctestXml(XmlReader::Handler& handler) : handler_(handler), reader_(handler) {}

void DoctestXml::read(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, bytes.find('\n') == std::string_view::npos ? bytes.size() : bytes.find('\n') + 1);
    bytes.remove_prefix(piece.size());
    if (is_lost_)
      look_for_element(piece);
    else
      feed(piece);
  }
}

bool DoctestXml::finish() { return !was_lost_ && partial_.empty() && tag_.empty() && reader_.finish(); }

void DoctestXml::feed(std::string_view piece) {
  const std::size_t taken = escape(piece);
  if (!reader_.read(escaped_)) {
    is_lost_ = was_lost_ = true;
    is_line_start_ = piece.ends_with('\n');
    head_.clear();
  } else if (taken < piece.size()) {
    is_lost_ = was_lost_ = true;
    head_.clear();
    look_for_element(piece.substr(taken));
  }
}

void DoctestXml::look_for_element(std::string_view piece) {
  const bool is_end_of_line = piece.ends_with('\n');
  if (is_line_start_) {
    head_ += head_.empty() ? piece.substr(std::min(piece.find_first_not_of(' '), piece.size())) : piece;
    const auto is_begun = [&](std::string_view element) { return head_.starts_with(element); };
    const auto may_become = [&](std::string_view element) { return element.starts_with(head_); };
    if (std::any_of(k_elements.begin(), k_elements.end(), is_begun)) {
      reader_ = XmlReader(handler_);
      reader_.read("<doctest>");
      place_ = Place::text;
      partial_.clear();
      tag_.clear();
      is_lost_ = false;
      return feed(std::string(head_));
    }
    if (std::any_of(k_elements.begin(), k_elements.end(), may_become)) return;
    head_.clear();
  }
  is_line_start_ = is_end_of_line;
}

/// How much of `piece` there is before damage.
std::size_t DoctestXml::escape(std::string_view piece) {
  escaped_.clear();
  const std::string joined = std::exchange(partial_, {}).append(piece);
  std::string_view rest = joined;
  while (!rest.empty()) {
    if (is_damage(rest.front())) return piece.size() - std::min(rest.size(), piece.size());
    is_line_start_ = rest.front() == '\n' || (is_line_start_ && rest.front() == ' ');
    const std::size_t size = escape_character(rest);
    if (size == 0) {
      partial_ = rest;
      return piece.size();
    }
    rest.remove_prefix(size);
  }
  return piece.size();
}

/// Whether `c` cannot stand where it does.
bool DoctestXml::is_damage(char c) const {
  if (place_ == Place::text) return false;
  return c == '<' || tag_.size() > k_longest_tag || (place_ == Place::tag && (c == '\'' || (c == '!' && tag_ == "<")));
}

std::size_t DoctestXml::escape_character(std::string_view bytes) {
  if (static_cast<unsigned char>(bytes[0]) < 0x80) {
    escape_byte(bytes[0]);
    return 1;
  }
  const Utf8Char character = decode_utf8(bytes);
  if (!character.valid && is_begin_of_character(bytes)) return 0;
  if (!character.valid || is_forbidden(character.code))
    append_hex(out(), bytes.substr(0, character.size));
  else
    out() += bytes.substr(0, character.size);
  return character.size;
}

void DoctestXml::escape_byte(char c) {
  if (is_forbidden(static_cast<unsigned char>(c))) return append_hex(out(), {&c, 1});
  if (place_ == Place::text && c == '<') place_ = Place::tag;
  // In a value a raw line break would be read as a space.
  const bool is_raw_space = place_ == Place::value && (c == '\n' || c == '\t' || c == '\r');
  if (is_raw_space) {
    tag_ += fmt::format("&#{};", static_cast<int>(c));
  } else if (place_ == Place::text && c == '>') {
    // doctest lets "]]>" pass at the head of a text.
    escaped_ += "&gt;";
  } else {
    out() += c;
  }
  const bool is_end = c == '>' && (!tag_.starts_with("<?") || tag_.ends_with("?>"));
  if (place_ == Place::tag && is_end) {
    place_ = Place::text;
    escaped_ += std::exchange(tag_, {});
  } else if (place_ != Place::text && c == '"') {
    place_ = place_ == Place::tag ? Place::value : Place::tag;
  }
}

}  // namespace ptests
