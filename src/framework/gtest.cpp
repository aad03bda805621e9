#include "framework/gtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "framework/gtest_reader.hpp"

namespace ptests {
namespace {

/// GoogleTest's wildcards: `?` is any character, `*` any characters.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

/// Patterns of a filter; those without wildcards are looked up.
class Patterns {
 public:
  void add(std::string pattern) {
    if (!text_.empty()) text_ += ':';
    text_ += pattern;
    if (pattern.find_first_of("*?") == pattern.npos) {
      exact_.insert(std::move(pattern));
    } else {
      globs_.push_back(std::move(pattern));
    }
  }
  bool match(const std::string& name) const {
    const auto is_match = [&](const std::string& glob) { return matches(glob, name); };
    return exact_.contains(name) || std::any_of(globs_.begin(), globs_.end(), is_match);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::unordered_set<std::string> exact_;
  std::vector<std::string> globs_;
};

/// How one process is made to run its cases.
struct Selection {
  std::string filter;
  bool with_disabled = false;
  std::size_t shard = 0;
  std::size_t shards = 1;
  std::vector<GtestRun> runs;
};

/// A pattern for `id`. There is no escaping: a character of the filter's own syntax becomes a wildcard.
std::string pattern_for(std::string id, std::string_view syntax) {
  for (char& c : id)
    if (syntax.find(c) != syntax.npos) c = '?';
  return id;
}

// `:` separates patterns, the first `-` begins those that are left out, a line end ends the flag in its file.
constexpr std::string_view k_positive_syntax = ":-\n";
constexpr std::string_view k_negative_syntax = ":\n";

/// What the wildcards match besides `chosen` is left out by its own name, where that leaves the chosen ones in.
Patterns exclude(const std::vector<TestCase>& cases, const std::vector<GtestRun>& runs) {
  Patterns negative;
  for (const GtestRun& other : runs) {
    if (other.chosen) continue;
    Patterns pattern;
    pattern.add(pattern_for(cases[other.index].id, k_negative_syntax));
    const auto harmed = [&](const GtestRun& run) { return run.chosen && pattern.match(cases[run.index].id); };
    if (std::none_of(runs.begin(), runs.end(), harmed)) negative.add(pattern.text());
  }
  return negative;
}

/// The neighbours that no filter can keep out are kept out by sharding, which counts the cases that would run.
void shard(Selection& selection) {
  const auto is_chosen = [](const GtestRun& run) { return run.chosen; };
  const auto found = std::find_if(selection.runs.begin(), selection.runs.end(), is_chosen);
  selection.shard = static_cast<std::size_t>(found - selection.runs.begin());
  selection.shards = selection.runs.size();
  selection.runs = {*found};
}

Selection select(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) {
  Selection selection;
  Patterns positive;
  std::vector<bool> is_chosen(cases.size());
  for (const std::size_t index : chosen) {
    is_chosen[index] = true;
    selection.with_disabled = selection.with_disabled || cases[index].disabled;
    positive.add(pattern_for(cases[index].id, k_positive_syntax));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const bool runs = (selection.with_disabled || !cases[i].disabled) && positive.match(cases[i].id);
    if (runs) selection.runs.push_back({i, is_chosen[i]});
  }
  selection.filter = positive.text();
  if (selection.runs.size() == chosen.size()) return selection;
  const Patterns negative = exclude(cases, selection.runs);
  if (!negative.text().empty()) selection.filter += "-" + negative.text();
  std::erase_if(selection.runs, [&](const GtestRun& run) { return negative.match(cases[run.index].id); });
  if (chosen.size() == 1 && selection.runs.size() > 1) shard(selection);
  return selection;
}

/// What the person's environment says of GoogleTest must not change what runs. Flags that releases before 1.11 lack stand here and not
/// in the flag file: an unknown flag makes GoogleTest print its help and run nothing.
std::vector<std::string> environment(std::size_t shard, std::size_t shards) {
  return {"GTEST_BRIEF=0", "GTEST_FAIL_FAST=0", fmt::format("GTEST_TOTAL_SHARDS={}", shards), fmt::format("GTEST_SHARD_INDEX={}", shard)};
}

/// The seed in GoogleTest's range.
std::uint32_t random_seed(std::uint32_t seed) {
  constexpr std::uint32_t k_most = 99999;
  return (seed - 1) % k_most + 1;
}

bool is_disabled(std::string_view suite, std::string_view test) {
  const auto has_prefix = [](std::string_view name) { return name.starts_with("DISABLED_") || name.find("/DISABLED_") != name.npos; };
  return has_prefix(suite) || has_prefix(test);
}

TestCase make_case(std::string_view suite, std::string_view test) {
  TestCase result;
  result.id = fmt::format("{}.{}", suite, test);
  result.name = result.id;
  result.disabled = is_disabled(suite, test);
  return result;
}

Result<TestCase> read_test(const std::string& suite, const JsonAt& at) {
  const Result<std::string> name = JsonAt(at, "name").text();
  if (!name) return tl::unexpected(name.error());
  TestCase result = make_case(suite, *name);
  // Releases before 1.11 do not tell the location in a list.
  const JsonAt file(at, "file");
  const JsonAt line(at, "line");
  if (file.exists()) result.location.file = file.text().value_or("");
  if (line.exists()) result.location.line = line.cmake_int().value_or(0);
  return result;
}

Result<std::vector<TestCase>> read_suite(const JsonAt& at) {
  const Result<std::string> name = JsonAt(at, "name").text();
  if (!name) return tl::unexpected(name.error());
  return read_elements(JsonAt(at, "testsuite"), [&](const JsonAt& test) { return read_test(*name, test); });
}

/// Where `char` has a sign, GoogleTest writes each byte of a character beyond ASCII as "\\u00C3"; the bytes are put back.
std::string with_bytes(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  while (!json.empty()) {
    const std::size_t size = json.front() == '\\' ? std::min<std::size_t>(json.starts_with("\\u00") ? 6 : 2, json.size()) : 1;
    unsigned byte = 0;
    if (size == 6) std::from_chars(json.data() + 4, json.data() + 6, byte, 16);
    if (byte >= 0x80) {
      result += static_cast<char>(byte);
    } else {
      result += json.substr(0, size);
    }
    json.remove_prefix(size);
  }
  return result;
}

Result<std::vector<TestCase>> parse_json_list(std::string_view results) {
  const Result<JsonDocument> json = parse_json(with_bytes(results));
  if (!json) return tl::unexpected(json.error());
  const JsonAt root(*json);
  const auto suites = read_elements(JsonAt(root, "testsuites"), read_suite);
  if (!suites) return tl::unexpected(suites.error());
  std::vector<TestCase> cases;
  for (const std::vector<TestCase>& suite : *suites) cases.insert(cases.end(), suite.begin(), suite.end());
  return cases;
}

/// The name in a line of the printed list, without the parameter behind it.
std::string_view without_parameter(std::string_view line, std::string_view comment) {
  const std::size_t found = line.find(comment);
  return found == line.npos ? line : line.substr(0, found);
}

/// "Suite.  # TypeParam = int": "Suite"; "" for a line that names no suite. Only the name of a type may have spaces.
std::string_view suite_in(std::string_view line) {
  line = without_parameter(line, "  # TypeParam = ");
  if (!line.ends_with('.')) return {};
  line.remove_suffix(1);
  const bool has_space = line.substr(0, line.find('/')).find_first_of(" \t.:") != line.npos;
  return has_space ? std::string_view{} : line;
}

/// "  Test  # GetParam() = 1": "Test"; "" for a line that names no test.
std::string_view test_in(std::string_view line) {
  line = without_parameter(line, "  # GetParam() = ");
  if (!line.starts_with("  ")) return {};
  line.remove_prefix(2);
  return line.find_first_of(" \t") == line.npos ? line : std::string_view{};
}

/// The list as it is printed, among what the executable itself prints.
std::vector<TestCase> parse_printed_list(std::string_view output) {
  std::vector<TestCase> cases;
  std::string_view suite;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view test = test_in(line);
    if (test.empty()) {
      suite = suite_in(line);
    } else if (!suite.empty()) {
      cases.push_back(make_case(suite, test));
    }
  }
  return cases;
}

/// Why `output` is no list.
tl::unexpected<Error> no_list(std::string_view output) {
  if (output.find("This program contains tests written using Google Test") != output.npos)
    return fail("the listing (--gtest_list_tests) is GoogleTest's help", "one of the test's own arguments is a flag it does not know");
  constexpr std::size_t k_longest = 200;
  const std::string hint = "does its main call testing::InitGoogleTest and RUN_ALL_TESTS?";
  if (output.find_first_not_of(" \r\n\t") == output.npos) return fail("the listing (--gtest_list_tests) printed nothing", hint);
  const bool is_long = output.size() > k_longest;
  return fail(fmt::format("the listing (--gtest_list_tests) is not GoogleTest's; it printed: {}{}", utf8_prefix(output, k_longest),
                          is_long ? "..." : ""),
              hint);
}

class GtestAdapter : public Adapter {
 public:
  Choice choice() const override { return Choice::any; }
  Stream stream() const override { return Stream::output; }
  bool reads_any_order() const override { return true; }

