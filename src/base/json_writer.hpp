#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace ptests {

/// Writes JSON onto the end of a string, on one line, without building a tree first: for what is written for every test. Members
/// stand in the order of the calls. A key is plain ASCII that needs no escape; any bytes may be a text, and each maximal piece of them that
/// is no UTF-8 becomes one U+FFFD, as dump_json() has it. It is the caller's to close what he opens.
class JsonWriter {
 public:
  /// `text` outlives this, and holds what was written when this is gone: until then there is more in it.
  explicit JsonWriter(std::string& text) : text_(&text), begin_(text.size()), at_(text.data() + begin_), end_(at_) {}
  ~JsonWriter() { text_->resize(static_cast<std::size_t>(at_ - text_->data())); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  /// The document, or an element of an array.
  void open_object();
  void open_object(std::string_view key);
  void close_object() { close('}'); }
  void open_array(std::string_view key);
  void close_array() { close(']'); }

  /// An element of an array, or the document.
  void text(std::string_view value);
  void text(std::string_view key, std::string_view value);
  template <std::integral Integer>
  void number(std::string_view key, Integer value) {
    const fmt::format_int digits(value);
    digits_only(key, {digits.data(), digits.size()});
  }
  /// The shortest digits that read back as `value`, with a point or an exponent; null for what is not finite.
  void number(std::string_view key, double value);
  /// As DecimalSeconds has it, with a point; null for what is not finite.
  void number(std::string_view key, std::chrono::duration<double> value);
  void boolean(std::string_view key, bool value) { digits_only(key, value ? "true" : "false"); }
  void null(std::string_view key) { digits_only(key, "null"); }

 private:
  void begin_element(std::size_t size);
  void begin_member(std::string_view key, std::size_t size);
  void put_text(std::string_view value);
  void digits_only(std::string_view key, std::string_view value);
  void close(char bracket);

  /// Room for `size` bytes more, in which put() works.
  void reserve(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) grow(size);
  }
  void grow(std::size_t size);
  void put(char byte) { *at_++ = byte; }
  void put(std::string_view bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }

  std::string* text_;
  std::size_t begin_;     ///< how much stood there before
  char* at_;              ///< behind what was written
  char* end_;             ///< of the text as it is now
  bool is_first_ = true;  ///< nothing stands before it in its object or array
};

}  // namespace ptests
