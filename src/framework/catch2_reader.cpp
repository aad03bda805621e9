#include "framework/catch2_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "base/xml_reader.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_white = " \t\n\r\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(k_white);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_white) - begin + 1);
}

/// As many bytes of `text` as `to` may still take.
void append_capped(std::string& to, std::string_view text) {
  if (to.size() >= CaseEvent::k_most_message) return;
  to += utf8_prefix(text, CaseEvent::k_most_message - to.size());
}

/// A name as the XML has it, without its white space: XML turns line breaks in attributes into spaces, and Catch2 trims names.
std::string key_of(std::string_view name) {
  std::string key;
  while (!name.empty()) {
    const Utf8Char c = decode_utf8(name);
    const auto byte = static_cast<unsigned char>(name.front());
    if (!c.valid || (c.size == 1 && k_white.find(name.front()) == std::string_view::npos && (byte < 0x20 || byte == 0x7f))) {
      key += fmt::format("\\x{:02X}", byte);
    } else if (k_white.find(name.front()) == std::string_view::npos) {
      key += name.substr(0, c.size);
    }
    name.remove_prefix(c.size);
  }
  return key;
}

bool is_in_xml(const Utf8Char& c) {
  if (c.size == 1) return c.code >= 0x20 || c.code == '\t' || c.code == '\n' || c.code == '\r';
  return c.code != 0xfffe && c.code != 0xffff;
}

/// Whether `bytes`, fewer than four, may be the head of a character.
bool may_be_cut(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.size() < size && utf8_suffix(bytes.substr(1)).empty();
}

const std::string& attribute(const XmlReader::Attributes& attributes, std::string_view name) {
  static const std::string none;
  const auto found = attributes.find(name);
  return found == attributes.end() ? none : found->second;
}

std::string place(const XmlReader::Attributes& attributes) {
  const std::string& file = attribute(attributes, "filename");
  return file.empty() ? "" : fmt::format("{}:{}: ", file, attribute(attributes, "line"));
}

CaseEvent make_event(CaseEvent::Kind kind, std::size_t index) {
  CaseEvent event;
  event.kind = kind;
  event.index = index;
  return event;
}

/// Which case an element TestCase is about.
class CaseIndex {
 public:
  CaseIndex(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) : cases_(&cases) {
    std::vector<bool> is_chosen(cases.size(), false);
    for (const std::size_t index : chosen)
      if (index < cases.size()) is_chosen[index] = true;
    for (std::size_t index = 0; index < cases.size(); ++index)
      by_name_[key_of(cases[index].id)].push_back({.index = index, .is_chosen = is_chosen[index]});
  }

  /// Nothing: one that was not asked for, or has run.
  std::optional<std::size_t> take(const XmlReader::Attributes& attributes) {
    const auto found = by_name_.find(key_of(attribute(attributes, "name")));
    if (found == by_name_.end()) return std::nullopt;
    std::vector<Entry*> fit;
    for (Entry& entry : found->second) fit.push_back(&entry);
    if (fit.size() > 1) keep(fit, [&](const TestCase& of) { return is_at(of, attributes); });
    if (fit.size() > 1) keep(fit, [&](const TestCase& of) { return has_tags(of, attributes); });
    // Cases that nothing tells apart run in the order of the list.
    for (Entry* entry : fit) {
      if (!entry->is_chosen || entry->has_run) continue;
      entry->has_run = true;
      return entry->index;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    std::size_t index = 0;
    bool is_chosen = false;
    bool has_run = false;
  };

  template <class Fits>
  void keep(std::vector<Entry*>& entries, Fits fits) const {
    std::erase_if(entries, [&](const Entry* entry) { return !fits((*cases_)[entry->index]); });
  }
  static bool is_at(const TestCase& of, const XmlReader::Attributes& attributes) {
    return of.location.line == parse_int(attribute(attributes, "line")) &&
           key_of(of.location.file) == key_of(attribute(attributes, "filename"));
  }
  static bool has_tags(const TestCase& of, const XmlReader::Attributes& attributes) {
    std::set<std::string> told;
    for (const std::string& tag : split_catch2_tags(attribute(attributes, "tags"))) told.insert(key_of(tag));
    std::set<std::string> listed;
    for (const std::string& tag : of.labels) listed.insert(key_of(tag));
    return told == listed;
  }

  const std::vector<TestCase>* cases_;
  std::unordered_map<std::string, std::vector<Entry>> by_name_;
};

class Catch2Reader final : public CaseReader, private XmlReader::Handler {
 public:
  Catch2Reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen)
      : cases_(&cases), index_(cases, chosen), xml_(static_cast<XmlReader::Handler&>(*this)) {}

