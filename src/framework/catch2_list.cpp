#include "framework/catch2_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "base/xml_reader.hpp"
#include "framework/catch2_reader.hpp"

namespace ptests {

namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t k_first_width = 77;  ///< of the first line of a name, behind its indent
constexpr std::size_t k_other_width = 75;  ///< of the lines below it, and of a location
constexpr std::string_view k_no_description = "    (NO DESCRIPTION)";

// Where Catch2 2.13 breaks lines; source: Catch::clara::TextFlow::Column.
bool is_break_before(char c) { return std::string_view("[({<|").find(c) != std::string_view::npos; }
bool is_break_after(char c) { return std::string_view("])}>.,:;*+-=&/\\").find(c) != std::string_view::npos; }
bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Length of the first piece of `text` that is not broken.
std::size_t first_piece(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at)
    if (is_white(text[at]) || is_break_before(text[at]) || is_break_after(text[at - 1])) return at;
  return text.size();
}

std::size_t indent_of(std::string_view line) {
  const std::size_t indent = line.find_first_not_of(' ');
  return indent == std::string_view::npos ? line.size() : indent;
}

std::string_view behind_indent(std::string_view line, std::size_t indent) { return line.substr(std::min(indent, line.size())); }

bool ends_in_line_number(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

SourceLocation location_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return {std::string(text.substr(0, colon)), parse_int(text.substr(colon + 1)).value_or(0)};
}

/// What stood between two lines of a name: a space, nothing ("-" was put in), or '\n' where that cannot be known.
void join_line(std::string& name, std::string_view above, std::string_view below, std::size_t width) {
  const bool is_one_empty = below.empty() || above.empty();
  const auto was_put_in = [&] { return above.size() == width && above.back() == '-' && first_piece(above) == width; };
  const auto is_unknown = [&] {
    return above.size() + 1 + first_piece(below) < width || is_break_after(above.back()) || is_break_before(below.front());
  };
  if (!is_one_empty && was_put_in())
    name.pop_back();
  else
    name += is_one_empty || is_unknown() ? '\n' : ' ';
  name += below;
}

/// The likeliest text for the '\n' between `before` and `after`.
std::string_view likely_join(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty() || before.ends_with("::") || after.front() == '<') return "";
  const char last = before.back();
  if (std::string_view("*+-=&/\\.").find(last) != std::string_view::npos)
    return before.size() > 1 && is_white(before[before.size() - 2]) ? " " : "";
  if (std::string_view(")]}>").find(last) != std::string_view::npos && is_break_after(after.front())) return "";
  return " ";
}

std::string name_for_people(const std::string& id) {
  std::string name;
  for (std::size_t at = 0; at < id.size(); ++at) {
    if (id[at] == '\n') {
      name += likely_join(name, std::string_view(id).substr(at + 1));
    } else {
      name += id[at];
    }
  }
  const std::size_t begin = name.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return id;
  return name.substr(begin, name.find_last_not_of(" \t\r") - begin + 1);
}

TestCase make_case(std::string id, SourceLocation location, std::string_view tags) {
  TestCase made;
  made.name = name_for_people(id);
  made.id = std::move(id);
  made.location = std::move(location);
  made.labels = split_catch2_tags(tags);
  made.disabled = std::ranges::any_of(made.labels, [](const std::string& tag) { return tag == "." || tag == "!hide"; });
  return made;
}

/// The list of Catch2 2.13. Each case: its name, file and line, its description, its tags.
class PlainList {
 public:
  explicit PlainList(Lines lines) : lines_(std::move(lines)) {}

  Result<std::vector<TestCase>> parse() {
    std::vector<TestCase> cases;
    while (at_ < lines_.size()) {
      std::optional<TestCase> one = next_case();
      if (!one) return fail(fmt::format("Catch2's list of cases makes no sense at its line \"{}\"", lines_[at_]));
      cases.push_back(std::move(*one));
    }
    return cases;
  }

