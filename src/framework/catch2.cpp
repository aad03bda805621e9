#include "framework/catch2.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "framework/catch2_list.hpp"
#include "framework/catch2_reader.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_most_spellings = 81;

/// As Catch2 compares names: ASCII letters in lower case, no white space at the ends.
std::string compared(std::string_view name) {
  constexpr std::string_view k_white = " \t\n\r";
  const std::size_t begin = name.find_first_not_of(k_white);
  if (begin == std::string_view::npos) return {};
  return lower(name.substr(begin, name.find_last_not_of(k_white) - begin + 1));
}

int hex_digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/// The name with the bytes that Catch2 3 lists as `\x01` and `\xFC`, as in a name of 2.13 nobody writes them.
std::string with_bytes(std::string_view id) {
  std::string name;
  for (std::size_t at = 0; at < id.size(); ++at) {
    if (id.substr(at).starts_with("\\x") && at + 3 < id.size() && hex_digit(id[at + 2]) >= 0 && hex_digit(id[at + 3]) >= 0) {
      const int byte = hex_digit(id[at + 2]) * 16 + hex_digit(id[at + 3]);
      if (byte != 0 && (byte < 0x20 || byte >= 0x7f)) {
        name += static_cast<char>(byte);
        at += 3;
        continue;
      }
    }
    name += id[at];
  }
  return name;
}

/// All that the name with this id may be. A '\n' is a line break, a space or nothing; see make_catch2_adapter().
std::vector<std::string> spellings(const std::string& id) {
  std::vector<std::string> all{""};
  const std::vector<std::string> lines = split(id, '\n');
  for (std::size_t line = 0; line < lines.size(); ++line) {
    std::vector<std::string> longer;
    for (const std::string& begun : all)
      for (const std::string_view join : {" ", "", "\n"})
        if (line == 0 ? join.empty() : longer.size() < k_most_spellings) longer.push_back(begun + std::string(join) + lines[line]);
    all = std::move(longer);
  }
  for (std::size_t i = 0, count = all.size(); i < count; ++i)
    if (std::string other = with_bytes(all[i]); other != all[i]) all.push_back(std::move(other));
  return all;
}

bool is_one_line(std::string_view text) { return text.find('\n') == std::string_view::npos; }

bool is_certain(const std::string& id) { return is_one_line(id) && with_bytes(id) == id; }

/// With a backslash before what ends a spec, and before `@`, which would make a tag alias of `[@x]`.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// A test spec for a name. A `*` at its ends would be a wildcard: one more, and it stands for itself behind a wildcard.
/// `exclude:` would negate the spec, but not behind a space, which is not compared.
std::string name_spec(std::string_view name) {
  constexpr std::string_view k_blank = " \t\n\r";
  name.remove_prefix(std::min(name.find_first_not_of(k_blank), name.size()));
  name = name.substr(0, name.find_last_not_of(k_blank) + 1);
  std::string spec = "\"";
  if (name.starts_with("exclude:")) spec += ' ';
  if (name.starts_with('*')) spec += '*';
  spec += escaped(name, "\\,\"@");
  if (name.ends_with('*')) spec += '*';
  return spec + '"';
}

std::string tag_spec(const std::string& tag) { return '[' + escaped(tag, "\\,[]@") + ']'; }

bool is_wild(std::string_view compared_name) { return compared_name.starts_with('*') || compared_name.ends_with('*'); }

/// Whether the spec for `of` selects `other` too. Both as compared.
bool selects(std::string_view of, std::string_view other) {
  const bool at_start = of.starts_with('*');
  const bool at_end = of.ends_with('*');
  if (at_start && at_end) return other.find(of) != std::string_view::npos;
  return at_start ? other.ends_with(of) : at_end ? other.starts_with(of) : other == of;
}

/// The words of Catch2 that select some of `cases`.
class Selection {
 public:
  Selection(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) : cases_(&cases), is_chosen_(cases.size(), false) {
    for (const std::size_t index : chosen) is_chosen_[index] = true;
    for (std::size_t index = 0; index < cases.size(); ++index) {
      compared_.push_back(compared(cases[index].id));
      if (!is_chosen_[index]) others_[compared_.back()].push_back(index);
    }
    for (const std::size_t index : chosen) add(index);
  }

  std::string file;                    ///< a spec a line
  std::vector<std::string> arguments;  ///< specs that no line can have

 private:
  void add(std::size_t index) {
    const std::string& id = (*cases_)[index].id;
    const std::string more = without_others(index);
    for (const std::string& name : spellings(id)) {
      std::string spec = name_spec(name);
      spec += more;
      if (is_one_line(spec)) {
        file += spec;
        file += '\n';
      } else {
        arguments.push_back(',' + spec);
      }
    }
  }

