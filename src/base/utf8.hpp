#pragma once

#include <cstdint>
#include <string_view>

namespace ptests {

/// One decoded character: `size` bytes were read; `valid` is false for a byte that starts no well-formed sequence
/// (Unicode 15, table 3-7), and then size is 1.
struct Utf8Char {
  std::uint32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

/// The character at the head of `text`, which is not empty.
Utf8Char decode_utf8(std::string_view text);

/// The first `most` bytes of `text`, fewer when the cut would break a character.
std::string_view utf8_prefix(std::string_view text, std::size_t most);
/// `text` without the continuation bytes at its head.
std::string_view utf8_suffix(std::string_view text);

}  // namespace ptests
