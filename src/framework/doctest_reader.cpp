#include "framework/doctest_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "framework/doctest_message.hpp"
#include "framework/doctest_xml.hpp"

namespace ptests {

namespace {

/// Follows the elements of a run.
class Elements : public XmlReader::Handler {
 public:
  Elements(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen)
      : cases_(cases), chosen_(chosen.begin(), chosen.end()), range_(doctest_range(cases, chosen)) {}

  void began(std::string_view element, const XmlReader::Attributes& attributes) override;
  void ended(std::string_view element) override;
  void text(std::string_view text) override {
    if (current_) message_.text(text);
  }

  std::vector<CaseEvent>* events = nullptr;

 private:
  bool is_as_ordered(const XmlReader::Attributes& options) const;
  void begin_case(const XmlReader::Attributes& attributes);
  void end_case(const XmlReader::Attributes& results);
  void add_reason(const XmlReader::Attributes& results);
  std::optional<std::size_t> find(const XmlReader::Attributes& attributes) const;
  CaseEvent event(CaseEvent::Kind kind) const;

  const std::vector<TestCase>& cases_;
  std::vector<std::size_t> chosen_;
  DoctestRange range_;
  std::size_t next_ = 0;                ///< in chosen_: those before it have been started
  std::optional<std::size_t> current_;  ///< in cases_
  XmlReader::Attributes about_;         ///< the current case
  DoctestMessage message_;
  bool is_crash_ = false;  ///< the open element tells of one
  bool is_deaf_ = false;   ///< nothing that follows counts
};

void Elements::began(std::string_view element, const XmlReader::Attributes& attributes) {
  if (is_deaf_) return;
  if (element == "Options" && !is_as_ordered(attributes)) is_deaf_ = true;
  if (element == "TestCase") begin_case(attributes);
  if (!current_) return;
  message_.began(element, attributes);
  if (element == "Exception" && attribute(attributes, "crash") == "true") is_crash_ = true;
  // Those of the whole run have no such attribute.
  if (element == "OverallResultsAsserts" && attributes.contains("test_case_success")) end_case(attributes);
}

void Elements::ended(std::string_view element) {
  if (is_deaf_ || !current_) return;
  if (element == "TestCase") {
    current_.reset();
  } else if (is_crash_ && element == "Exception") {
    CaseEvent noted = event(CaseEvent::Kind::noted);
    noted.message = message_.crash();
    events->push_back(std::move(noted));
    // doctest goes on as if the case had ended.
    is_deaf_ = true;
  } else {
    message_.ended(element);
  }
}

/// A main() of its own may overrule the command line: then other cases run than those asked for.
bool Elements::is_as_ordered(const XmlReader::Attributes& options) const {
  const auto agrees = [&](std::string_view name, std::string_view value) {
    const auto found = options.find(name);
    return found == options.end() || found->second == value;
  };
  return agrees("order_by", "file") && agrees("first", std::to_string(range_.first)) && agrees("last", std::to_string(range_.last)) &&
         agrees("no_skip", range_.with_disabled ? "true" : "false");
}

void Elements::begin_case(const XmlReader::Attributes& attributes) {
  current_.reset();
  // One that is left out, or in a list.
  if (attributes.contains("skipped") || attributes.contains("testsuite")) return;
  const auto found = find(attributes);
  if (!found) return;
  next_ = *found + 1;
  current_ = chosen_[*found];
  about_ = attributes;
  message_ = DoctestMessage();
  events->push_back(event(CaseEvent::Kind::started));
}

/// Cases run in the order of the list, so the first that fits is the one, even among several of one name.
std::optional<std::size_t> Elements::find(const XmlReader::Attributes& attributes) const {
  const auto line = parse_int(attribute(attributes, "line")).value_or(0);
  for (std::size_t i = next_; i < chosen_.size(); ++i) {
    const TestCase& test_case = cases_[chosen_[i]];
    if (test_case.id == attribute(attributes, "name") && test_case.location.line == line &&
        test_case.location.file == attribute(attributes, "filename"))
      return i;
  }
  return std::nullopt;
}

void Elements::end_case(const XmlReader::Attributes& results) {
  CaseEvent ended = event(CaseEvent::Kind::ended);
  const bool has_passed = attribute(results, "test_case_success") == "true";
  ended.status = has_passed ? Status::passed : Status::failed;
  if (const auto seconds = parse_number(attribute(results, "duration")); seconds && *seconds >= 0) ended.duration = Seconds(*seconds);
  if (!has_passed) {
    add_reason(results);
    ended.message = message_.lines();
  }
  events->push_back(std::move(ended));
  current_.reset();
}

/// What no assertion says.
void Elements::add_reason(const XmlReader::Attributes& results) {
  const std::string where = fmt::format("{}:{}: ", attribute(about_, "filename"), attribute(about_, "line"));
  const std::string_view failures = attribute(results, "failures");
  const auto limit = parse_number(attribute(about_, "timeout"));
  const auto seconds = parse_number(attribute(results, "duration"));
  if (attribute(about_, "should_fail") == "true") {
    message_.add(where + "should have failed, but did not");
  } else if (results.contains("expected_failures") && failures != attribute(results, "expected_failures")) {
    message_.add(fmt::format("{}failed assertions: {}, expected: {}", where, failures, attribute(results, "expected_failures")));
  }
  if (limit && seconds && *seconds > *limit)
    message_.add(fmt::format("{}took {} s, more than its timeout of {} s", where, *seconds, *limit));
  if (message_.lines().empty()) message_.add(fmt::format("{}failed assertions: {}", where, failures));
}

CaseEvent Elements::event(CaseEvent::Kind kind) const {
  CaseEvent event;
  event.kind = kind;
  event.index = *current_;
  return event;
}

class DoctestReader : public CaseReader {
 public:
  DoctestReader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) : elements_(cases, chosen), xml_(elements_) {}

  void read(std::string_view bytes, std::vector<CaseEvent>& events) override {
    elements_.events = &events;
    xml_.read(bytes);
  }

 private:
  Elements elements_;
  DoctestXml xml_;
};

}  // namespace

DoctestRange doctest_range(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  // Behind the last one: nothing runs.
  if (chosen.empty()) return {cases.size() + 1, cases.size() + 1, false};
  if (cases[chosen.front()].disabled) {
    assert(chosen.size() == 1);
    return {chosen.front() + 1, chosen.front() + 1, true};
  }
  const auto counted =
      std::count_if(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(chosen.front()), [](const auto& c) { return !c.disabled; });
  const std::size_t first = static_cast<std::size_t>(counted) + 1;
  return {first, first + chosen.size() - 1, false};
}

std::unique_ptr<CaseReader> make_doctest_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  return std::make_unique<DoctestReader>(cases, chosen);
}

}  // namespace ptests
