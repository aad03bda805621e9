#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ptests {

using Json = nlohmann::json;

/// A place in a JSON document that knows its path, so that every error names it: `tests[12].timeout: expected a number, got
/// "5s"`. The parent must outlive it.
class JsonAt {
 public:
  explicit JsonAt(const Json& root) : value_(&root) {}
  JsonAt(const JsonAt& parent, std::string_view key);
  JsonAt(const JsonAt& parent, std::size_t index);

  bool exists() const { return value_ != nullptr && !value_->is_null(); }
  const Json& value() const { return *value_; }
  std::string path() const;

  /// "tests[12].timeout: expected a number, got "5s"".
  tl::unexpected<Error> expected(std::string_view what) const;

  /// The members; an error unless it is there and of that type.
  Result<std::string> text() const;
  Result<const Json::array_t*> array() const;
  Result<const Json::object_t*> object() const;
  Result<std::vector<std::string>> texts() const;

  /// Values a CMake generator expression may have produced, so that text in CMake's form counts too: `"10"`, `"ON"`, `"a;b"`.
  Result<double> cmake_number() const;
  Result<int> cmake_int() const;
  Result<bool> cmake_bool() const;
  Result<std::vector<std::string>> cmake_list() const;

 private:
  const Json* value_ = nullptr;
  const JsonAt* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  bool is_element_ = false;  ///< of an array; else a member
};

/// Parses a whole document; an error gives line and column.
Result<Json> parse_json(std::string_view text);

/// `value` on one line, invalid UTF-8 replaced by U+FFFD.
std::string dump_json(const Json& value);

}  // namespace ptests
