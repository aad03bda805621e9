#include "framework/doctest_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/utf8.hpp"

namespace ptests {

namespace {

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

bool DoctestXml::finish() { return !was_lost_ && partial_.empty() && reader_.finish(); }

void DoctestXml::feed(std::string_view piece) {
  escape(piece);
  if (reader_.read(escaped_)) return;
  is_lost_ = was_lost_ = true;
  is_line_start_ = piece.ends_with('\n');
  head_.clear();
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
      is_lost_ = false;
      return feed(std::string(head_));
    }
    if (std::any_of(k_elements.begin(), k_elements.end(), may_become)) return;
    head_.clear();
  }
  is_line_start_ = is_end_of_line;
}

void DoctestXml::escape(std::string_view piece) {
  escaped_.clear();
  std::string joined;
  if (!partial_.empty()) {
    joined = partial_ + std::string(piece);
    piece = joined;
    partial_.clear();
  }
  while (!piece.empty()) {
    const std::size_t size = escape_character(piece);
    if (size == 0) {
      partial_ = piece;
      return;
    }
    piece.remove_prefix(size);
  }
}

std::size_t DoctestXml::escape_character(std::string_view bytes) {
  if (static_cast<unsigned char>(bytes[0]) < 0x80) {
    escape_byte(bytes[0]);
    return 1;
  }
  const Utf8Char character = decode_utf8(bytes);
  if (!character.valid && is_begin_of_character(bytes)) return 0;
  if (!character.valid || is_forbidden(character.code))
    append_hex(escaped_, bytes.substr(0, character.size));
  else
    escaped_ += bytes.substr(0, character.size);
  return character.size;
}

void DoctestXml::escape_byte(char c) {
  if (is_forbidden(static_cast<unsigned char>(c))) return append_hex(escaped_, {&c, 1});
  // In a value a raw line break would be read as a space.
  const bool is_raw_space = place_ == Place::value && (c == '\n' || c == '\t' || c == '\r');
  if (is_raw_space) {
    escaped_ += fmt::format("&#{};", static_cast<int>(c));
  } else if (place_ == Place::text && c == '>') {
    // doctest lets "]]>" pass at the head of a text.
    escaped_ += "&gt;";
  } else {
    escaped_ += c;
  }
  if (place_ == Place::text && c == '<')
    place_ = Place::tag;
  else if (place_ == Place::tag && c == '>')
    place_ = Place::text;
  else if (place_ != Place::text && c == '"')
    place_ = place_ == Place::tag ? Place::value : Place::tag;
}

}  // namespace ptests
