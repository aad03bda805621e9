#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace ptests {

/// Writes JSON onto the end of a string, on one line, without building a tree first: for what is written for every test. Members
/// stand in the order of the calls. A key is plain ASCII that needs no escape; any bytes may be a text, and each maximal piece of them that
/// is no UTF-8 becomes one U+FFFD, as dump_json() has it. It is the caller's to close what he opens.
class JsonWriter {
 public:
  /// `text` outlives this.
  explicit JsonWriter(std::string& text) : text_(&text) {}

  /// The document, or an element of an array.
  void open_object();
  void open_object(std::string_view key);
  void close_object() { close('}'); }
  void open_array(std::string_view key);
  void close_array() { close(']'); }

  void text(std::string_view key, std::string_view value);
  template <std::integral Integer>
  void number(std::string_view key, Integer value) {
    begin_member(key);
    const fmt::format_int digits(value);
    text_->append(digits.data(), digits.size());
  }
  /// The shortest digits that read back as `value`, with a point or an exponent; null for what is not finite.
  void number(std::string_view key, double value);
  void boolean(std::string_view key, bool value);
  void null(std::string_view key);

 private:
  void begin_element();
  void begin_member(std::string_view key);
  void close(char bracket);

  std::string* text_;
  bool is_first_ = true;  ///< nothing stands before it in its object or array
};

}  // namespace ptests
