#include "base/json_writer.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "base/utf8.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_replacement = "\xef\xbf\xbd";

/// By byte: whether it stands in a JSON string as it is, and for itself.
constexpr std::array<bool, 256> k_plain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// How much of the head of `text` is plain.
std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && k_plain[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\f': out += "\\f"; return;
    case '\r': out += "\\r"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

/// How many bytes at the head of `text`, where no character stands, are the beginning of one; else 1. They are replaced together.
/// Source: Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts".
std::size_t broken_size(std::string_view text) {
  for (std::size_t size = std::min<std::size_t>(text.size(), 3); size > 1; --size) {
    std::array<char, 4> completed{'\x80', '\x80', '\x80', '\x80'};
    std::copy_n(text.begin(), size, completed.begin());
    const Utf8Char character = decode_utf8({completed.data(), completed.size()});
    if (character.valid && character.size > size) return size;
  }
  return 1;
}

/// Appends what stands at the head of `text`, which needs care, and returns its size.
std::size_t append_careful(std::string& out, std::string_view text) {
  const Utf8Char character = decode_utf8(text);
  if (!character.valid) {
    out += k_replacement;
    return broken_size(text);
  }
  if (character.size > 1) {
    out += text.substr(0, character.size);
  } else {
    append_escape(out, text[0]);
  }
  return character.size;
}

}  // namespace

void JsonWriter::begin_element() {
  if (!is_first_) *text_ += ',';
  is_first_ = false;
}

void JsonWriter::begin_member(std::string_view key) {
  begin_element();
  *text_ += '"';
  *text_ += key;
  *text_ += "\":";
}

void JsonWriter::open_object() {
  begin_element();
  *text_ += '{';
  is_first_ = true;
}

void JsonWriter::open_object(std::string_view key) {
  begin_member(key);
  *text_ += '{';
  is_first_ = true;
}

void JsonWriter::open_array(std::string_view key) {
  begin_member(key);
  *text_ += '[';
  is_first_ = true;
}

void JsonWriter::close(char bracket) {
  *text_ += bracket;
  is_first_ = false;
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  begin_member(key);
  *text_ += '"';
  while (!value.empty()) {
    const std::size_t plain = plain_size(value);
    *text_ += value.substr(0, plain);
    value.remove_prefix(plain);
    if (!value.empty()) value.remove_prefix(append_careful(*text_, value));
  }
  *text_ += '"';
}

void JsonWriter::number(std::string_view key, double value) {
  if (!std::isfinite(value)) return null(key);
  begin_member(key);
  const std::size_t start = text_->size();
  fmt::format_to(std::back_inserter(*text_), FMT_COMPILE("{}"), value);
  const std::string_view digits = std::string_view(*text_).substr(start);
  if (digits.find('.') == digits.npos && digits.find('e') == digits.npos) *text_ += ".0";
}

void JsonWriter::boolean(std::string_view key, bool value) {
  begin_member(key);
  *text_ += value ? "true" : "false";
}

void JsonWriter::null(std::string_view key) {
  begin_member(key);
  *text_ += "null";
}

}  // namespace ptests