 private:
  std::optional<TestCase> next_case() {
    if (indent_of(lines_[at_]) < 2) return std::nullopt;
    const std::size_t end = next_name(at_ + 1);
    const std::optional<std::size_t> description = description_line(end);
    if (!description || *description < at_ + 2) return std::nullopt;
    const std::size_t location = location_line(at_, *description);

    std::string id(behind_indent(lines_[at_], 2));
    for (std::size_t line = at_ + 1; line < location; ++line) {
      const bool is_second = line == at_ + 1;
      join_line(id, behind_indent(lines_[line - 1], is_second ? 2 : 4), behind_indent(lines_[line], 4),
                is_second ? k_first_width : k_other_width);
    }
    std::string place;
    for (std::size_t line = location; line < *description; ++line) place += behind_indent(lines_[line], 4);
    if (!ends_in_line_number(place)) return std::nullopt;

    at_ = *description + 1;
    // A description of its own may have more lines.
    while (lines_[*description] != k_no_description && at_ < end && !is_tag_line(at_)) ++at_;
    return make_case(std::move(id), location_of(place), take_tags());
  }

  /// The next line that can only begin a name.
  std::size_t next_name(std::size_t from) const {
    while (from < lines_.size() && indent_of(lines_[from]) >= 4) ++from;
    return from;
  }

  /// The line below the location.
  std::optional<std::size_t> description_line(std::size_t end) const {
    const auto usual = std::find(lines_.begin() + static_cast<std::ptrdiff_t>(at_ + 1), lines_.begin() + static_cast<std::ptrdiff_t>(end),
                                 k_no_description);
    const auto usual_line = static_cast<std::size_t>(usual - lines_.begin());
    for (std::size_t line = at_ + 1; line + 1 < end && line + 1 < usual_line; ++line) {
      if (!ends_in_line_number(lines_[line])) continue;
      // With a description of its own; or a name with a line that ends as a location does.
      const bool is_path = lines_[location_line(at_, line + 1)].starts_with("    /");
      if (is_path || usual_line == end || location_line(at_, usual_line) <= line) return line + 1;
    }
    return usual_line == end ? std::nullopt : std::optional(usual_line);
  }

  /// Where the location above `description` begins: long paths are wrapped too. An absolute one begins with the last line that begins
  /// with `/`.
  std::size_t location_line(std::size_t name, std::size_t description) const {
    for (std::size_t line = description - 1; line > name; --line)
      if (lines_[line].starts_with("    /")) return line;
    std::size_t line = description - 1;
    while (line > name + 1 && goes_on_as_path(lines_[line - 1], lines_[line])) --line;
    return line;
  }

  static bool goes_on_as_path(std::string_view above, std::string_view below) {
    above = behind_indent(above, 4);
    below = behind_indent(below, 4);
    return !above.empty() && above.find(' ') == std::string_view::npos && is_break_after(above.back()) &&
           above.size() + first_piece(below) > k_other_width;
  }

  bool is_tag_line(std::size_t line) const {
    if (!lines_[line].starts_with("      [")) return false;
    // Or a name that begins with spaces and `[`: a location is below it.
    const std::size_t end = next_name(line);
    const auto usual =
        std::find(lines_.begin() + static_cast<std::ptrdiff_t>(line), lines_.begin() + static_cast<std::ptrdiff_t>(end), k_no_description);
    const auto description = static_cast<std::size_t>(usual - lines_.begin());
    return description == end || description < line + 2 || location_line(line, description) != line + 1;
  }

  std::string take_tags() {
    std::string tags;
    while (at_ < lines_.size()) {
      const bool is_open = tags.rfind('[') != std::string::npos && tags.rfind('[') > tags.rfind(']') + 1;
      if (!is_open && !is_tag_line(at_)) return tags;
      if (is_open) tags += ' ';
      tags += behind_indent(lines_[at_++], 6);
    }
    return tags;
  }

