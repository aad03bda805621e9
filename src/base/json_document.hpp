#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace ptests {

struct JsonMember;

/// A value of a JsonDocument, to read only. What it refers to lies in the document, which outlives it.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, natural, fraction, text, array, object };

  JsonValue() : natural_(0) {}
  explicit JsonValue(bool value) : kind_(Kind::boolean), boolean_(value) {}
  explicit JsonValue(std::int64_t value) : kind_(Kind::integer), integer_(value) {}
  explicit JsonValue(std::uint64_t value) : kind_(Kind::natural), natural_(value) {}
  explicit JsonValue(double value) : kind_(Kind::fraction), fraction_(value) {}
  explicit JsonValue(const char* value) = delete;  ///< would be a bool
  explicit JsonValue(std::string_view value) : kind_(Kind::text), size_(value.size()), text_(value.data()) {}
  explicit JsonValue(std::span<const JsonValue> elements) : kind_(Kind::array), size_(elements.size()), elements_(elements.data()) {}
  /// `members` are sorted by their names, which are different.
  explicit JsonValue(std::span<const JsonMember> members);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_whole_number() const { return kind_ == Kind::integer || kind_ == Kind::natural; }
  bool is_number() const { return is_whole_number() || kind_ == Kind::fraction; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  // What there is when it is of that kind.
  bool boolean() const { return boolean_; }
  double number() const;
  template <class Integer>
  Integer whole_number() const {
    return kind_ == Kind::integer ? static_cast<Integer>(integer_) : static_cast<Integer>(natural_);
  }
  std::string_view text() const { return {text_, size_}; }
  std::span<const JsonValue> elements() const { return {elements_, size_}; }
  std::span<const JsonMember> members() const;
  /// nullptr when there is no member of that name.
  const JsonValue* find(std::string_view name) const;

 private:
  Kind kind_ = Kind::null;
  std::size_t size_ = 0;
  union {
    bool boolean_;
    std::int64_t integer_;
    std::uint64_t natural_;
    double fraction_;
    const char* text_;
    const JsonValue* elements_;
    const JsonMember* members_;
  };
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

/// A JSON text as it was read, or one string. All its values lie in a few pieces of memory, which go with it: a tree that has an
/// allocation for each takes three times as long.
class JsonDocument {
 public:
  /// The string `text`.
  static JsonDocument of_text(std::string_view text);

  const JsonValue& root() const { return *root_; }

 private:
  friend Result<JsonDocument> parse_json(std::string_view text);
  using Memory = std::pmr::monotonic_buffer_resource;
  JsonDocument(std::unique_ptr<Memory> memory, const JsonValue& root);

  std::unique_ptr<Memory> memory_;
  const JsonValue* root_;
};

/// Reads a whole document; an error of syntax gives line and column. Of members with one name the last counts. What is nested more than 256
/// deep is an error.
Result<JsonDocument> parse_json(std::string_view text);

}  // namespace ptests
