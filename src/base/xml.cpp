#include "base/xml.hpp"

#include <fmt/format.h>

#include <array>

#include "base/utf8.hpp"

namespace ptests {

namespace {

/// By byte: whether it stands in XML as it is, and for itself, wherever it is.
constexpr std::array<bool, 256> k_plain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '&' && byte != '<' && byte != '>' && byte != '"';
  return plain;
}();

std::size_t plain_size(std::string_view bytes) {
  std::size_t size = 0;
  while (size < bytes.size() && k_plain[static_cast<unsigned char>(bytes[size])]) ++size;
  return size;
}

bool is_allowed(std::uint32_t code) {
  return code == '\t' || code == '\n' || (code >= 0x20 && code != 0x7f && code != 0xfffe && code != 0xffff);
}

void append_char(std::string& out, std::string_view bytes, std::uint32_t code) {
  switch (code) {
    case '&': out += "&amp;"; return;
    case '<': out += "&lt;"; return;
    case '>': out += "&gt;"; return;
    case '"': out += "&quot;"; return;
    case '\r': out += "&#13;"; return;
    default: break;
  }
  if (is_allowed(code)) {
    out += bytes;
  } else if (code < 0x100) {
    out += fmt::format("\\x{:02x}", code);
  } else {
    out += fmt::format("\\u{:04x}", code);
  }
}

void append_attribute_char(std::string& out, std::string_view bytes, std::uint32_t code) {
  switch (code) {
    case '\n': out += "&#10;"; return;
    case '\t': out += "&#9;"; return;
    default: append_char(out, bytes, code);
  }
}

std::string escaped(std::string_view bytes, void (*append)(std::string& out, std::string_view bytes, std::uint32_t code)) {
  std::string out;
  out.reserve(bytes.size());
  while (true) {
    const std::size_t plain = plain_size(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) return out;
    const Utf8Char character = decode_utf8(bytes);
    if (character.valid) {
      append(out, bytes.substr(0, character.size), character.code);
    } else {
      out += "\xef\xbf\xbd";
    }
    bytes.remove_prefix(character.size);
  }
}

}  // namespace

std::string xml_escaped(std::string_view bytes) { return escaped(bytes, append_char); }

std::string xml_attribute(std::string_view bytes) { return escaped(bytes, append_attribute_char); }

}  // namespace ptests
