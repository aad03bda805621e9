#include "base/json_writer.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/decimal_seconds.hpp"
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

/// The longest is \u001f.
constexpr std::size_t k_longest_escape = 6;

std::string_view escape_of(char c, std::array<char, k_longest_escape + 1>& room) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\t': return "\\t";
    case '\n': return "\\n";
    case '\f': return "\\f";
    case '\r': return "\\r";
    default: return {room.data(), fmt::format_to_n(room.data(), room.size(), "\\u{:04x}", static_cast<unsigned>(c)).size};
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

}  // namespace

/// A short document takes no more than it needs, a long one grows by what it has; what is there anyway is used piece by piece.
void JsonWriter::grow(std::size_t size) {
  constexpr std::size_t k_piece = 1024;
  const auto before = static_cast<std::size_t>(at_ - text_->data());
  const std::size_t spare = std::min(text_->capacity() - before, k_piece);
  text_->resize(before + std::max({size, before - begin_, spare}));
  at_ = text_->data() + before;
  end_ = text_->data() + text_->size();
}

/// `size` = of what follows.
void JsonWriter::begin_element(std::size_t size) {
  reserve(size + 1);
  if (!is_first_) put(',');
  is_first_ = false;
}

void JsonWriter::begin_member(std::string_view key, std::size_t size) {
  begin_element(key.size() + 3 + size);
  put('"');
  put(key);
  put("\":");
}

void JsonWriter::open_object() {
  begin_element(1);
  put('{');
  is_first_ = true;
}

void JsonWriter::open_object(std::string_view key) {
  begin_member(key, 1);
  put('{');
  is_first_ = true;
}

void JsonWriter::open_array(std::string_view key) {
  begin_member(key, 1);
  put('[');
  is_first_ = true;
}

void JsonWriter::close(char bracket) {
  reserve(1);
  put(bracket);
  is_first_ = false;
}

void JsonWriter::digits_only(std::string_view key, std::string_view value) {
  begin_member(key, value.size());
  put(value);
}

void JsonWriter::text(std::string_view value) {
  begin_element(value.size() + 2);
  put_text(value);
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  begin_member(key, value.size() + 2);
  put_text(value);
}

void JsonWriter::put_text(std::string_view value) {
  put('"');
  while (true) {
    const std::size_t plain = plain_size(value);
    reserve(plain + 1);
    put(value.substr(0, plain));
    value.remove_prefix(plain);
    if (value.empty()) break;
    // What stands here needs care.
    const Utf8Char character = decode_utf8(value);
    std::array<char, k_longest_escape + 1> room{};
    const std::string_view written = !character.valid     ? k_replacement
                                     : character.size > 1 ? value.substr(0, character.size)
                                                          : escape_of(value[0], room);
    reserve(written.size());
    put(written);
    value.remove_prefix(character.valid ? character.size : broken_size(value));
  }
  put('"');
}

void JsonWriter::number(std::string_view key, double value) {
  if (!std::isfinite(value)) return null(key);
  std::array<char, 32> room{};
  const auto size = static_cast<std::size_t>(fmt::format_to(room.data(), FMT_COMPILE("{}"), value) - room.data());
  const std::string_view digits(room.data(), size);
  digits_only(key, digits);
  if (digits.find_first_of(".e") == digits.npos) reserve(2), put(".0");
}

void JsonWriter::number(std::string_view key, std::chrono::duration<double> value) {
  if (!std::isfinite(value.count())) return null(key);
  const DecimalSeconds digits(value);
  digits_only(key, digits.text());
  if (digits.text().find_first_of(".e") == std::string_view::npos) reserve(2), put(".0");
}

}  // namespace ptests
