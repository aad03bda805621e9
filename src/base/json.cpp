#include "base/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace ptests {

JsonAt::JsonAt(const JsonAt& parent, std::string_view key) : parent_(&parent), key_(key) {
  if (parent.value_ == nullptr || !parent.value_->is_object()) return;
  const auto found = parent.value_->find(key);
  if (found != parent.value_->end()) value_ = &*found;
}

JsonAt::JsonAt(const JsonAt& parent, std::size_t index) : parent_(&parent), index_(index), is_element_(true) {
  if (parent.value_ != nullptr && parent.value_->is_array() && index < parent.value_->size()) value_ = &(*parent.value_)[index];
}

std::string JsonAt::path() const {
  if (parent_ == nullptr) return {};
  const std::string before = parent_->path();
  if (is_element_) return fmt::format("{}[{}]", before, index_);
  return before.empty() ? std::string(key_) : fmt::format("{}.{}", before, key_);
}

tl::unexpected<Error> JsonAt::expected(std::string_view what) const {
  constexpr std::size_t k_longest = 80;
  std::string got = exists() ? dump_json(*value_) : "nothing";
  if (got.size() > k_longest) got = fmt::format("{}...", utf8_prefix(got, k_longest));
  const std::string where = path();
  return fail(fmt::format("{}{}expected {}, got {}", where, where.empty() ? "" : ": ", what, got));
}

Result<std::string> JsonAt::text() const {
  if (!exists() || !value_->is_string()) return expected("a string");
  return value_->get<std::string>();
}

Result<const Json::array_t*> JsonAt::array() const {
  if (!exists() || !value_->is_array()) return expected("an array");
  return value_->get_ptr<const Json::array_t*>();
}

Result<const Json::object_t*> JsonAt::object() const {
  if (!exists() || !value_->is_object()) return expected("an object");
  return value_->get_ptr<const Json::object_t*>();
}

Result<std::vector<std::string>> JsonAt::texts() const {
  const auto elements = array();
  if (!elements) return expected("an array of strings");
  std::vector<std::string> result;
  result.reserve((*elements)->size());
  for (std::size_t i = 0; i < (*elements)->size(); ++i) {
    Result<std::string> element = JsonAt(*this, i).text();
    if (!element) return tl::unexpected(element.error());
    result.push_back(std::move(*element));
  }
  return result;
}

Result<double> JsonAt::cmake_number() const {
  if (exists() && value_->is_number()) return value_->get<double>();
  if (exists() && value_->is_string())
    if (const std::optional<double> number = parse_number(value_->get_ref<const std::string&>())) return *number;
  return expected("a number");
}

Result<int> JsonAt::cmake_int() const {
  const Result<double> number = cmake_number();
  const bool whole = number && std::nearbyint(*number) == *number && std::abs(*number) <= std::numeric_limits<int>::max();
  if (!whole) return expected("a whole number");
  return static_cast<int>(*number);
}

Result<bool> JsonAt::cmake_bool() const {
  if (exists() && value_->is_boolean()) return value_->get<bool>();
  if (exists() && value_->is_string()) return is_cmake_on(value_->get_ref<const std::string&>());
  return expected("true or false");
}

Result<std::vector<std::string>> JsonAt::cmake_list() const {
  if (exists() && value_->is_string()) return split_cmake_list(value_->get_ref<const std::string&>());
  return texts();
}

Result<Json> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without the library's own prefix.
    const std::string_view what = error.what();
    const std::size_t start = what.find("] ");
    return fail(std::string(start == what.npos ? what : what.substr(start + 2)));
  }
}

std::string dump_json(const Json& value) {
  if (!value.is_string()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  // Most properties of tests are: this takes a tenth of the time.
  std::string text;
  JsonWriter(text).text(value.get_ref<const std::string&>());
  return text;
}

}  // namespace ptests
