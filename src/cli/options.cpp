#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/text.hpp"

namespace ptests::cli {

namespace {

using Apply = Result<void> (*)(Options&, const std::string& value);

struct Option {
  std::string_view group;
  std::string_view short_name;  ///< "" = none
  std::string_view long_name;   ///< "" = none
  std::string_view value;       ///< what it takes, for the help; "" = nothing
  std::string_view help;
  Apply apply;
};

constexpr std::string_view k_jobs_hint = "without -j, ptests uses all processors";

Result<void> set_jobs(Options& options, const std::string& value) {
  const auto jobs = parse_int(value);
  if (!jobs || *jobs < 1) return fail(fmt::format("-j: expected a number of at least 1, got \"{}\"", value), std::string(k_jobs_hint));
  options.jobs = *jobs;
  return {};
}

Result<void> set_timeout(Options& options, const std::string& value) {
  const auto seconds = parse_number(value);
  if (!seconds || *seconds < 0)
    return fail(fmt::format("--timeout: expected a number of seconds, got \"{}\"", value), "without a unit; 0 = no limit");
  options.timeout = seconds;
  return {};
}

Result<void> set_format(Options& options, const std::string& value) {
  if (value != "human" && value != "json") return fail(fmt::format("--format: expected human or json, got \"{}\"", value));
  options.format = value == "json" ? Format::json : Format::human;
  return {};
}

template <auto member>
Result<void> store(Options& options, const std::string& value) {
  options.*member = value;
  return {};
}

template <auto member>
Result<void> append(Options& options, const std::string& value) {
  (options.selection.*member).push_back(value);
  return {};
}

template <auto member, bool value>
Result<void> flag(Options& options, const std::string&) {
  options.*member = value;
  return {};
}

constexpr std::string_view k_where = "Where and how";
constexpr std::string_view k_which = "Which tests (all that are given must hold)";
constexpr std::string_view k_output = "Output";

constexpr Option k_options[] = {
    {k_where, "-B", "--build-dir", "DIR", "build directory (default: the current one)", store<&Options::build_directory>},
    {k_where, "-C", "--config", "CFG", "configuration of a multi-config build", store<&Options::configuration>},
    {k_where, "-j", "--parallel", "N", "processors to use (default: {processors})", set_jobs},
    {k_where, "", "--timeout", "S", "where a test sets none (default: 1500; 0 = never)", set_timeout},
    {k_where, "", "--no-build", "", "run what is there, build nothing", flag<&Options::build, false>},
    {k_where, "", "--check", "", "for the target `check`: a build tool started us", flag<&Options::from_build_tool, true>},
    {k_which, "-R", "--tests-regex", "RE", "names that match", append<&Selection::names>},
    {k_which, "-E", "--exclude-regex", "RE", "names that do not match", append<&Selection::not_names>},
    {k_which, "-L", "--label-regex", "RE", "with a matching label (again: with one for each)", append<&Selection::labels>},
    {k_which, "-LE", "--label-exclude", "RE", "without a matching label (again: for each)", append<&Selection::not_labels>},
    {k_which, "", "--suite", "NAME", "of this suite (again: of one of them)", append<&Selection::suites>},
    {k_output, "", "--list", "", "list the tests, run none", flag<&Options::list, true>},
    {k_output, "", "--format", "FMT", "of the list: human, json (CTest's json-v1)", set_format},
    {k_output, "", "--junit", "FILE", "JUnit XML (default: paralleltests/junit.xml)", store<&Options::junit>},
    {k_output, "-h", "--help", "", "this text", flag<&Options::help, true>},
};

const Option* find_option(std::string_view name) {
  const auto* const end = std::end(k_options);
  const auto* const found = std::find_if(std::begin(k_options), end, [&](const Option& option) {
    return !name.empty() && (name == option.short_name || name == option.long_name);
  });
  return found == end ? nullptr : found;
}

/// A word as option name and attached value: `--opt=value`, `-j4`.
struct Word {
  const Option* option = nullptr;
  std::optional<std::string> value;
};

Word parse_word(const std::string& word) {
  if (const Option* option = find_option(word)) return {option, std::nullopt};
  if (word.starts_with("--")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return {};
    return {find_option(word.substr(0, equals)), word.substr(equals + 1)};
  }
  for (const std::size_t length : {std::size_t{3}, std::size_t{2}}) {
    const Option* option = find_option(word.substr(0, length));
    if (option != nullptr && !option->value.empty()) return {option, word.substr(length)};
  }
  return {};
}

constexpr std::string_view k_output_hint = "the output of failed tests is always shown; that of each test is in paralleltests/logs";

/// Options of ctest that are not ours, with our way to the same end.
constexpr std::pair<std::string_view, std::string_view> k_ctest_options[] = {
    {"-N", "list the tests with `ptests list`"},
    {"--show-only", "list the tests with `ptests list`, as JSON with --format json"},
    {"--test-dir", "name the build directory with -B"},
    {"--build-config", "name the configuration with -C"},
    {"--output-on-failure", "leave it out: the output of failed tests is always shown"},
    {"-V", k_output_hint},
    {"-VV", k_output_hint},
    {"--verbose", k_output_hint},
    {"--extra-verbose", k_output_hint},
    {"--rerun-failed", "`ctest --test-dir DIR --rerun-failed` runs what failed in a run of ptests"},
    {"--output-junit", "name the JUnit file with --junit"},
};

std::string hint_for_unknown(std::string_view name) {
  for (const auto& [option, hint] : k_ctest_options)
    if (name == option) return std::string(hint);
  std::vector<std::string> names;
  for (const Option& option : k_options)
    if (!option.long_name.empty()) names.emplace_back(option.long_name);
  const std::string choice = quoted_choice(nearest(name, names, 2));
  return choice.empty() ? "see `ptests run --help`" : fmt::format("did you mean {}?", choice);
}

tl::unexpected<Error> unknown_option(const std::string& word) {
  return fail(fmt::format("unknown option \"{}\"", word), hint_for_unknown(std::string_view(word).substr(0, word.find('='))));
}

tl::unexpected<Error> missing_value(const Option& option, const std::string& word) {
  return fail(fmt::format("option {} needs a value: {}", word, option.value), std::string(option.apply == set_jobs ? k_jobs_hint : ""));
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      options.selection.globs.insert(options.selection.globs.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (!word.starts_with('-') || word == "-") {
      options.selection.globs.push_back(word);
      continue;
    }
    Word parsed = parse_word(word);
    if (parsed.option == nullptr) return unknown_option(word);
    if (parsed.option->value.empty()) {
      if (parsed.value) return fail(fmt::format("option {} takes no value", parsed.option->long_name));
      parsed.value = "";
    } else if (!parsed.value) {
      if (i + 1 == words.size()) return missing_value(*parsed.option, word);
      parsed.value = words[++i];
    }
    if (Result<void> done = parsed.option->apply(options, *parsed.value); !done) return tl::unexpected(done.error());
  }
  return options;
}

std::string describe_options() {
  std::string text;
  std::string_view group;
  for (const Option& option : k_options) {
    if (option.group != group) text += fmt::format("{}{}:\n", group.empty() ? "" : "\n", option.group);
    group = option.group;
    const std::string names =
        fmt::format("{:>3}{} {} {}", option.short_name, option.short_name.empty() ? " " : ",", option.long_name, option.value);
    const std::string help =
        fmt::format(fmt::runtime(option.help), fmt::arg("processors", std::max(1U, std::thread::hardware_concurrency())));
    text += fmt::format("  {:<28} {}\n", names, help);
  }
  return text;
}

}  // namespace ptests::cli