  /// What keeps the spec from selecting cases that were not chosen.
  std::string without_others(std::size_t index) const {
    std::string specs;
    const std::string& name = compared_[index];
    if (const auto twins = others_.find(name); twins != others_.end())
      for (const std::size_t twin : twins->second) specs += by_tags(index, twin);
    if (!is_wild(name)) return specs;
    for (const auto& [other, indices] : others_)
      if (other != name && selects(name, other) && !selects(other, name) && is_certain((*cases_)[indices.front()].id))
        specs += " ~" + name_spec((*cases_)[indices.front()].id);
    return specs;
  }

  /// Of two cases whose names are the same for Catch2.
  std::string by_tags(std::size_t index, std::size_t twin) const {
    const auto tags_of = [&](std::size_t of) {
      std::set<std::string> tags;
      for (const std::string& tag : (*cases_)[of].labels) tags.insert(lower(tag));
      return tags;
    };
    const std::set<std::string> mine = tags_of(index);
    const std::set<std::string> theirs = tags_of(twin);
    for (const std::string& tag : mine)
      if (!theirs.contains(tag)) return ' ' + tag_spec(tag);
    for (const std::string& tag : theirs)
      if (!mine.contains(tag)) return " ~" + tag_spec(tag);
    return "";
  }

  const std::vector<TestCase>* cases_;
  std::vector<bool> is_chosen_;
  std::vector<std::string> compared_;
  std::unordered_map<std::string, std::vector<std::size_t>> others_;  ///< not chosen, by their name as compared
};

class Catch2Adapter final : public Adapter {
 public:
  Choice choice() const override { return Choice::any; }
  Stream stream() const override { return Stream::results; }

  /// Hidden cases are listed when a spec asks for them.
  CaseCommand list_command(const CasePlaces& /*places*/) const override {
    CaseCommand command;
    command.arguments = {"*", "--list-tests", "--reporter", "xml", "--verbosity", "high", "--order", "decl"};
    return command;
  }

  Result<std::vector<TestCase>> parse_list(std::string_view output, std::string_view /*results*/) const override {
    Result<std::vector<TestCase>> cases = parse_catch2_list(output);
    if (cases) make_names_unique(*cases);
    return cases;
  }

  /// The order of the specs means nothing.
  CaseCommand run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                          const CaseOrder& order, bool has_listener) const override {
    Selection selection(cases, chosen);
    CaseCommand command;
    command.arguments = {"--order", order.by == CaseOrder::By::chance ? "rand" : "decl"};
    const auto add = [&](std::string option, std::string value) {
      command.arguments.push_back(std::move(option));
      command.arguments.push_back(std::move(value));
    };
    if (!has_listener) {
      add("--reporter", "xml");
      add("--out", places.results);
      add("--durations", "yes");
    }
    if (order.seed != 0) add("--rng-seed", std::to_string(order.seed));
    if (!selection.file.empty()) {
      add("--input-file", places.input);
      command.input = std::move(selection.file);
    }
    command.arguments.insert(command.arguments.end(), selection.arguments.begin(), selection.arguments.end());
    return command;
  }

  std::vector<LoneCase> lone_cases(const std::vector<TestCase>& cases) const override {
    std::unordered_map<std::string, int> count;
    for (const TestCase& one : cases) ++count[compared(one.id)];
    std::vector<LoneCase> all;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      // What selects no other case needs no look at all of them.
      const std::string name = compared(cases[i].id);
      all.push_back(!is_wild(name) && count[name] == 1 ? lone_case({cases[i]}, 0) : lone_case(cases, i));
    }
    return all;
  }

  std::unique_ptr<CaseReader> make_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) const override {
    return make_catch2_reader(cases, chosen);
  }

 private:
  static LoneCase lone_case(const std::vector<TestCase>& cases, std::size_t index) {
    const Selection selection(cases, {&index, 1});
    LoneCase lone;
    lone.arguments = {"--order", "decl"};
    // As Catch2 reads the lines of a file.
    for (const std::string& spec : split(selection.file, '\n'))
      if (!spec.empty()) lone.arguments.push_back(spec + ',');
    lone.arguments.insert(lone.arguments.end(), selection.arguments.begin(), selection.arguments.end());
    lone.skipped = "test cases: 1 \\| 1 skipped";
    lone.none_ran = "=\nNo tests ran\n";
    return lone;
  }
};

}  // namespace

std::unique_ptr<Adapter> make_catch2_adapter() { return std::make_unique<Catch2Adapter>(); }

}  // namespace ptests
