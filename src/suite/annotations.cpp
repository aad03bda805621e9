#include "suite/annotations.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "core/bundle.hpp"
#include "suite/properties.hpp"
#include "suite/sources.hpp"

namespace ptests {

namespace {

constexpr int k_most_lines = 100;
constexpr std::size_t k_most_bytes = std::size_t{64} * 1024;

/// How a value becomes that of a property.
enum class Form : std::uint8_t {
  single,  ///< as it stands
  words,   ///< separated by spaces or commas, as one list
  flag,    ///< none, or what CMake takes for one
  text,    ///< to the end of the line; no property
};
/// What two of them are.
enum class Several : std::uint8_t { first_counts, add_up };

struct Known {
  std::string name;
  std::string property;  ///< "" for those that are none
  Form form = Form::single;
  Several several = Several::first_counts;
};

std::string dashed(std::string_view name) {
  std::string text = lower(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

/// The table of annotations: the limits by their names, and these.
std::vector<Known> make_known() {
  std::vector<Known> known{
      {"priority", "PTESTS_PRIORITY"},
      {"level", "PTESTS_LEVEL"},
      {"retries", "PTESTS_RETRIES", Form::words},
      {"processors", "PROCESSORS"},
      {"cost", "COST"},
      {"serial", "RUN_SERIAL", Form::flag},
      {"tag", "LABELS", Form::words, Several::add_up},
      {"depends-on", "DEPENDS", Form::words, Several::add_up},
      {"lock", "RESOURCE_LOCK", Form::words, Several::add_up},
      {"group", "PTESTS_GROUP", Form::words, Several::add_up},
      {"skip", "", Form::text},
      {"planned", "", Form::text},
  };
  for (const LimitInfo& info : k_limits)
    known.push_back({dashed(info.name), fmt::format("{}{}", info.kind == LimitKind::timeout ? "" : "PTESTS_", info.keyword)});
  return known;
}

const std::vector<Known>& all_known() {
  static const std::vector<Known> known = make_known();
  return known;
}

const Known* find_known(std::string_view name) {
  const std::vector<Known>& known = all_known();
  const auto found = std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.name == name; });
  return found == known.end() ? nullptr : &*found;
}

/// Words behind an @ that other tools know and that look like ours: of Doxygen, Javadoc, JSDoc, test frameworks; and plain ones.
constexpr std::array<std::string_view, 34> k_foreign{
    "test",    "tests",     "note",    "name",     "file",    "files",   "date",   "pre",        "post",
    "param",   "parameter", "private", "property", "package", "details", "detail", "deprecated", "dependencies",
    "section", "see",       "since",   "skipline", "snippet", "input",   "output", "protected",  "public",
    "retval",  "return",    "returns", "remark",   "remarks", "process", "state"};

/// Whether one character more, less or other, or two swapped ones, make one of the other.
bool is_one_slip(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  const bool swapped = a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
  return swapped || (a.size() <= 1 && b.size() <= 1);
}

/// What others call ours.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_synonyms{
    {{"label", "tag"}, {"labels", "tag"}, {"requires", "depends-on"}, {"disabled", "skip"}}};

/// The annotation that somebody may have meant who wrote `name`; "" unless it means or is nearly the same, or is the beginning of one.
std::string nearly(const std::string& name) {
  constexpr std::size_t k_long = 8;
  for (const auto& [synonym, ours] : k_synonyms)
    if (name == synonym) return std::string(ours);
  if (name.size() < 3 || std::find(k_foreign.begin(), k_foreign.end(), name) != k_foreign.end()) return {};
  std::vector<std::string> names;
  for (const Known& known : all_known()) names.push_back(known.name);
  const auto is_meant = [&](const std::string& known) { return known.starts_with(name) || is_one_slip(name, known); };
  const auto found = std::find_if(names.begin(), names.end(), is_meant);
  if (found != names.end()) return *found;
  const std::vector<std::string> near = nearest(name, names, 1);
  return !near.empty() && name.size() >= k_long && near.front().front() == name.front() ? near.front() : std::string();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_space = " \t\r";
  while (!text.empty() && k_space.find(text.front()) != k_space.npos) text.remove_prefix(1);
  while (!text.empty() && k_space.find(text.back()) != k_space.npos) text.remove_suffix(1);
  return text;
}

/// Finds what stands in comments, line by line.
class Comments {
 public:
  /// The comment that `line` consists of, without its marks; nothing when it is code.
  std::optional<std::string_view> text_of(std::string_view line) {
    line = trimmed(line);
    const bool was_inside = inside_;
    const std::size_t open = line.rfind("/*");
    const std::size_t close = line.rfind("*/");
    if (close != line.npos && (open == line.npos || close > open)) inside_ = false;
    if (line.starts_with("/*") && close == line.npos) inside_ = true;
    const bool is_comment = was_inside || line.starts_with("//") || line.starts_with("--") || line.starts_with("/*") ||
                            (!line.empty() && std::string_view("#*;!%").find(line.front()) != std::string_view::npos);
    if (!is_comment) return std::nullopt;
    if (line.ends_with("*/")) line.remove_suffix(2);
    while (!line.empty() && std::string_view("/*#;-!%> \t").find(line.front()) != std::string_view::npos) line.remove_prefix(1);
    return trimmed(line);
  }

