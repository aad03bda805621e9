#include "base/json_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ptests {

namespace {

using Memory = std::pmr::monotonic_buffer_resource;

/// What it is written with needs a stack as deep.
constexpr std::size_t k_deepest = 256;

bool is_before(const JsonMember& member, const JsonMember& other) { return member.name < other.name; }

std::string_view copy_of(std::string_view text, Memory& memory) {
  if (text.empty()) return {};
  auto* const place = static_cast<char*>(memory.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

template <class T>
T* room_for(std::size_t count, Memory& memory) {
  return static_cast<T*>(memory.allocate(count * sizeof(T), alignof(T)));
}

/// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without the library's own prefix.
std::string message_of(std::string_view what) {
  const std::size_t start = what.find("] ");
  return std::string(start == what.npos ? what : what.substr(start + 2));
}

/// What nlohmann's reader tells of its tokens (json_sax_t) becomes values. `false` ends it.
class Builder {
 public:
  explicit Builder(Memory& memory) : memory_(&memory) {}

  bool null() { return add(JsonValue()); }
  bool boolean(bool value) { return add(JsonValue(value)); }
  bool number_integer(std::int64_t value) { return add(JsonValue(value)); }
  bool number_unsigned(std::uint64_t value) { return add(JsonValue(value)); }
  bool number_float(double value, const std::string& /*text*/) { return add(JsonValue(value)); }
  bool string(const std::string& value) { return add(JsonValue(copy_of(value, *memory_))); }
  bool binary(const nlohmann::json::binary_t& /*value*/) { return false; }
  bool key(const std::string& name) {
    names_.push_back(copy_of(name, *memory_));
    return true;
  }
  bool start_object(std::size_t /*size*/) { return open(); }
  bool start_array(std::size_t /*size*/) { return open(); }
  bool end_object();
  bool end_array();
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const nlohmann::json::exception& error) {
    error_ = message_of(error.what());
    return false;
  }

  const std::string& error() const { return error_; }
  const JsonValue& root() const { return waiting_.front(); }

 private:
  bool add(const JsonValue& value) {
    waiting_.push_back(value);
    return true;
  }
  bool open();
  /// `value` is what there was since open().
  bool close(const JsonValue& value) {
    waiting_.resize(firsts_.back());
    firsts_.pop_back();
    return add(value);
  }
  std::span<const JsonValue> since_open() const { return std::span(waiting_).subspan(firsts_.back()); }

  Memory* memory_;
  std::vector<JsonValue> waiting_;       ///< what was read of the objects and arrays that are open; at the end the root
  std::vector<std::string_view> names_;  ///< of those that are members
  std::vector<std::size_t> firsts_;      ///< of each object and array that is open, in waiting_
  std::string error_;
};

bool Builder::open() {
  if (firsts_.size() == k_deepest) {
    error_ = fmt::format("parse error: nested more than {} deep", k_deepest);
    return false;
  }
  firsts_.push_back(waiting_.size());
  return true;
}

bool Builder::end_array() {
  const std::span<const JsonValue> read = since_open();
  auto* const elements = room_for<JsonValue>(read.size(), *memory_);
  std::uninitialized_copy(read.begin(), read.end(), elements);
  return close(JsonValue(std::span<const JsonValue>(elements, read.size())));
}

bool Builder::end_object() {
  const std::span<const JsonValue> read = since_open();
  const std::size_t first_name = names_.size() - read.size();
  auto* const members = room_for<JsonMember>(read.size(), *memory_);
  auto* const all = members + read.size();
  for (std::size_t i = 0; i < read.size(); ++i) std::construct_at(members + i, JsonMember{names_[first_name + i], read[i]});
  names_.resize(first_name);
  if (!std::is_sorted(members, all, is_before)) std::stable_sort(members, all, is_before);
  // The last one of those with one name.
  auto* end = members;
  for (const auto* member = members; member != all; ++member) {
    if (end != members && end[-1].name == member->name) --end;
    *end++ = *member;
  }
  return close(JsonValue(std::span<const JsonMember>(members, end)));
}

}  // namespace

JsonValue::JsonValue(std::span<const JsonMember> members) : kind_(Kind::object), size_(members.size()), members_(members.data()) {}

double JsonValue::number() const {
  if (kind_ == Kind::fraction) return fraction_;
  return kind_ == Kind::integer ? static_cast<double>(integer_) : static_cast<double>(natural_);
}

std::span<const JsonMember> JsonValue::members() const { return {members_, size_}; }

const JsonValue* JsonValue::find(std::string_view name) const {
  const std::span<const JsonMember> all = members();
  const auto found = std::lower_bound(all.begin(), all.end(), name,
                                      [](const JsonMember& member, std::string_view wanted) { return member.name < wanted; });
  return found != all.end() && found->name == name ? &found->value : nullptr;
}

JsonDocument::JsonDocument(std::unique_ptr<Memory> memory, const JsonValue& root)
    : memory_(std::move(memory)), root_(std::construct_at(room_for<JsonValue>(1, *memory_), root)) {}

JsonDocument JsonDocument::of_text(std::string_view text) {
  auto memory = std::make_unique<Memory>(text.size() + sizeof(JsonValue) + alignof(JsonValue));
  const JsonValue root(copy_of(text, *memory));
  return {std::move(memory), root};
}

Result<JsonDocument> parse_json(std::string_view text) {
  auto memory = std::make_unique<Memory>(std::max<std::size_t>(text.size(), sizeof(JsonMember)));
  Builder builder(*memory);
  if (!nlohmann::json::sax_parse(text, &builder)) return fail(builder.error());
  return JsonDocument(std::move(memory), builder.root());
}

}  // namespace ptests
