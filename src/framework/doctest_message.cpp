#include "framework/doctest_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "core/test_case.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_cut = "\n...";
constexpr std::size_t k_most = CaseEvent::k_most_message - k_cut.size();
/// Notes must not push out the failures.
constexpr std::size_t k_most_notes = CaseEvent::k_most_message / 2;
/// One giant value must not push out the other failures.
constexpr std::size_t k_most_part = 2000;
constexpr std::size_t k_most_kept = 50;

constexpr std::array<std::string_view, 7> k_leaves{"Original", "Exception", "ExpectedException", "ExpectedExceptionString", "Expanded",
                                                   "Info",     "Text"};

/// doctest indents texts.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_space = " \n\t\r";
  const std::size_t begin = text.find_first_not_of(k_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_space) - begin + 1);
}

std::string place_of(const XmlReader::Attributes& attributes) {
  const std::string_view file = attribute(attributes, "filename");
  return file.empty() ? std::string() : fmt::format("{}:{}: ", file, attribute(attributes, "line"));
}

}  // namespace

std::string_view attribute(const XmlReader::Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

void DoctestMessage::began(std::string_view element, const Attributes& attributes) {
  if (element == "TestCase") where_ = place_of(attributes);
  if (element == "SubCase" && subcases_.size() < k_most_kept) subcases_.emplace_back(utf8_prefix(attribute(attributes, "name"), 200));
  if (element == "Expression" || element == "Message") {
    open_ = attributes;
    is_open_ = true;
    parts_.clear();
    infos_.clear();
  }
  leaf_ = std::find(k_leaves.begin(), k_leaves.end(), element) == k_leaves.end() ? "" : element;
  if (!leaf_.empty()) parts_[leaf_].clear();
}

void DoctestMessage::text(std::string_view text) {
  if (leaf_.empty()) return;
  std::string& part = parts_[leaf_];
  part += text.substr(0, CaseEvent::k_most_message - std::min(part.size(), CaseEvent::k_most_message));
}

void DoctestMessage::ended(std::string_view element) {
  if (element == "Info" && infos_.size() < k_most_kept) infos_.push_back(part("Info"));
  if (element == "SubCase" && !subcases_.empty()) subcases_.pop_back();
  if (element == "Exception" && !is_open_) add_exception();
  if (element == "Expression") add_expression();
  if (element == "Message") add_message();
  if (element == "Expression" || element == "Message") is_open_ = false;
  leaf_.clear();
}

std::string DoctestMessage::part(std::string_view element) const {
  const auto found = parts_.find(element);
  if (found == parts_.end()) return {};
  const std::string_view text = trimmed(found->second);
  return text.size() <= k_most_part ? std::string(text) : std::string(utf8_prefix(text, k_most_part)) + "...";
}

void DoctestMessage::add(std::string_view line) { add_weighted(line, Weight::failure); }

void DoctestMessage::add_weighted(std::string_view line, Weight weight) {
  if (is_cut_) return;
  if (weight == Weight::note && lines_.size() + line.size() > k_most_notes) return;
  if (!lines_.empty()) lines_ += '\n';
  lines_ += line;
  if (lines_.size() <= k_most) return;
  lines_ = std::string(utf8_prefix(lines_, k_most)).append(k_cut);
  is_cut_ = true;
}

std::string DoctestMessage::place() const {
  const std::string own = place_of(open_);
  return own.empty() ? where_ : own;
}

std::string DoctestMessage::surroundings() const {
  std::string lines;
  for (const std::string& info : infos_) lines += "\n  with: " + info;
  return lines + in_subcase();
}

std::string DoctestMessage::in_subcase() const { return subcases_.empty() ? std::string() : "\n  in subcase: " + join(subcases_, " / "); }

void DoctestMessage::add_expression() {
  // With --success those that hold are told too.
  if (attribute(open_, "success") == "true") return;
  const std::string_view type = attribute(open_, "type");
  const std::string expected_text = part("ExpectedExceptionString");
  const std::string expected_type = part("ExpectedException");
  std::string line = fmt::format("{}{}( {}", place(), type, part("Original"));
  if (!expected_text.empty()) line += fmt::format(", \"{}\"", expected_text);
  if (!expected_type.empty()) line += ", " + expected_type;
  line += " )";
  const bool wants_exception = type.find("_THROWS") != std::string_view::npos;
  if (parts_.contains("Exception"))
    line += (wants_exception ? " threw another exception: " : " threw: ") + part("Exception");
  else if (wants_exception)
    line += " did not throw";
  else if (const std::string expanded = part("Expanded"); !expanded.empty() && expanded != part("Original"))
    line += " with expansion: " + expanded;
  add_weighted(line + surroundings(), type.starts_with("WARN") ? Weight::note : Weight::failure);
}

void DoctestMessage::add_message() {
  const bool is_note = attribute(open_, "type") == "WARNING";
  add_weighted(place() + (is_note ? "message: " : "") + part("Text") + surroundings(), is_note ? Weight::note : Weight::failure);
}

std::string DoctestMessage::crash() const {
  DoctestMessage message;
  message.add(where_ + part("Exception") + in_subcase());
  if (!lines_.empty()) message.add(lines_);
  return message.lines();
}

void DoctestMessage::add_exception() {
  // What it was is told when it has left the subcases.
  if (part("Exception").starts_with("exception thrown in subcase - will translate later")) {
    thrown_in_ = in_subcase();
    return;
  }
  add(fmt::format("{}exception: {}{}", where_, part("Exception"), thrown_in_));
  thrown_in_.clear();
}

}  // namespace ptests