 private:
  bool inside_ = false;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_char(char c) { return is_letter(c) || c == '-' || c == '_'; }

/// Where the next ` @name` begins in `text`; its end when there is none.
std::size_t find_next(std::string_view text) {
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1))
    if (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t') && at + 1 < text.size() && is_letter(text[at + 1])) return at;
  return text.size();
}

/// The value as that of the property, in CMake's form.
std::string property_value(const Known& known, std::string_view value) {
  if (known.form == Form::flag) return value.empty() ? "ON" : std::string(value);
  if (known.form != Form::words) return std::string(value);
  std::vector<std::string> words;
  std::string list(value);
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ',' || c == '\t'; }, ' ');
  for (const std::string& word : split(list, ' '))
    if (!word.empty()) words.push_back(word);
  return join(words, ";");
}

/// Gives `test` what the annotation says. Lists grow; a flag that is none of CMake's words is an error.
Result<void> apply(Test& test, const Known& known, const std::string& value) {
  if (known.property.empty()) {
    test.skip_reason = known.name == "planned" ? "planned" : value.empty() ? "skipped by its source" : value;
    return {};
  }
  const std::string text = property_value(known, value);
  if (text.empty()) return fail("no value");
  if (known.form == Form::flag && !is_cmake_on(text)) return fail(fmt::format("expected nothing behind it, got \"{}\"", value));
  const JsonDocument json = JsonDocument::of_text(text);
  Test one;
  if (Result<void> done = apply_property(one, known.property, JsonAt(json)); !done) return done;
  if (known.several == Several::first_counts) return apply_property(test, known.property, JsonAt(json));
  const auto add = [](auto& list, const auto& more) { list.insert(list.end(), more.begin(), more.end()); };
  for (const std::string& label : one.labels)
    if (std::find(test.labels.begin(), test.labels.end(), label) == test.labels.end()) test.labels.push_back(label);
  add(test.requirements.depends, one.requirements.depends);
  add(test.requirements.locks, one.requirements.locks);
  add(test.requirements.groups, one.requirements.groups);
  return {};
}

/// Reads one source.
class Reader {
 public:
  Reader(std::string_view path, Annotations& annotations) : path_(path), annotations_(&annotations) {}

  /// `text` begins with `@`. More annotations may follow the first one.
  void read(std::string_view text, int line) {
    while (text.starts_with('@')) {
      std::size_t end = 1;
      while (end < text.size() && is_name_char(text[end])) ++end;
      const std::string_view name = text.substr(1, end - 1);
      const bool ends = end == text.size() || text[end] == ' ' || text[end] == '\t' || text[end] == ':';
      if (name.empty() || !ends) return;
      text = trimmed(text.substr(end == text.size() || text[end] != ':' ? end : end + 1));
      const Known* known = find_known(dashed(name));
      const std::size_t next = known != nullptr && known->form == Form::text ? text.size() : text.starts_with('@') ? 0 : find_next(text);
      take(name, known, std::string(trimmed(text.substr(0, next))), line);
      text = text.substr(next);
    }
  }

 private:
  void warn(int line, std::string_view name, std::string_view what) {
    annotations_->warnings.push_back(fmt::format("{}:{}: @{}: {}", path_, line, name, what));
  }

  void take(std::string_view name, const Known* known, const std::string& value, int line) {
    if (known == nullptr) {
      if (const std::string meant = nearly(dashed(name)); !meant.empty())
        warn(line, name, fmt::format("there is no such annotation; did you mean @{}?", meant));
      return;
    }
    Test scratch;
    if (const Result<void> done = apply(scratch, *known, value); !done) {
      // An error of a property has no path here, but the separator.
      std::string message = done.error().message;
      if (message.starts_with(": ")) message.erase(0, 2);
      if (!done.error().hint.empty()) message += fmt::format(" ({})", done.error().hint);
      return warn(line, name, message);
    }
    if (known->several == Several::first_counts &&
        std::any_of(annotations_->all.begin(), annotations_->all.end(), [&](const Annotation& other) { return other.name == known->name; }))
      return warn(line, name, "it is there already, and the first one counts");
    annotations_->all.push_back({known->name, value, line});
  }

  std::string_view path_;
  Annotations* annotations_;
};

