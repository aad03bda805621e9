#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fuzz {

/// An input of libFuzzer: the bytes of a stream, and what to do with it. Bytes that stand in no UTF-8 text are orders, so that a file of
/// the corpus is a stream as it was recorded:
///   0xff n   the byte before it 2^(n mod 17) times more: readers fold lines that are longer than an input should be
///   0xfe     here the stream is cut
///   0xfd n   which cases were asked for
///   0xfc b   the byte b, whatever it is
struct Input {
  std::string stream;
  std::vector<std::size_t> bytes;  ///< where each byte ends, offsets into `stream`; one that is repeated counts as one
  std::vector<std::size_t> cuts;   ///< ascending offsets into `stream`
  std::uint8_t choice = 0;
};

inline Input read_input(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t k_most = 80'000;
  constexpr std::size_t k_powers = 17;
  Input input;
  for (std::size_t i = 0; i < bytes.size() && input.stream.size() < k_most; ++i) {
    const bool is_cut = bytes[i] == 0xfe;
    const bool is_order = bytes[i] >= 0xfc && !is_cut && i + 1 < bytes.size();
    const std::uint8_t value = is_order ? bytes[i + 1] : bytes[i];
    if (is_cut)
      input.cuts.push_back(input.stream.size());
    else if (is_order && bytes[i] == 0xff && !input.stream.empty())
      input.stream.append(std::min(std::size_t{1} << (value % k_powers), k_most - input.stream.size()), input.stream.back());
    else if (is_order && bytes[i] == 0xfd)
      input.choice = value;
    else
      input.stream += static_cast<char>(value);
    if (is_order) ++i;
    if (input.bytes.empty() || input.bytes.back() != input.stream.size()) input.bytes.push_back(input.stream.size());
  }
  return input;
}

}  // namespace fuzz
