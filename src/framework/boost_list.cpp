#include "framework/boost_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "framework/boost_case.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_most_depth = 1000;
constexpr std::size_t k_most_shown = 400;

/// A case or suite.
struct Unit {
  std::string name;
  std::size_t parent = 0;
  std::size_t depth = 0;
  std::vector<std::size_t> children;
  SourceLocation location;
  std::vector<std::string> labels;
  std::vector<std::string> need_ids;
  std::vector<std::size_t> needs;  ///< other units
  int expected_failures = 0;
  bool disabled = false;
  bool is_suite = false;

  std::vector<std::size_t> earlier;  ///< units beside it that run before it
  std::size_t rank = 0;              ///< units beside one another run by rank; 0 = not known yet
};

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// "name|file.cpp(12)|timeout=1|expected failures=1|labels: @a @b": nothing but the numbers is escaped, and names may have a '|'.
bool read_label(std::string_view label, Unit& unit) {
  for (std::size_t bar = label.find('|'); bar != label.npos; bar = label.find('|', bar + 1)) {
    std::string_view rest = label.substr(bar + 1);
    const std::string_view place = rest.substr(0, rest.find('|'));
    rest.remove_prefix(place.size());
    const std::size_t open = place.rfind('(');
    if (open == place.npos || !place.ends_with(')')) continue;
    const auto number_behind = [&](std::string_view key) {
      if (!take(rest, key)) return 0;
      const std::string_view number = rest.substr(0, rest.find('|'));
      rest.remove_prefix(number.size());
      return boost_number(number);
    };
    number_behind("|timeout=");
    unit.expected_failures = number_behind("|expected failures=");
    if (!rest.empty() && !take(rest, "|labels:")) continue;
    unit.name = label.substr(0, bar);
    unit.location.file = place.substr(0, open);
    unit.location.line = unit.location.file.empty() ? 0 : boost_number(place.substr(open));
    for (std::size_t at = rest.find(" @"); at != rest.npos;) {
      const std::size_t next = rest.find(" @", at + 2);
      unit.labels.emplace_back(rest.substr(at + 2, next == rest.npos ? next : next - at - 2));
      at = next;
    }
    return true;
  }
  return false;
}

/// Whether a filter of Boost.Test means exactly the unit of this name. Boost's own macros and functions make only such names.
bool can_be_selected(std::string_view name) {
  return !name.empty() && name.find_first_of("/,:*") == name.npos && std::string_view("!@+").find(name.front()) == std::string_view::npos;
}

class DotList {
 public:
  Result<std::vector<TestCase>> parse(std::string_view list) {
    std::vector<std::string> lines = split(list, '\n');
    // It is not whole.
    lines.pop_back();
    for (const std::string& line : lines)
      if (is_closed_ || !read_line(line))
        return fail(fmt::format("Boost.Test's list of cases makes no sense at its line \"{}\"", utf8_prefix(line, k_most_shown)),
                    "a name of several lines?");
    if (!is_closed_) return fail("Boost.Test's list of cases ends too early", "does the executable crash or exit while it lists?");
    for (std::size_t unit = 1; unit < units_.size(); ++unit)
      if (!can_be_selected(units_[unit].name))
        return fail(fmt::format("Boost.Test cannot run a test case by its name \"{}\"", units_[unit].name),
                    "BOOST_TEST_CASE and make_test_case() put a _ for / , : * ! @ and + in names, the constructor of test_case does not");
    find_needs();
    for (std::size_t unit = 0; unit < units_.size(); ++unit) rank(unit, 0);
    add_cases(0, {});
    return std::move(cases_);
  }

 private:
  bool read_line(std::string_view line) {
    if (!is_open_) return is_open_ = line == "digraph G {rankdir=LR;";
    if (line == "{") return open_suite();
    if (line == "}") return close_suite();
    const std::size_t shape = line.find("[shape=");
    const std::size_t arrow = line.find(" -> ");
    if (shape < arrow) return add_unit(line.substr(0, shape), line.substr(shape));
    return arrow != line.npos && line.ends_with(';') && add_arrow(line.substr(0, arrow), line.substr(arrow + 4));
  }

  bool open_suite() {
    if (units_.empty() || units_.back().is_suite || units_.back().depth > k_most_depth) return false;
    units_.back().is_suite = true;
    open_.push_back(units_.size() - 1);
    return true;
  }

  bool close_suite() {
    is_closed_ = open_.empty() && !units_.empty();
    if (is_closed_) return true;
    if (open_.empty()) return false;
    open_.pop_back();
    return true;
  }