/// The head of a file; nothing when it cannot be read.
std::optional<std::string_view> read_head(const std::string& path, std::string& buffer) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::nullopt;
  buffer.resize(k_most_bytes);
  std::size_t got = 0;
  while (got < k_most_bytes) {
    const ssize_t n = ::read(fd.get(), buffer.data() + got, k_most_bytes - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return std::string_view(buffer).substr(0, got);
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Which properties the test's own CMake code sets: they stay.
bool is_set_by_test(const Test& test, const std::string& property) {
  return test.properties.contains(property) && !contains(test.suite_properties, property);
}

void apply_all(Test& test, const std::vector<const Annotations*>& sources) {
  std::unordered_set<std::string> given;
  for (const Annotations* source : sources) {
    for (const Annotation& annotation : source->all) {
      const Known& known = *find_known(annotation.name);
      if (known.several == Several::first_counts && (is_set_by_test(test, known.property) || given.contains(known.name))) continue;
      given.insert(known.name);
      // It was good when the source was read.
      static_cast<void>(apply(test, known, annotation.value));
    }
  }
}

/// Whether it can hold for some cases of an executable and not for others.
bool is_of_cases(const Known& known) {
  return known.property.empty() || known.property == "LABELS" || known.property == "PTESTS_LEVEL" || known.property == "PTESTS_RETRIES";
}

/// What a source says of its tests when these share an executable with those of others. `path` is for warnings.
void apply_to_bundled(const Test& bundle, BundledSource& source, Annotations& annotations, const std::string& path) {
  Test of_source;
  for (const Annotation& annotation : annotations.all) {
    const Known& known = *find_known(annotation.name);
    if (!is_of_cases(known))
      annotations.warnings.push_back(
          fmt::format("{}:{}: @{}: it would hold for all sources that BUNDLE links into {}, and is left out; set the property of that test",
                      path, annotation.line, annotation.name, bundle.name));
    else if (known.several == Several::add_up || !is_set_by_test(bundle, known.property))
      static_cast<void>(apply(of_source, known, annotation.value));
  }
  source.labels = std::move(of_source.labels);
  source.level = std::move(of_source.level);
  source.skip_reason = std::move(of_source.skip_reason);
  source.retries = of_source.retries;
}

std::string shown_depends(const std::string& word, const std::vector<std::string>& names) {
  const std::string choice = quoted_choice(nearest(word, names, 1));
  return choice.empty() ? std::string() : fmt::format("; did you mean {}?", choice);
}

/// A dependency on nothing would be lost without a word.
void warn_of_unknown_tests(const Suite& suite, SourceAnnotations& result) {
  std::unordered_set<std::string> names;
  for (auto& [file, annotations] : result.files) {
    for (const Annotation& annotation : annotations.all) {
      if (annotation.name != "depends-on") continue;
      if (names.empty())
        for (const Test& test : suite.tests) names.insert(test.name);
      for (const std::string& word : split(property_value(*find_known(annotation.name), annotation.value), ';'))
        if (!names.contains(word))
          annotations.warnings.push_back(fmt::format("{}:{}: @depends-on: there is no test \"{}\"{}", shown_path(file, suite.tree),
                                                     annotation.line, word, shown_depends(word, {names.begin(), names.end()})));
    }
  }
}

}  // namespace

Annotations parse_annotations(std::string_view text, std::string_view path) {
  Annotations annotations;
  if (text.find('@') == text.npos) return annotations;
  Reader reader(path, annotations);
  Comments comments;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (int line = 1; line <= k_most_lines && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    if (const auto comment = comments.text_of(whole); comment && comment->starts_with('@')) reader.read(*comment, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return annotations;
}

SourceAnnotations apply_annotations(Suite& suite) {
  SourceAnnotations result;
  std::string buffer;
  const auto read = [&](const std::string& file) -> Annotations& {
    const auto [found, is_new] = result.files.try_emplace(file);
    if (is_new)
      if (const auto text = read_head(file, buffer)) found->second = parse_annotations(*text, shown_path(file, suite.tree));
    return found->second;
  };
  for (Test& test : suite.tests) {
    std::vector<const Annotations*> sources;
    for (BundledSource& source : test.bundle) apply_to_bundled(test, source, read(source.file), shown_path(source.file, suite.tree));
    for (const std::string& file : source_files(test, suite.tree))
      if (const Annotations& annotations = read(file); !annotations.all.empty() && find_bundled(test, file) == nullptr)
        sources.push_back(&annotations);
    if (!sources.empty()) apply_all(test, sources);
  }
  warn_of_unknown_tests(suite, result);
  std::map<std::string_view, const std::vector<std::string>*> in_order;
  for (const auto& [file, annotations] : result.files) in_order.emplace(file, &annotations.warnings);
  for (const auto& [file, warnings] : in_order) result.warnings.insert(result.warnings.end(), warnings->begin(), warnings->end());
  return result;
}

}  // namespace ptests
