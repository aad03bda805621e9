#include "suite/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/regex.hpp"
#include "base/text.hpp"
#include "suite/values.hpp"

namespace ptests {

namespace {

using Apply = Result<void> (*)(Test&, const JsonAt&);

template <class T, class Value>
Result<void> assign(T& member, Result<Value> value) {
  if (!value) return tl::unexpected(value.error());
  member = std::move(*value);
  return {};
}

Result<void> check_regexes(const std::vector<std::string>& regexes, const JsonAt& value) {
  for (const std::string& regex : regexes)
    if (const auto compiled = Regex::compile(regex); !compiled) return fail(fmt::format("{}: {}", value.path(), compiled.error().message));
  return {};
}

/// The member is assigned even when one of them is invalid.
Result<void> assign_regexes(std::vector<std::string>& member, const JsonAt& value) {
  Result<std::vector<std::string>> regexes = value.cmake_list();
  if (!regexes) return tl::unexpected(regexes.error());
  member = std::move(*regexes);
  return check_regexes(member, value);
}

/// CMake writes numbers for the properties it knows, strings for ours.
std::string text_of(const JsonAt& value) {
  if (!value.exists()) return {};
  return value.value().is_text() ? std::string(value.value().text()) : dump_json(value.value());
}

/// The same for lists.
std::vector<std::string> elements_of(const JsonAt& value) {
  const Result<std::vector<std::string>> elements = value.cmake_list();
  return elements ? *elements : split_cmake_list(text_of(value));
}

tl::unexpected<Error> expected(const ValueForm& form, const JsonAt& value) {
  tl::unexpected<Error> error = value.expected(expected_instead_of(text_of(value), form));
  error.value().hint = form.hint;
  return error;
}

Result<void> apply_limit(Test& test, LimitKind kind, const JsonAt& value) {
  const std::optional<double> parsed = parse_limit(kind, text_of(value));
  if (!parsed) return expected(limit_form(kind), value);
  test.limits[kind] = parsed;
  return {};
}

Result<Seconds> read_seconds(const JsonAt& value) {
  const std::optional<double> seconds = parse_seconds(text_of(value));
  if (!seconds) return expected(k_seconds_form, value);
  return Seconds(*seconds);
}

template <class Choices>
Result<typename Choices::value_type::second_type> read_choice(const Choices& choices, const JsonAt& value) {
  const Result<std::string> word = value.text();
  if (!word) return tl::unexpected(word.error());
  if (const auto choice = parse_choice(choices, *word)) return *choice;
  return value.expected(list_choices(choices));
}

/// json-v1 writes an object, CMake the list "seconds;regex...".
Result<void> apply_timeout_after_match(Test& test, const JsonAt& value) {
  TimeoutAfterMatch match;
  if (value.exists() && value.value().is_object()) {
    const JsonAt regex(value, "regex");
    const Result<double> seconds = JsonAt(value, "timeout").cmake_number();
    if (!seconds) return tl::unexpected(seconds.error());
    if (Result<void> done = assign_regexes(match.regexes, regex); !done) return done;
    match.timeout = Seconds(*seconds);
  } else {
    Result<std::vector<std::string>> parts = value.cmake_list();
    if (!parts) return tl::unexpected(parts.error());
    const std::optional<double> seconds = parts->empty() ? std::nullopt : parse_number(parts->front());
    if (!seconds || parts->size() < 2) return value.expected("seconds and at least one regular expression");
    match.timeout = Seconds(*seconds);
    match.regexes.assign(parts->begin() + 1, parts->end());
    if (Result<void> done = check_regexes(match.regexes, value); !done) return done;
  }
  if (match.timeout.count() < 0) return value.expected("a number of seconds that is not negative");
  test.limits.after_match = std::move(match);
  return {};
}

using Operation = EnvironmentChange::Operation;
constexpr std::array<Choice<Operation>, 9> k_operations{{{"reset", Operation::reset},
                                                         {"set", Operation::set},
                                                         {"unset", Operation::unset},
                                                         {"string_append", Operation::string_append},
                                                         {"string_prepend", Operation::string_prepend},
                                                         {"path_list_append", Operation::path_list_append},
                                                         {"path_list_prepend", Operation::path_list_prepend},
                                                         {"cmake_list_append", Operation::cmake_list_append},
                                                         {"cmake_list_prepend", Operation::cmake_list_prepend}}};

/// "NAME=operation:value".
Result<void> apply_environment_modification(Test& test, const JsonAt& value) {
  const Result<std::vector<std::string>> elements = value.cmake_list();
  if (!elements) return tl::unexpected(elements.error());
  for (const std::string& element : *elements) {
    const std::size_t equals = element.find('=');
    const std::size_t colon = equals == std::string::npos ? equals : element.find(':', equals);
    const auto operation = colon == std::string::npos
                               ? std::nullopt
                               : parse_choice(k_operations, std::string_view(element).substr(equals + 1, colon - equals - 1));
    if (!operation)
      return fail(fmt::format("{}: expected NAME=operation:value, got \"{}\"", value.path(), element),
                  "operations: set, unset, reset, string_append, path_list_prepend, cmake_list_append, ...");
    test.environment_changes.push_back({element.substr(0, equals), *operation, element.substr(colon + 1)});
  }
  return {};
}

/// "file:line", the convention of IDEs.
Result<void> apply_source_line(Test& test, const JsonAt& value) {
  const Result<std::string> text = value.text();
  if (!text) return tl::unexpected(text.error());
  const std::size_t colon = text->rfind(':');
  const auto line = colon == std::string::npos ? std::nullopt : parse_int(std::string_view(*text).substr(colon + 1));
  if (line) test.location = {text->substr(0, colon), *line};
  return {};
}

Result<void> apply_processors(Test& test, const JsonAt& value) {
  const Result<int> count = value.cmake_int();
  if (!count) return tl::unexpected(count.error());
  test.requirements.processors = std::max(1, *count);
  return {};
}

Result<void> apply_priority(Test& test, const JsonAt& value) {
  const Result<std::string> word = value.text();
  if (!word) return value.expected(list_choices(k_priorities));
  std::string upper = *word;
  if (upper.starts_with('p')) upper.front() = 'P';
  const std::optional<int> priority = parse_choice(k_priorities, upper);
  if (!priority) return value.expected(list_choices(k_priorities));
  test.requirements.priority = *priority;
  return {};
}

Result<void> apply_level(Test& test, const JsonAt& value) {
  const Result<std::string> word = value.text();
  const std::string level = word ? lower(*word) : std::string();
  if (!parse_choice(k_levels, level)) return value.expected(list_choices(k_levels));
  test.level = level;
  return {};
}

/// "exitcode" is what a test has that names none.
constexpr std::array<Choice<std::string_view>, 6> k_frameworks{
    {{"exitcode", ""}, {"tap", "tap"}, {"doctest", "doctest"}, {"gtest", "gtest"}, {"catch2", "catch2"}, {"boost", "boost"}}};

/// "count", "count;delay" or "count;delay;backoff".
Result<void> apply_retries(Test& test, const JsonAt& value) {
  const std::vector<std::string> parts = elements_of(value);
  const auto number = [&](std::size_t i, double otherwise) {
    return i < parts.size() ? parse_seconds(parts[i]) : std::optional(otherwise);
  };
  const int count = parts.empty() ? -1 : parse_int(parts[0]).value_or(-1);
  const std::optional<double> delay = number(1, 0);
  const std::optional<double> backoff = number(2, 1);
  if (count < 0 || !delay || !backoff || *backoff < 1 || parts.size() > 3) {
    tl::unexpected<Error> error = value.expected("a number of retries");
    error.value().hint = "behind it may stand seconds before the first one, and by what number, at least 1, that grows: 3;0.5;2";
    return error;
  }
  test.retries = Retries{count, Seconds(*delay), *backoff};
  return {};
}

/// Pairs: "name max;name max" or "name;max;name;max".
Result<void> apply_groups(Test& test, const JsonAt& value) {
  std::vector<std::string> words;
  for (const std::string& element : elements_of(value))
    for (std::string& word : split(element, ' '))
      if (!word.empty()) words.push_back(std::move(word));
  std::vector<GroupUse> groups;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2)
    if (const std::optional<int> most = parse_int(words[i + 1]); most && *most > 0) groups.push_back({words[i], *most});
  if (words.empty() || groups.size() * 2 != words.size()) {
    tl::unexpected<Error> error = value.expected("names of groups, each with the most tests of it at a time");
    error.value().hint = "net 4, or net 4;db 1";
    return error;
  }
  test.requirements.groups = std::move(groups);
  return {};
}

/// What `ctest --show-only=json-v1` makes of one group: {"requirements": [{".type": "gpus", "slots": 2}]}.
Result<ResourceGroup> read_resource_group(const JsonAt& at) {
  return read_elements(JsonAt(at, "requirements"), [](const JsonAt& element) -> Result<ResourceGroup::value_type> {
    const Result<std::string> type = JsonAt(element, ".type").text();
    if (!type) return tl::unexpected(type.error());
    const Result<int> slots = JsonAt(element, "slots").cmake_int();
    if (!slots) return tl::unexpected(slots.error());
    return ResourceGroup::value_type{*type, *slots};
  });
}

/// A description that makes no sense is the test's fault, as with ctest: it does not run.
Result<void> apply_resource_groups(Test& test, const JsonAt& value) {
  const bool is_parsed = value.exists() && value.value().is_array() && JsonAt(value, std::size_t{0}).object();
  if (!is_parsed) {
    Result<ResourceGroups> groups = parse_resource_groups(elements_of(value));
    if (groups)
      test.requirements.resource_groups = std::move(*groups);
    else
      test.defect = groups.error().message;
    return {};
  }
  for (std::size_t i = 0; i < value.value().elements().size(); ++i) {
    const JsonAt at(value, i);
    Result<ResourceGroup> group = read_resource_group(at);
    if (!group) return tl::unexpected(group.error());
    test.requirements.resource_groups.push_back(std::move(*group));
  }
  return {};
}

struct Property {
  std::string_view name;
  Apply apply;
};

// Source of names and types: cmake-properties(7), "Properties on Tests"; ctest(1), "Show as JSON Object Model".
constexpr Property k_properties[] = {
    {"COST", [](Test& t, const JsonAt& v) { return assign(t.requirements.cost, v.cmake_number()); }},
    {"DEF_SOURCE_LINE", apply_source_line},
    {"DEPENDS", [](Test& t, const JsonAt& v) { return assign(t.requirements.depends, v.cmake_list()); }},
    {"DISABLED", [](Test& t, const JsonAt& v) { return assign(t.disabled, v.cmake_bool()); }},
    {"ENVIRONMENT", [](Test& t, const JsonAt& v) { return assign(t.environment, v.cmake_list()); }},
    {"ENVIRONMENT_MODIFICATION", apply_environment_modification},
    {"FAIL_REGULAR_EXPRESSION", [](Test& t, const JsonAt& v) { return assign_regexes(t.expectations.fail_regexes, v); }},
    {"FIXTURES_CLEANUP", [](Test& t, const JsonAt& v) { return assign(t.requirements.fixtures_cleanup, v.cmake_list()); }},
    {"FIXTURES_REQUIRED", [](Test& t, const JsonAt& v) { return assign(t.requirements.fixtures_required, v.cmake_list()); }},
    {"FIXTURES_SETUP", [](Test& t, const JsonAt& v) { return assign(t.requirements.fixtures_setup, v.cmake_list()); }},
    {"LABELS", [](Test& t, const JsonAt& v) { return assign(t.labels, v.cmake_list()); }},
    {"PASS_REGULAR_EXPRESSION", [](Test& t, const JsonAt& v) { return assign_regexes(t.expectations.pass_regexes, v); }},
    {"PROCESSORS", apply_processors},
    {"PROCESSOR_AFFINITY", [](Test& t, const JsonAt& v) { return assign(t.limits.processor_affinity, v.cmake_bool()); }},
    {"PTESTS_CAPTURE", [](Test& t, const JsonAt& v) { return assign(t.capture, read_choice(k_captures, v)); }},
    {"PTESTS_FRAMEWORK", [](Test& t, const JsonAt& v) { return assign(t.framework, read_choice(k_frameworks, v)); }},
    {"PTESTS_GROUP", apply_groups},
    {"PTESTS_ISOLATE_CASES", [](Test& t, const JsonAt& v) { return assign(t.isolate_cases, v.cmake_bool()); }},
    {"PTESTS_LEAK", [](Test& t, const JsonAt& v) { return assign(t.leak, read_choice(k_leak_policies, v)); }},
    {"PTESTS_LEAK_GRACE", [](Test& t, const JsonAt& v) { return assign(t.leak_grace, read_seconds(v)); }},
    {"PTESTS_LEVEL", apply_level},
    {"PTESTS_PRIORITY", apply_priority},
    {"PTESTS_RETRIES", apply_retries},
    {"REQUIRED_FILES", [](Test& t, const JsonAt& v) { return assign(t.requirements.required_files, v.cmake_list()); }},
    {"RESOURCE_GROUPS", apply_resource_groups},
    {"RESOURCE_LOCK", [](Test& t, const JsonAt& v) { return assign(t.requirements.locks, v.cmake_list()); }},
    {"RUN_SERIAL", [](Test& t, const JsonAt& v) { return assign(t.requirements.run_serial, v.cmake_bool()); }},
    {"SKIP_REGULAR_EXPRESSION", [](Test& t, const JsonAt& v) { return assign_regexes(t.expectations.skip_regexes, v); }},
    {"SKIP_RETURN_CODE", [](Test& t, const JsonAt& v) { return assign(t.expectations.skip_return_code, v.cmake_int()); }},
    {"TIMEOUT_AFTER_MATCH", apply_timeout_after_match},
    {"TIMEOUT_SIGNAL_GRACE_PERIOD", [](Test& t, const JsonAt& v) { return assign(t.limits.grace, read_seconds(v)); }},
    {"TIMEOUT_SIGNAL_NAME", [](Test& t, const JsonAt& v) { return assign(t.limits.timeout_signal, read_choice(k_timeout_signals, v)); }},
    {"WILL_FAIL", [](Test& t, const JsonAt& v) { return assign(t.expectations.will_fail, v.cmake_bool()); }},
    {"WORKING_DIRECTORY", [](Test& t, const JsonAt& v) { return assign(t.working_directory, v.text()); }},
};

constexpr std::string_view k_ours = "PTESTS_";

/// The limit that a property sets: TIMEOUT, which is CTest's, or our prefix and the keyword of another.
const LimitInfo* find_limit(std::string_view property) {
  const bool is_ours = property.starts_with(k_ours);
  const std::string_view keyword = property.substr(is_ours ? k_ours.size() : 0);
  const auto* const found = std::find_if(k_limits.begin(), k_limits.end(), [&](const LimitInfo& info) {
    return info.keyword == keyword && is_ours == (info.kind != LimitKind::timeout);
  });
  return found == k_limits.end() ? nullptr : found;
}

/// A limit must not be lost to a slip of the pen.
tl::unexpected<Error> unknown_property(std::string_view name, const JsonAt& value) {
  std::vector<std::string> ours;
  for (const LimitInfo& info : k_limits)
    if (info.kind != LimitKind::timeout) ours.push_back(fmt::format("{}{}", k_ours, info.keyword));
  for (const Property& property : k_properties)
    if (property.name.starts_with(k_ours)) ours.emplace_back(property.name);
  const std::string choice = quoted_choice(nearest(name, ours, 2));
  return fail(fmt::format("{}: there is no such property", value.path()), choice.empty() ? "" : fmt::format("did you mean {}?", choice));
}

}  // namespace

Result<void> apply_property(Test& test, std::string_view name, const JsonAt& value) {
  // A generator expression may have left nothing of it.
  const bool is_empty = value.exists() && value.value().is_text() && value.value().text().empty();
  if (is_empty && name.starts_with(k_ours)) return {};
  if (value.exists()) test.properties[std::string(name)] = dump_json(value.value());
  if (const LimitInfo* limit = find_limit(name)) return apply_limit(test, limit->kind, value);
  const auto* const end = std::end(k_properties);
  const auto* const found = std::find_if(std::begin(k_properties), end, [&](const Property& p) { return p.name == name; });
  if (found != end) return found->apply(test, value);
  return name.starts_with(k_ours) ? Result<void>(unknown_property(name, value)) : Result<void>{};
}

}  // namespace ptests
