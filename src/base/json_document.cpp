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
    name_ = copy_of(name, *memory_);
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
  const JsonValue& root() const { return waiting_.front().value; }

 private:
  struct Open {
    std::size_t first;  ///< of its elements or members in waiting_
    std::string_view name;
  };

  bool add(const JsonValue& value) {
    waiting_.push_back({std::exchange(name_, {}), value});
    return true;
  }
  bool open();
  bool close(const JsonValue& value) {
    waiting_.resize(open_.back().first);
    name_ = open_.back().name;
    open_.pop_back();
    return add(value);
  }

  Memory* memory_;
  std::vector<JsonMember> waiting_;  ///< what is read of the objects and arrays that are open; at the end the root
  std::vector<Open> open_;
  std::string_view name_;
  std::string error_;
};

bool Builder::open() {
  if (open_.size() == k_deepest) {
    error_ = fmt::format("parse error: nested more than {} deep", k_deepest);
    return false;
  }
  open_.push_back({waiting_.size(), std::exchange(name_, {})});
  return true;
}

bool Builder::end_array() {
  const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(open_.back().first);
  const auto count = static_cast<std::size_t>(waiting_.end() - first);
  auto* const elements = room_for<JsonValue>(count, *memory_);
  std::transform(first, waiting_.end(), elements, [](const JsonMember& element) { return element.value; });
  return close(JsonValue(std::span<const JsonValue>(elements, count)));
}

bool Builder::end_object() {
  const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(open_.back().first);
  if (!std::is_sorted(first, waiting_.end(), is_before)) std::stable_sort(first, waiting_.end(), is_before);
  // The last one of those with one name.
  auto end = first;
  for (auto member = first; member != waiting_.end(); ++member) {
    if (end != first && std::prev(end)->name == member->name) --end;
    *end++ = *member;
  }
  const auto count = static_cast<std::size_t>(end - first);
  auto* const members = room_for<JsonMember>(count, *memory_);
  std::uninitialized_copy(first, end, members);
  return close(JsonValue(std::span<const JsonMember>(members, count)));
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
