#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json_document.hpp"
#include "base/result.hpp"

namespace ptests {

/// JSON to write. What others wrote is read as a JsonDocument.
using Json = nlohmann::json;

/// A place in a JSON document that knows its path, so that every error names it: `tests[12].timeout: expected a number, got
/// "5s"`. The document and the parent must outlive it.
class JsonAt {
 public:
  explicit JsonAt(const JsonDocument& document) : value_(&document.root()) {}
  explicit JsonAt(JsonDocument&& document) = delete;
  JsonAt(const JsonAt& parent, std::string_view key);
  JsonAt(const JsonAt& parent, std::size_t index);

  bool exists() const { return value_ != nullptr && !value_->is_null(); }
  /// What is there when it exists().
  const JsonValue& value() const { return *value_; }
  std::string path() const;

  /// "tests[12].timeout: expected a number, got "5s"".
  tl::unexpected<Error> expected(std::string_view what) const;

  /// The members; an error unless it is there and of that type.
  Result<std::string> text() const;
  Result<std::span<const JsonValue>> array() const;
  Result<std::span<const JsonMember>> object() const;
  Result<std::vector<std::string>> texts() const;

  /// Values a CMake generator expression may have produced, so that text in CMake's form counts too: `"10"`, `"ON"`, `"a;b"`.
  Result<double> cmake_number() const;
  Result<int> cmake_int() const;
  Result<bool> cmake_bool() const;
  Result<std::vector<std::string>> cmake_list() const;

  /// Whether it is this number.
  bool is(int number) const { return exists() && value_->is_number() && value_->number() == number; }

 private:
  const JsonValue* value_ = nullptr;
  const JsonAt* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  bool is_element_ = false;  ///< of an array; else a member
};

/// Reads members of an object one after the other and keeps the first error.
class JsonMembers {
 public:
  /// `object` outlives it.
  explicit JsonMembers(const JsonAt& object) : object_(&object) {}

  /// `read` makes a Result of a JsonAt.
  template <class T, class Read>
  void take(std::string_view key, T& member, Read read) {
    auto value = std::invoke(read, JsonAt(*object_, key));
    if (!value && error_.message.empty()) error_ = value.error();
    if (value) member = std::move(*value);
  }
  void text(std::string_view key, std::string& member) { take(key, member, &JsonAt::text); }
  void number(std::string_view key, int& member) { take(key, member, &JsonAt::cmake_int); }
  /// A list in JSON's or CMake's form; the member stays as it is when there is none.
  void texts(std::string_view key, std::vector<std::string>& member) {
    if (JsonAt(*object_, key).exists()) take(key, member, &JsonAt::cmake_list);
  }
  Result<void> result() const { return error_.message.empty() ? Result<void>{} : tl::unexpected(error_); }

 private:
  const JsonAt* object_;
  Error error_;
};

/// The elements of the array at `list`; `read` makes a Result of the JsonAt of one. The first error is the result.
template <class Read>
auto read_elements(const JsonAt& list, Read read) {
  using Element = typename std::invoke_result_t<Read, const JsonAt&>::value_type;
  using Elements = Result<std::vector<Element>>;
  const auto array = list.array();
  if (!array) return Elements(tl::unexpected(array.error()));
  std::vector<Element> elements;
  elements.reserve(array->size());
  for (std::size_t i = 0; i < array->size(); ++i) {
    Result<Element> element = std::invoke(read, JsonAt(list, i));
    if (!element) return Elements(tl::unexpected(element.error()));
    elements.push_back(std::move(*element));
  }
  return Elements(std::move(elements));
}

/// `value` on one line, invalid UTF-8 replaced by U+FFFD.
std::string dump_json(const Json& value);
std::string dump_json(const JsonValue& value);

}  // namespace ptests