  void read(std::string_view bytes, std::vector<CaseEvent>& events) override {
    events_ = &events;
    xml_.read(bytes_.clean(bytes));
    events_ = nullptr;
  }

 private:
  struct Expression {
    bool is_open = false;
    bool failed = false;
    bool is_told = false;  ///< by the exception in it
    std::string place;
    std::string macro;
    std::string original;
    std::string expanded;
  };

  void began(std::string_view element, const XmlReader::Attributes& attributes) override {
    text_.clear();
    if (element == "TestCase") return begin_case(attributes);
    if (!in_case_) return;
    if (element == "Section") {
      sections_.push_back(attribute(attributes, "name"));
    } else if (element == "Expression") {
      expression_ = {};
      expression_.is_open = true;
      expression_.failed = attribute(attributes, "success") != "true";
      expression_.place = place(attributes);
      expression_.macro = attribute(attributes, "type");
    } else if (element == "OverallResult") {
      result_ = attributes;
    } else if (element == "Exception" || element == "Failure" || element == "Skip" || element == "FatalErrorCondition") {
      place_ = place(attributes);
    }
  }

  // One byte more than a message may have: then it is known that there was more.
  void text(std::string_view text) override { text_ += text.substr(0, CaseEvent::k_most_message + 1 - text_.size()); }

  void ended(std::string_view element) override {
    if (!in_case_) return;
    const std::string text(trimmed(utf8_prefix(text_, CaseEvent::k_most_message)));
    text_.clear();
    if (element == "TestCase") {
      in_case_ = false;
      current_.reset();
    } else if (element == "Section") {
      if (!sections_.empty()) sections_.pop_back();
    } else if (element == "OverallResult") {
      end_case();
    } else if (element == "StdOut") {
      captured_out_ = text;
    } else if (element == "StdErr") {
      captured_error_ = text;
    } else {
      assertion_ended(element, text);
    }
  }

  void assertion_ended(std::string_view element, const std::string& text) {
    if (element == "Info") {
      if (infos_.size() < CaseEvent::k_most_message) append_capped(infos_, text + "\n");
    } else if (element == "Original") {
      expression_.original = text;
    } else if (element == "Expanded") {
      expression_.expanded = text;
    } else if (element == "Exception") {
      exception_ended(text);
    } else if (element == "Failure") {
      add_failure(place_ + "FAIL: " + text);
    } else if (element == "Skip") {
      append_capped(skip_, (skip_.empty() ? "" : "\n") + place_ + "SKIP: " + text);
      infos_.clear();
    } else if (element == "FatalErrorCondition") {
      fatal_error(text);
    } else if (element == "Expression") {
      if (expression_.failed && !expression_.is_told) add_failure(expression_text());
      expression_ = {};
      infos_.clear();
    }
  }

  void exception_ended(const std::string& text) {
    if (!expression_.is_open) return add_failure(place_ + "exception: " + text);
    add_failure(fmt::format("{}{}( {} ) threw: {}", expression_.place, expression_.macro, expression_.original, text));
    expression_.is_told = true;
  }

  void fatal_error(const std::string& text) {
    expression_.is_told = true;
    is_crashing_ = true;
    add_failure(place_ + text);
    if (!current_) return;
    CaseEvent event = make_event(CaseEvent::Kind::noted, *current_);
    event.message = failures_;
    events_->push_back(std::move(event));
  }

  std::string expression_text() const {
    std::string text = fmt::format("{}{}( {} )", expression_.place, expression_.macro, expression_.original);
    if (expression_.expanded == expression_.original) return text;
    const bool has_lines = expression_.expanded.find('\n') != std::string::npos;
    return text + " with expansion:" + (has_lines ? "\n" : " ") + expression_.expanded;
  }

