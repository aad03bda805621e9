#include "framework/listener_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <unordered_map>

#include "base/utf8.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_head = "ptests 1 ";
constexpr std::size_t k_longest_line = 65536;  // with its newline
constexpr std::size_t k_most_fields = 6;
constexpr std::size_t k_most_nested = 16;

/// The fields of a line: `count` is k_most_fields + 1 when there are more.
struct Fields {
  std::array<std::string_view, k_most_fields> text;
  std::size_t count = 0;
};

Fields fields_of(std::string_view line) {
  Fields fields;
  while (fields.count < k_most_fields) {
    const std::size_t space = line.find(' ');
    fields.text[fields.count++] = line.substr(0, space);
    if (space == std::string_view::npos) return fields;
    line.remove_prefix(space + 1);
  }
  ++fields.count;
  return fields;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

/// Nothing when it is not of the form that our listeners write.
std::optional<std::string> decoded(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string bytes;
  if (text == "%") return bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= 0x20 || byte == 0x7f) return std::nullopt;
    if (byte != '%') {
      bytes += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const std::optional<unsigned> high = hex_digit(text[i + 1]);
    const std::optional<unsigned> low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return bytes;
}

std::optional<Status> status_of(std::string_view word) {
  if (word == "passed") return Status::passed;
  if (word == "failed") return Status::failed;
  if (word == "skipped") return Status::skipped;
  return std::nullopt;
}

/// When something happened, and how much output there was.
struct Moment {
  Seconds at{};
  std::optional<std::uint64_t> offset;
};

std::optional<Moment> moment(std::string_view time, std::string_view offset) {
  const std::optional<std::uint64_t> nanoseconds = number(time);
  const std::optional<std::uint64_t> bytes = number(offset);
  if (!nanoseconds || (!bytes && offset != "-")) return std::nullopt;
  return Moment{std::chrono::duration<double, std::nano>(*nanoseconds), bytes};
}

/// Lists of frameworks do not keep all white space of a name: Catch2 2 breaks lines in it, XML attributes have no line breaks.
std::string without_space(std::string_view id) {
  std::string text;
  for (const char c : id)
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\v' && c != '\f') text += c;
  return text;
}

/// The cases of one id that were asked for, and how many of them have started.
struct SameId {
  std::vector<std::size_t> indices;
  std::size_t started = 0;
};

/// Only the first case that runs is of our process. What starts before it has ended runs in another process that this case executed
/// in a way that our listener could not see, or in the one that replaced it.
struct Running {
  std::string id;
  std::optional<std::size_t> index;  ///< nothing for a case that was not asked for, or is not ours
  Seconds since{};
  bool is_crashing = false;
};

CaseEvent event_of(CaseEvent::Kind kind, std::size_t index, const Moment& when) {
  CaseEvent event;
  event.kind = kind;
  event.index = index;
  event.at = when.at;
  event.output_offset = when.offset;
  return event;
}

class ListenerReader : public CaseReader {
 public:
  ListenerReader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
    for (const std::size_t index : chosen)
      if (index < cases.size()) chosen_[without_space(cases[index].id)].indices.push_back(index);
  }

  void read(std::string_view bytes, std::vector<CaseEvent>& events) override {
    while (!bytes.empty()) {
      const std::size_t newline = bytes.find('\n');
      keep(bytes.substr(0, newline));
      if (newline == std::string_view::npos) return;
      if (!is_too_long_) read_line(line_, events);
      line_.clear();
      is_too_long_ = false;
      bytes.remove_prefix(newline + 1);
    }
  }

 private:
  void keep(std::string_view part) {
    is_too_long_ = is_too_long_ || line_.size() + part.size() >= k_longest_line;
    if (is_too_long_)
      line_.clear();
    else
      line_ += part;
  }

  void read_line(std::string_view line, std::vector<CaseEvent>& events) {
    if (!is_first_read_) is_ours_ = is_of_listener(line);
    is_first_read_ = true;
    if (!is_ours_) return;
    const Fields fields = fields_of(line);
    const auto& text = fields.text;
    // Strictly as many as there have to be: two lines that a full disk made one have more.
    if (text[0] == "start" && fields.count == 6) return start(moment(text[1], text[2]), number(text[3]), text[4], decoded(text[5]), events);
    if (text[0] == "note" && fields.count == 5) return note(moment(text[1], text[2]), decoded(text[3]), decoded(text[4]), events);
    if (text[0] == "end" && fields.count == 6)
      return end(moment(text[1], text[2]), status_of(text[3]), decoded(text[4]), decoded(text[5]), events);
  }

  void start(const std::optional<Moment>& when, std::optional<std::uint64_t> line, std::string_view file, std::optional<std::string> id,
             std::vector<CaseEvent>& events) {
    if (!when || !line || !decoded(file) || !id || running_.size() == k_most_nested) return;
    Running one{.id = std::move(*id), .index = std::nullopt, .since = when->at, .is_crashing = false};
    if (running_.empty()) one.index = next_of(one.id);
    if (one.index) events.push_back(event_of(CaseEvent::Kind::started, *one.index, *when));
    running_.push_back(std::move(one));
  }

  void note(const std::optional<Moment>& when, const std::optional<std::string>& id, const std::optional<std::string>& message,
            std::vector<CaseEvent>& events) {
    if (!when || !id || !message) return;
    const auto found = find_running(*id);
    if (found == running_.rend() || !found->index) return;
    found->is_crashing = true;
    CaseEvent event = event_of(CaseEvent::Kind::noted, *found->index, *when);
    event.message = utf8_prefix(*message, CaseEvent::k_most_message);
    events.push_back(std::move(event));
  }

  void end(const std::optional<Moment>& when, std::optional<Status> status, const std::optional<std::string>& id,
           const std::optional<std::string>& message, std::vector<CaseEvent>& events) {
    if (!when || !status || !id || !message) return;
    const auto found = find_running(*id);
    if (found == running_.rend()) return;
    const Running one = std::move(*found);
    running_.erase(found.base() - 1, running_.end());
    // One that was crashing ended only in the eyes of its framework.
    if (!one.index || one.is_crashing) return;
    CaseEvent event = event_of(CaseEvent::Kind::ended, *one.index, *when);
    event.status = *status;
    event.message = utf8_prefix(*message, CaseEvent::k_most_message);
    if (when->at >= one.since) event.duration = when->at - one.since;
    events.push_back(std::move(event));
  }

  std::optional<std::size_t> next_of(const std::string& id) {
    const auto found = chosen_.find(without_space(id));
    if (found == chosen_.end() || found->second.started == found->second.indices.size()) return std::nullopt;
    return found->second.indices[found->second.started++];
  }

  /// The one that started last.
  std::vector<Running>::reverse_iterator find_running(const std::string& id) {
    return std::find_if(running_.rbegin(), running_.rend(), [&](const Running& one) { return one.id == id; });
  }

  std::unordered_map<std::string, SameId> chosen_;  ///< by ids without white space
  std::vector<Running> running_;
  std::string line_;  ///< what there is of the next one
  bool is_too_long_ = false;
  bool is_first_read_ = false;
  bool is_ours_ = false;
};

}  // namespace

bool is_of_listener(std::string_view events) { return events.starts_with(k_head); }

std::unique_ptr<CaseReader> make_listener_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  return std::make_unique<ListenerReader>(cases, chosen);
}

}  // namespace ptests
