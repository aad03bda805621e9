#include "base/xml.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace ptests {

namespace {

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

}  // namespace

std::string xml_escaped(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Char character = decode_utf8(bytes);
    if (character.valid) {
      append_char(out, bytes.substr(0, character.size), character.code);
    } else {
      out += "\xef\xbf\xbd";
    }
    bytes.remove_prefix(character.size);
  }
  return out;
}

std::string xml_attribute(std::string_view bytes) {
  std::string out;
  for (const char c : xml_escaped(bytes)) {
    if (c == '\n') {
      out += "&#10;";
    } else if (c == '\t') {
      out += "&#9;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace ptests
