#include "base/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace ptests {

namespace {

/// Most properties of tests are strings: this takes a tenth of the time of nlohmann's.
std::string dump_text(std::string_view value) {
  std::string text;
  JsonWriter(text).text(value);
  return text;
}

Json to_json(const JsonValue& value) {
  using Kind = JsonValue::Kind;
  Json json;
  switch (value.kind()) {
    case Kind::null: break;
    case Kind::boolean: json = value.boolean(); break;
    case Kind::integer: json = value.whole_number<std::int64_t>(); break;
    case Kind::natural: json = value.whole_number<std::uint64_t>(); break;
    case Kind::fraction: json = value.number(); break;
    case Kind::text: json = value.text(); break;
    case Kind::array:
      json = Json::array();
      for (const JsonValue& element : value.elements()) json.push_back(to_json(element));
      break;
    case Kind::object:
      json = Json::object();
      for (const auto& [name, member] : value.members()) json.emplace(name, to_json(member));
      break;
  }
  return json;
}

}  // namespace

JsonAt::JsonAt(const JsonAt& parent, std::string_view key) : parent_(&parent), key_(key) {
  if (parent.value_ == nullptr || !parent.value_->is_object()) return;
  value_ = parent.value_->find(key);
}

JsonAt::JsonAt(const JsonAt& parent, std::size_t index) : parent_(&parent), index_(index), is_element_(true) {
  if (parent.value_ == nullptr || !parent.value_->is_array()) return;
  if (const auto elements = parent.value_->elements(); index < elements.size()) value_ = &elements[index];
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
  if (!exists() || !value_->is_text()) return expected("a string");
  return std::string(value_->text());
}

Result<std::span<const JsonValue>> JsonAt::array() const {
  if (!exists() || !value_->is_array()) return expected("an array");
  return value_->elements();
}

Result<std::span<const JsonMember>> JsonAt::object() const {
  if (!exists() || !value_->is_object()) return expected("an object");
  return value_->members();
}

Result<std::vector<std::string>> JsonAt::texts() const {
  const auto elements = array();
  if (!elements) return expected("an array of strings");
  std::vector<std::string> result;
  result.reserve(elements->size());
  for (std::size_t i = 0; i < elements->size(); ++i) {
    Result<std::string> element = JsonAt(*this, i).text();
    if (!element) return tl::unexpected(element.error());
    result.push_back(std::move(*element));
  }
  return result;
}

Result<double> JsonAt::cmake_number() const {
  if (exists() && value_->is_number()) return value_->number();
  if (exists() && value_->is_text())
    if (const std::optional<double> number = parse_number(value_->text())) return *number;
  return expected("a number");
}

Result<int> JsonAt::cmake_int() const {
  const Result<double> number = cmake_number();
  const bool whole = number && std::nearbyint(*number) == *number && std::abs(*number) <= std::numeric_limits<int>::max();
  if (!whole) return expected("a whole number");
  return static_cast<int>(*number);
}

Result<bool> JsonAt::cmake_bool() const {
  if (exists() && value_->is_boolean()) return value_->boolean();
  if (exists() && value_->is_text()) return is_cmake_on(value_->text());
  return expected("true or false");
}

Result<std::vector<std::string>> JsonAt::cmake_list() const {
  if (exists() && value_->is_text()) return split_cmake_list(value_->text());
  return texts();
}

std::string dump_json(const Json& value) {
  if (!value.is_string()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return dump_text(value.get_ref<const std::string&>());
}

std::string dump_json(const JsonValue& value) { return value.is_text() ? dump_text(value.text()) : dump_json(to_json(value)); }

}  // namespace ptests