  /// `[shape=Mrecord,fontname=Helvetica,color=green,label="..."];`
  bool add_unit(std::string_view id, std::string_view rest) {
    constexpr std::string_view k_label = ",label=\"";
    constexpr std::string_view k_end = "\"];";
    const std::size_t label = rest.find(k_label);
    // All but the module stand in a suite.
    if (label == rest.npos || !rest.ends_with(k_end) || units_.empty() != open_.empty()) return false;
    Unit unit;
    unit.disabled = !rest.substr(0, label).ends_with(",color=green");
    rest = rest.substr(label + k_label.size());
    if (rest.size() < k_end.size()) return false;
    rest.remove_suffix(k_end.size());
    if (!units_.empty()) {
      if (!read_label(rest, unit)) return false;
      unit.parent = open_.back();
      unit.depth = units_[unit.parent].depth + 1;
      units_[unit.parent].children.push_back(units_.size());
    }
    by_id_.emplace(id, units_.size());
    units_.push_back(std::move(unit));
    return true;
  }

  /// "tu1 -> tu2;": 2 is in suite 1. "tu2 -> tu3[color=...];": 2 depends on 3.
  bool add_arrow(std::string_view from, std::string_view to) {
    const auto found = by_id_.find(std::string(from));
    if (found == by_id_.end()) return false;
    const std::size_t attributes = to.find('[');
    if (attributes != to.npos) units_[found->second].need_ids.emplace_back(to.substr(0, attributes));
    return true;
  }

  void find_needs() {
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      for (const std::string& id : std::exchange(units_[unit].need_ids, {})) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) continue;
        units_[unit].needs.push_back(found->second);
        run_behind(unit, found->second);
      }
    }
  }

  /// Of the two units beside one another in which, or which, `unit` and `need` are. Source: collect_dependant_siblings() of Boost.Test.
  void run_behind(std::size_t unit, std::size_t need) {
    while (units_[unit].depth > units_[need].depth) unit = units_[unit].parent;
    while (units_[need].depth > units_[unit].depth) need = units_[need].parent;
    while (units_[unit].parent != units_[need].parent) {
      unit = units_[unit].parent;
      need = units_[need].parent;
    }
    units_[unit].earlier.push_back(need);
  }

  /// 1 for one that depends on nothing beside it. Source: assign_sibling_rank() of Boost.Test, which ends where these go in a circle.
  std::size_t rank(std::size_t unit, std::size_t depth) {
    if (units_[unit].rank != 0 || depth > k_most_depth) return units_[unit].rank;
    std::size_t highest = 0;
    units_[unit].rank = 1;
    for (const std::size_t other : units_[unit].earlier) highest = std::max(highest, rank(other, depth + 1));
    return units_[unit].rank = highest + 1;
  }

  std::string path_of(std::size_t unit) const {
    std::string path = units_[unit].name;
    while (units_[unit].depth > 1) {
      unit = units_[unit].parent;
      path.insert(0, units_[unit].name + '/');
    }
    return path;
  }

  /// Of the suites around a case, and then its own.
  struct Inherited {
    std::string path;
    std::vector<std::string> labels;
    std::vector<std::string> needs;
  };

  void add_cases(std::size_t index, Inherited inherited) {
    Unit& unit = units_[index];
    inherited.path += unit.depth > 1 ? '/' + unit.name : unit.depth == 1 ? unit.name : "";
    for (const std::string& label : unit.labels)
      if (std::ranges::find(inherited.labels, label) == inherited.labels.end()) inherited.labels.push_back(label);
    for (const std::size_t need : unit.needs) inherited.needs.push_back(path_of(need));
    std::ranges::stable_sort(unit.children, {}, [&](std::size_t child) { return units_[child].rank; });
    for (const std::size_t child : unit.children) add_cases(child, inherited);
    if (unit.is_suite) return;
    TestCase& made = cases_.emplace_back();
    made.name = inherited.path;
    std::replace_if(
        made.name.begin(), made.name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    made.id = boost_id({std::move(inherited.path), unit.expected_failures, std::move(inherited.needs)});
    made.location = unit.location;
    made.labels = std::move(inherited.labels);
    made.disabled = unit.disabled;
  }

  std::vector<Unit> units_;  ///< the first one is the module
  std::unordered_map<std::string, std::size_t> by_id_;
  std::vector<std::size_t> open_;  ///< suites
  bool is_open_ = false;
  bool is_closed_ = false;
  std::vector<TestCase> cases_;
};

}  // namespace

Result<std::vector<TestCase>> parse_boost_list(std::string_view list, std::string_view output) {
  if (list.starts_with("digraph ")) return DotList().parse(list);
  constexpr std::string_view k_error = "Test setup error: ";
  if (const std::size_t found = list.find(k_error); found != list.npos) {
    list.remove_prefix(found + k_error.size());
    return fail(fmt::format("Boost.Test cannot set its test cases up: {}", utf8_prefix(list.substr(0, list.find('\n')), k_most_shown)));
  }
  const std::string_view said = utf8_prefix(output, k_most_shown);
  return fail(fmt::format("the executable does not list its cases as Boost.Test does; it says: {}", said.empty() ? "nothing" : said),
              "is FRAMEWORK boost right, does its main hand its arguments to Boost.Test, and is there no \"--\" in the test's own?");
}

}  // namespace ptests