  // A filter among the test's own arguments is meant and stays; one in the environment does not.
  CaseCommand list_command(const CasePlaces& places) const override {
    CaseCommand command;
    command.arguments = {"--gtest_list_tests", "--gtest_output=json:" + places.results};
    command.environment = environment(0, 1);
    command.environment.emplace_back("GTEST_FILTER=*");
    return command;
  }

  Result<std::vector<TestCase>> parse_list(std::string_view output, std::string_view results) const override {
    Result<std::vector<TestCase>> cases = parse_json_list(results);
    if (!cases) {
      cases = parse_printed_list(output);
      if (cases->empty()) return no_list(output);
    }
    make_names_unique(*cases);
    return cases;
  }

  CaseCommand run_command(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen, const CasePlaces& places,
                          const CaseOrder& order, bool /*has_listener*/) const override {
    const Selection selection = select(cases, chosen);
    CaseCommand command;
    command.arguments = {"--gtest_flagfile=" + places.input};
    command.environment = environment(selection.shard, selection.shards);
    command.input = fmt::format(
        "--gtest_filter={}\n--gtest_also_run_disabled_tests={}\n--gtest_list_tests=0\n--gtest_shuffle={}\n--gtest_repeat=1\n"
        "--gtest_break_on_failure=0\n--gtest_catch_exceptions=1\n--gtest_throw_on_failure=0\n--gtest_color=no\n--gtest_print_time=1\n"
        "--gtest_output=\n",
        selection.filter, selection.with_disabled ? 1 : 0, order.by == CaseOrder::By::chance ? 1 : 0);
    if (order.seed != 0) command.input += fmt::format("--gtest_random_seed={}\n", random_seed(order.seed));
    return command;
  }