  Lines lines_;
  std::size_t at_ = 0;
};

/// Nothing: it is not there.
std::optional<Lines> plain_lines(std::string_view output) {
  Lines lines = split(output, '\n');
  const auto is_head = [](const std::string& line) { return line == "Matching test cases:" || line == "All available test cases:"; };
  const auto head = std::ranges::find_if(lines, is_head);
  if (head == lines.end()) return std::nullopt;
  lines.erase(lines.begin(), head + 1);
  return lines;
}

Result<std::vector<TestCase>> parse_plain(Lines lines) {
  const auto is_count = [](const std::string& line) {
    return !line.empty() && line.front() >= '0' && line.front() <= '9' && (line.ends_with(" test case") || line.ends_with(" test cases"));
  };
  const auto count = std::ranges::find_if(lines, is_count);
  if (count == lines.end()) return fail("Catch2's list of cases ends too early", "does the executable crash or exit while it lists?");
  const auto expected = static_cast<std::size_t>(parse_int(std::string_view(*count).substr(0, count->find(' '))).value_or(0));
  lines.erase(count, lines.end());
  Result<std::vector<TestCase>> cases = PlainList(std::move(lines)).parse();
  if (cases && cases->size() != expected)
    return fail(fmt::format("Catch2 lists {} cases, and {} can be told apart in its list", expected, cases->size()),
                "a name that begins with spaces, or is of several lines?");
  return cases;
}

/// The list of Catch2 3.
class XmlList final : public XmlReader::Handler {
 public:
  void began(std::string_view element, const XmlReader::Attributes& /*attributes*/) override {
    text_.clear();
    if (element == "TestCase") name_ = file_ = line_ = tags_ = {};
  }
  void text(std::string_view text) override { text_ += text; }
  void ended(std::string_view element) override {
    if (element == "Name") name_ = text_;
    if (element == "File") file_ = text_;
    if (element == "Line") line_ = text_;
    if (element == "Tags") tags_ = text_;
    if (element == "TestCase") cases.push_back(make_case(name_, {file_, parse_int(line_).value_or(0)}, tags_));
    text_.clear();
  }

  std::vector<TestCase> cases;

 private:
  std::string text_;
  std::string name_;
  std::string file_;
  std::string line_;
  std::string tags_;
};

Result<std::vector<TestCase>> parse_xml(std::string_view document) {
  XmlList list;
  XmlReader reader(list);
  Catch2XmlBytes bytes;
  reader.read(bytes.clean(document));
  if (!reader.finish())
    return fail("Catch2's list of cases is not well-formed: " + reader.error(), "does the executable crash or exit while it lists?");
  return std::move(list.cases);
}

/// The XML document in it, without what the executable printed before and after it; "" = there is none.
std::string_view document_in(std::string_view output) {
  const std::size_t begin = output.find("<MatchingTests");
  if (begin == std::string_view::npos) return {};
  constexpr std::string_view k_end = "</MatchingTests>";
  const std::size_t end = output.find(k_end, begin);
  if (end != std::string_view::npos) return output.substr(begin, end - begin + k_end.size());
  constexpr std::string_view k_empty = "<MatchingTests/>";
  return output.substr(begin, output.substr(begin).starts_with(k_empty) ? k_empty.size() : std::string_view::npos);
}

}  // namespace

Result<std::vector<TestCase>> parse_catch2_list(std::string_view output) {
  if (std::optional<Lines> lines = plain_lines(output)) return parse_plain(std::move(*lines));
  const std::string_view document = document_in(output);
  if (!document.empty()) return parse_xml(document);
  constexpr std::size_t k_most_shown = 400;
  const std::string said(utf8_prefix(output, k_most_shown));
  return fail("the executable does not list its cases as Catch2 does; it says: " + (said.empty() ? "nothing" : said),
              "is FRAMEWORK catch2 right, and does its main hand its arguments to Catch2?");
}

}  // namespace ptests