  void add_failure(std::string text) {
    if (!infos_.empty()) text += "\n" + infos_;
    infos_.clear();
    if (!sections_.empty()) text += (text.ends_with('\n') ? "in section: " : "\nin section: ") + join(sections_, " / ");
    while (text.ends_with('\n')) text.pop_back();
    append_capped(failures_, (failures_.empty() ? "" : "\n") + text);
  }

  void begin_case(const XmlReader::Attributes& attributes) {
    in_case_ = true;
    is_crashing_ = false;
    sections_.clear();
    expression_ = {};
    for (std::string* text : {&infos_, &failures_, &skip_, &captured_out_, &captured_error_}) text->clear();
    current_ = index_.take(attributes);
    if (current_) events_->push_back(make_event(CaseEvent::Kind::started, *current_));
  }

  /// The signal handler of Catch2 ends the case that crashes; for us it does not end.
  void end_case() {
    if (!current_ || is_crashing_) return;
    CaseEvent event = make_event(CaseEvent::Kind::ended, *current_);
    const std::optional<int> skips = parse_int(attribute(result_, "skips"));
    if (attribute(result_, "success") != "true") {
      event.status = Status::failed;
      event.message = failure_message();
    } else if (skips.value_or(0) > 0) {
      event.status = Status::skipped;
      event.message = skip_;
    }
    const std::optional<double> seconds = parse_number(attribute(result_, "durationInSeconds"));
    if (seconds && *seconds >= 0) event.duration = Seconds{*seconds};
    events_->push_back(std::move(event));
    current_.reset();
  }

  std::string failure_message() const {
    std::string message = failures_;
    const std::vector<std::string>& tags = (*cases_)[*current_].labels;
    if (message.empty() && std::ranges::find(tags, "!shouldfail") != tags.end())
      message = "It is tagged [!shouldfail], and it did not fail.";
    // The reporter takes what the case prints there, and its log does not have it.
    const auto add = [&](std::string_view name, const std::string& captured) {
      if (!captured.empty()) append_capped(message, fmt::format("{}{}:\n{}", message.empty() ? "" : "\n", name, captured));
    };
    add("std::cout", captured_out_);
    add("std::cerr", captured_error_);
    return message;
  }

  const std::vector<TestCase>* cases_;
  CaseIndex index_;
  Catch2XmlBytes bytes_;
  XmlReader xml_;
  std::vector<CaseEvent>* events_ = nullptr;

  bool in_case_ = false;
  std::optional<std::size_t> current_;  ///< of the case that runs, when it was asked for
  bool is_crashing_ = false;
  std::vector<std::string> sections_;
  Expression expression_;
  std::string place_;  ///< of an exception, failure or skip
  std::string text_;   ///< of the element that is open
  std::string infos_;
  std::string failures_;
  std::string skip_;
  std::string captured_out_;
  std::string captured_error_;
  XmlReader::Attributes result_;
};

}  // namespace

std::string Catch2XmlBytes::clean(std::string_view bytes) {
  const std::string all = std::exchange(held_, {}) + std::string(bytes);
  std::string out;
  out.reserve(all.size());
  std::string_view rest = all;
  while (!rest.empty()) {
    const Utf8Char c = decode_utf8(rest);
    if (!c.valid && rest.size() < 4 && may_be_cut(rest)) {
      held_ = rest;
      break;
    }
    if (!c.valid) {
      out += '?';
    } else if (!is_in_xml(c)) {
      out += ' ';
    } else {
      out += rest.substr(0, c.size);
    }
    rest.remove_prefix(c.size);
  }
  return out;
}

std::vector<std::string> split_catch2_tags(std::string_view tags) {
  std::vector<std::string> all;
  while (true) {
    const std::size_t open = tags.find('[');
    const std::size_t close = tags.find(']', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) return all;
    all.emplace_back(tags.substr(open + 1, close - open - 1));
    tags.remove_prefix(close + 1);
  }
}

std::unique_ptr<CaseReader> make_catch2_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  return std::make_unique<Catch2Reader>(cases, chosen);
}

}  // namespace ptests