  std::vector<LoneCase> lone_cases(const std::vector<TestCase>& cases) const override {
    std::unordered_map<std::string_view, int> count;
    for (const TestCase& one : cases) ++count[one.id];
    std::vector<LoneCase> all;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      // A name without wildcards selects no other, so that all of them need not be looked at each time.
      const bool is_plain = cases[i].id.find_first_of(":-*?\n") == std::string::npos && count[cases[i].id] == 1;
      all.push_back(is_plain ? lone_case({cases[i]}, 0) : lone_case(cases, i));
    }
    return all;
  }

  std::unique_ptr<CaseReader> make_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen) const override {
    return make_gtest_reader(cases, select(cases, chosen).runs);
  }

 private:
  LoneCase lone_case(const std::vector<TestCase>& cases, std::size_t index) const {
    const CaseCommand command = run_command(cases, {&index, 1}, {}, {}, true);
    LoneCase lone;
    for (std::string& flag : split(command.input, '\n'))
      if (!flag.empty()) lone.arguments.push_back(std::move(flag));
    lone.environment = command.environment;
    lone.skipped = "\\[  SKIPPED \\] 1 test, listed below:";
    lone.none_ran = "\\[==========\\] 0 tests from 0 test (suites|cases) ran";
    return lone;
  }
};

}  // namespace

std::unique_ptr<Adapter> make_gtest_adapter() { return std::make_unique<GtestAdapter>(); }

}  // namespace ptests
