#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "cli/retry_values.hpp"
#include "suite/values.hpp"

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

tl::unexpected<Error> expected(std::string_view option, const ValueForm& form, const std::string& value) {
  return fail(fmt::format("{}: expected {}, got \"{}\"", option, expected_instead_of(value, form), value), std::string(form.hint));
}

constexpr ValueForm k_time_limit_form{k_duration_form.expected, "seconds, or with a unit: 30s, 5m, 1h; 0 = no limit"};

Result<void> store_limit(Limits& limits, std::string_view option, LimitKind kind, const std::string& value) {
  const bool is_time = limit_info(kind).unit == LimitUnit::seconds;
  const std::optional<double> parsed = is_time ? parse_duration(value) : parse_limit(kind, value);
  if (!parsed) return expected(option, is_time ? k_time_limit_form : limit_form(kind), value);
  limits[kind] = parsed;
  return {};
}

/// A limit's name as options are written: "cpu-time".
std::string dashed(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

/// In the order of k_limits.
std::vector<std::string> limit_names() {
  std::vector<std::string> names;
  names.reserve(k_limits.size());
  for (const LimitInfo& info : k_limits) names.push_back(dashed(info.name));
  return names;
}

template <class T, class U>
Result<void> assign(T& member, Result<U> value) {
  if (!value) return tl::unexpected(value.error());
  member = std::move(*value);
  return {};
}

template <LimitKind kind>
Result<void> set_limit(Options& options, const std::string& value) {
  return store_limit(options.limits, "--" + dashed(limit_info(kind).name), kind, value);
}

/// NAME=VALUE.
Result<void> set_named_limit(Options& options, const std::string& value) {
  const std::vector<std::string> names = limit_names();
  const std::size_t equals = value.find('=');
  const std::string name = dashed(value.substr(0, equals));
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    const std::string choice = quoted_choice(nearest(name, names, 2));
    return fail(fmt::format("--limit: there is no limit \"{}\"", name),
                choice.empty() ? "one of " + join(names, " ") : fmt::format("did you mean {}?", choice));
  }
  const LimitKind kind = k_limits[static_cast<std::size_t>(found - names.begin())].kind;
  const std::string option = "--limit " + name;
  if (equals == std::string::npos) return fail(fmt::format("{}: no value", option), fmt::format("{}=VALUE", option));
  return store_limit(options.limits, option, kind, value.substr(equals + 1));
}

/// Words that an option takes, and what they stand for.
template <class T, std::size_t size>
struct Words {
  std::string_view option;
  std::array<Choice<T>, size> choices;
};
constexpr Words<Format, 2> k_formats{"--format", {{{"human", Format::human}, {"json", Format::json}}}};
constexpr Words<LimitsPolicy, 2> k_limits_policies{"--limits",
                                                   {{{"enforce", LimitsPolicy::enforce}, {"best-effort", LimitsPolicy::best_effort}}}};
constexpr Words<Capture, k_captures.size()> k_capture_words{"--capture", k_captures};
constexpr Words<LeakPolicy, k_leak_policies.size()> k_leak_words{"--leak", k_leak_policies};
constexpr Words<bool, 2> k_backtrace_words{"--backtrace", {{{"auto", true}, {"off", false}}}};
constexpr Words<bool, 2> k_protect_words{"--protect", {{{"on", true}, {"off", false}}}};
constexpr Words<JobserverMode, 3> k_jobserver_words{
    "--jobserver", {{{"auto", JobserverMode::automatic}, {"on", JobserverMode::on}, {"off", JobserverMode::off}}}};
constexpr Words<RetryOptions::Flaky, 2> k_flaky_words{"--flaky",
                                                      {{{"report", RetryOptions::Flaky::report}, {"fail", RetryOptions::Flaky::fail}}}};
constexpr Words<BatchOptions::Mode, 2> k_batch_words{"--batch", {{{"on", BatchOptions::Mode::packed}, {"off", BatchOptions::Mode::whole}}}};
constexpr Words<BatchOptions::OrderDependent, 2> k_order_dependent_words{
    "--order-dependent", {{{"fail", BatchOptions::OrderDependent::fail}, {"pass", BatchOptions::OrderDependent::pass}}}};
constexpr Words<SummaryKind, 4> k_summaries{
    "--summary",
    {{{"memory", SummaryKind::memory}, {"cpu", SummaryKind::cpu}, {"time", SummaryKind::time}, {"compile", SummaryKind::compile}}}};

template <const auto& words, class T>
Result<void> choose_into(T& place, const std::string& value) {
  const auto choice = parse_choice(words.choices, value);
  if (!choice) return fail(fmt::format("{}: expected {}, got \"{}\"", words.option, list_choices(words.choices), value));
  place = *choice;
  return {};
}

template <auto member, const auto& words>
Result<void> choose(Options& options, const std::string& value) {
  return choose_into<words>(options.*member, value);
}

/// The same for a member of a member.
template <auto outer, auto inner, const auto& words>
Result<void> choose(Options& options, const std::string& value) {
  return choose_into<words>((options.*outer).*inner, value);
}

Result<void> set_leak_grace(Options& options, const std::string& value) {
  const std::optional<double> seconds = parse_duration(value);
  if (!seconds) return expected("--leak-grace", k_duration_form, value);
  options.leak_grace = Seconds(*seconds);
  return {};
}

Result<void> set_timeout_signal(Options& options, const std::string& value) {
  options.timeout_signal = parse_choice(k_timeout_signals, value);
  if (!options.timeout_signal)
    return fail(fmt::format("--timeout-signal: expected {}, got \"{}\"", list_choices(k_timeout_signals), value));
  return {};
}

Result<void> set_timeout_grace(Options& options, const std::string& value) {
  const std::optional<double> seconds = parse_duration(value);
  if (!seconds) return expected("--timeout-grace", k_duration_form, value);
  options.timeout_grace = Seconds(*seconds);
  return {};
}

Result<void> set_share(Options& options, const std::string& value) {
  options.share = value;
  return {};
}

Result<void> set_memory_threshold(Options& options, const std::string& value) {
  options.memory_threshold = parse_size(value);
  if (!options.memory_threshold) return expected("--mem-threshold", limit_form(LimitKind::memory), value);
  return {};
}

Result<void> set_cpu_threshold(Options& options, const std::string& value) {
  options.cpu_threshold = parse_number(value);
  const bool good = options.cpu_threshold && *options.cpu_threshold > 0 && *options.cpu_threshold <= 100;
  if (!good) return expected("--cpu-threshold", {"a percentage above 0, at most 100", "without a unit"}, value);
  return {};
}

template <LimitKind kind>
Result<void> set_compile_limit(Options& options, const std::string& value) {
  return store_limit(options.steps.limits, fmt::format("--compile-{}", limit_info(kind).name), kind, value);
}

Result<void> set_link_jobs(Options& options, const std::string& value) {
  return assign(options.steps.most_links, parse_count("--link-jobs", value, 1));
}

Result<void> set_max_running(Options& options, const std::string& value) {
  return assign(options.max_running, parse_count("--max-running", value, 1));
}

Result<void> set_retries(Options& options, const std::string& value) { return assign(options.retry.retries, parse_retries(value)); }

Result<void> set_retry_budget(Options& options, const std::string& value) {
  return assign(options.retry.budget, parse_count("--retry-budget", value, 0));
}

Result<void> set_repeat(Options& options, const std::string& value) { return assign(options.retry.repeat, parse_repeat(value)); }

Result<void> set_isolate(Options& options, const std::string&) {
  options.batches.mode = BatchOptions::Mode::isolated;
  return {};
}

Result<void> set_batch_time(Options& options, const std::string& value) {
  const std::optional<double> seconds = parse_duration(value);
  if (!seconds || *seconds <= 0)
    return fail(fmt::format("--batch-time: expected a time above 0, got \"{}\"", value), std::string(k_duration_form.hint));
  options.batches.target = Seconds(*seconds);
  return {};
}

Result<void> set_fail_fast(Options& options, const std::string& value) {
  const Seconds most_time = options.early_end.most_time;
  Result<void> done = assign(options.early_end, parse_fail_fast(value));
  options.early_end.most_time = most_time;
  return done;
}

Result<void> set_max_time(Options& options, const std::string& value) {
  const std::optional<double> seconds = parse_duration(value);
  if (!seconds) return expected("--max-time", k_duration_form, value);
  options.early_end.most_time = Seconds(*seconds);
  return {};
}

Result<void> set_shard(Options& options, const std::string& value) { return assign(options.shard, parse_shard(value)); }

/// A seed of its own when none is given.
Result<void> set_shuffle(Options& options, const std::string& value) {
  constexpr std::uint32_t k_most = 999'999;
  if (value.empty()) {
    options.shuffle = std::random_device{}() % k_most + 1;
    return {};
  }
  const std::optional<int> seed = parse_int(value);
  if (!seed || *seed < 1) return fail(fmt::format("--shuffle: expected a seed, a number of at least 1, got \"{}\"", value));
  options.shuffle = static_cast<std::uint32_t>(*seed);
  return {};
}

Result<void> set_stress(Options& options, const std::string& value) { return assign(options.stress, parse_stress(value)); }

/// By name, so that what other runs since have done to other tests is not forgotten.
Result<void> set_rerun_failed(Options& options, const std::string&) {
  options.selection.expressions.emplace_back("status(failed) or status(outstanding) or status(new)");
  options.rerun_failed = true;
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

template <const auto& level>
Result<void> add_level(Options& options, const std::string&) {
  options.selection.levels.emplace_back(level);
  return {};
}
constexpr std::string_view k_unit = "unit";
constexpr std::string_view k_integration = "integration";
constexpr std::string_view k_system = "system";

/// P0[,P1...].
Result<void> add_priorities(Options& options, const std::string& value) {
  for (const std::string& word : split(value, ',')) {
    const bool known =
        std::any_of(k_priorities.begin(), k_priorities.end(), [&](const auto& one) { return lower(one.first) == lower(word); });
    if (!known) return fail(fmt::format("--priority: expected {}, got \"{}\"", list_choices(k_priorities), word), "several: P0,P1");
    options.selection.priorities.push_back(lower(word));
  }
  return {};
}

template <auto member>
Result<void> only(Options& options, const std::string&) {
  options.selection.*member = true;
  return {};
}

Result<void> set_changed_since(Options& options, const std::string& value) {
  options.selection.changed_since = value;
  return {};
}

template <auto member, bool value>
Result<void> flag(Options& options, const std::string&) {
  options.*member = value;
  return {};
}

constexpr std::string_view k_where = "Where and how";
constexpr std::string_view k_which = "Which tests (all that are given must hold)";
constexpr std::string_view k_when = "When they run";
constexpr std::string_view k_often = "How often they run";
constexpr std::string_view k_known = "Which tests, by what is known of them (all that are given must hold)";
constexpr std::string_view k_build = "How what they need is built";
constexpr std::string_view k_limit = "Limits of a test that sets none of its own (0 = no limit)";
constexpr std::string_view k_process = "How a test runs";
constexpr std::string_view k_cases = "Test cases, where a suite has a FRAMEWORK";
constexpr std::string_view k_machine = "The machine";
constexpr std::string_view k_output = "Output";

constexpr Option k_options[] = {
    {k_where, "-B", "--build-dir", "DIR", "build directory (default: the current one)", store<&Options::build_directory>},
    {k_where, "-C", "--config", "CFG", "configuration of a multi-config build", store<&Options::configuration>},
    {k_where, "-j", "--parallel", "N", "processors to use (default: {processors})", set_jobs},
    {k_where, "", "--history", "PATH", "history (default: paralleltests/history.db)", store<&Options::history>},
    {k_where, "", "--resource-spec-file", "F", "slots for RESOURCE_GROUPS, as ctest", store<&Options::resource_spec_file>},
    {k_where, "", "--check", "", "for the target `check`: a build tool started us", flag<&Options::from_build_tool, true>},
    {k_which, "-R", "--tests-regex", "RE", "names that match", append<&Selection::names>},
    {k_which, "-E", "--exclude-regex", "RE", "names that do not match", append<&Selection::not_names>},
    {k_which, "-L", "--label-regex", "RE", "with a matching label (again: with one for each)", append<&Selection::labels>},
    {k_which, "-LE", "--label-exclude", "RE", "without a matching label (again: for each)", append<&Selection::not_labels>},
    {k_which, "", "--suite", "NAME", "of this suite (again: of one of them)", append<&Selection::suites>},
    {k_which, "-e", "--expr", "EXPR", "name(net) and not label(slow): see README.md", append<&Selection::expressions>},
    {k_which, "", "--tag", "NAME", "with this label (again: with one of them)", append<&Selection::tags>},
    {k_which, "", "--changed-since", "REV", "made from what differs from this git revision", set_changed_since},
    {k_known, "", "--unit", "", "of this level (again: of one of them)", add_level<k_unit>},
    {k_known, "", "--integration", "", "of this level", add_level<k_integration>},
    {k_known, "", "--system", "", "of this level", add_level<k_system>},
    {k_known, "", "--priority", "P0[,P1]", "of one of these priorities, P0 to P3", add_priorities},
    {k_known, "", "--rerun-failed", "", "what failed the last time, did not run, or is new", set_rerun_failed},
    {k_known, "", "--only-failed", "", "failed the last time", only<&Selection::only_failed>},
    {k_known, "", "--only-skipped", "", "skipped or disabled, the last time or now", only<&Selection::only_skipped>},
    {k_known, "", "--only-slow", "", "above 1 s and ten times the median", only<&Selection::only_slow>},
    {k_when, "", "--max-running", "N", "tests at a time, those that sleep included", set_max_running},
    {k_when, "", "--fail-fast", "[=N]", "start nothing after N failures (=N:now: kill)", set_fail_fast},
    {k_when, "", "--max-time", "TIME", "of the whole run, which can be resumed then", set_max_time},
    {k_when, "", "--resume", "", "go on with the run that was interrupted here", flag<&Options::resume, true>},
    {k_when, "", "--shuffle", "[=SEED]", "in a random order, which the seed repeats", set_shuffle},
    {k_when, "", "--shard", "K/N", "the K-th of N parts; --history: equally long ones", set_shard},
    {k_often, "", "--retries", "N", "of all tests, after failures: N[:DELAY[:BACKOFF]]", set_retries},
    {k_often, "", "--retry-budget", "N", "retries of the whole run", set_retry_budget},
    {k_often, "", "--flaky", "WHAT", "passed on a retry only: report (default), fail",
     choose<&Options::retry, &RetryOptions::flaky, k_flaky_words>},
    {k_often, "", "--repeat", "MODE:N", "until-fail, until-pass or after-timeout", set_repeat},
    {k_often, "", "--stress", "N", "copies of each test, or a time: 100, 30s, 5m", set_stress},
    {k_build, "", "--no-build", "", "run what is there, build nothing", flag<&Options::build, false>},
    {k_build, "", "--compile-memory", "SIZE", "memory of each compiler and linker", set_compile_limit<LimitKind::memory>},
    {k_build, "", "--compile-timeout", "TIME", "wall time of each of them", set_compile_limit<LimitKind::timeout>},
    {k_build, "", "--link-jobs", "N", "linkers at a time", set_link_jobs},
    {k_limit, "", "--timeout", "TIME", "wall time: 90, 30s, 5m (default: 1500)", set_limit<LimitKind::timeout>},
    {k_limit, "", "--timeout-signal", "NAME", "what ends it then (default: SIGTERM)", set_timeout_signal},
    {k_limit, "", "--timeout-grace", "TIME", "until SIGKILL follows (default: 1)", set_timeout_grace},
    {k_limit, "", "--idle-timeout", "TIME", "time without output", set_limit<LimitKind::idle_timeout>},
    {k_limit, "", "--cpu-time", "TIME", "CPU time of its processes", set_limit<LimitKind::cpu_time>},
    {k_limit, "", "--memory", "SIZE", "memory of its processes: 512M, 2G", set_limit<LimitKind::memory>},
    {k_limit, "", "--processes", "N", "processes at a time", set_limit<LimitKind::processes>},
    {k_limit, "", "--output-size", "SIZE", "what it prints (default: 64M)", set_limit<LimitKind::output_size>},
    {k_limit, "", "--limit", "NAME=VALUE", "another: open-files, stack, cpus, nice, ...", set_named_limit},
    {k_limit, "", "--override-limits", "", "for tests that set one of their own too", flag<&Options::override_limits, true>},
    {k_process, "", "--capture", "HOW", "output: file (default), split, pipe, pty or none", choose<&Options::capture, k_capture_words>},
    {k_process, "", "--leak", "WHAT", "left processes: report (default), fail, ignore", choose<&Options::leak, k_leak_words>},
    {k_process, "", "--leak-grace", "TIME", "time that these have to end (default: 0.2)", set_leak_grace},
    {k_process, "", "--keep-tmp", "", "keep the TMPDIR of tests that failed", flag<&Options::keep_tmp, true>},
    {k_process, "", "--backtrace", "MODE", "after crashes and timeouts: auto (default), off",
     choose<&Options::backtrace, k_backtrace_words>},
    {k_process, "", "--processor-affinity", "", "pinned to as many as its PROCESSORS", flag<&Options::processor_affinity, true>},
    {k_cases, "", "--batch", "MODE", "many a process: on (default), off (run it whole)",
     choose<&Options::batches, &BatchOptions::mode, k_batch_words>},
    {k_cases, "", "--batch-time", "TIME", "that a process is to take (default: 0.5)", set_batch_time},
    {k_cases, "", "--isolate", "", "a process for each case", set_isolate},
    {k_cases, "", "--order-dependent", "WHAT", "passes only alone: fail (default), pass",
     choose<&Options::batches, &BatchOptions::order_dependent, k_order_dependent_words>},
    {k_machine, "", "--limits", "MODE", "unenforceable limits: enforce (fail), best-effort",
     choose<&Options::limits_policy, k_limits_policies>},
    {k_machine, "", "--protect", "MODE", "from the tests: on (default), off", choose<&Options::protect, k_protect_words>},
    {k_machine, "", "--mem-threshold", "SIZE", "stop when less memory is available", set_memory_threshold},
    {k_machine, "", "--cpu-threshold", "PERCENT", "stop above this CPU pressure (PSI)", set_cpu_threshold},
    {k_machine, "", "--share", "[=DIR]", "processors and locks with other runs that do so", set_share},
    {k_machine, "", "--jobserver", "MODE", "for builds in tests: auto (default), on, off", choose<&Options::jobserver, k_jobserver_words>},
    {k_output, "", "--list", "", "list the tests, run none", flag<&Options::list, true>},
    {k_output, "", "--format", "FMT", "of the list: human, json (CTest's json-v1)", choose<&Options::format, k_formats>},
    {k_output, "", "--cases", "", "in the list: test cases; executables are asked", flag<&Options::list_cases, true>},
    {k_output, "", "--show-tags", "", "in the list: levels, tags, annotations", flag<&Options::show_tags, true>},
    {k_output, "", "--explain", "", "tell of every test that waits what for", flag<&Options::explain, true>},
    {k_output, "", "--junit", "FILE", "JUnit XML (default: paralleltests/junit.xml)", store<&Options::junit>},
    {k_output, "", "--summary", "OF", "the ten worst by memory, cpu, time or compile", choose<&Options::summary, k_summaries>},
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
    {"--output-junit", "name the JUnit file with --junit"},
};

std::string hint_for_unknown(std::string_view name) {
  for (const auto& [option, hint] : k_ctest_options)
    if (name == option) return std::string(hint);
  for (const std::string& limit : limit_names())
    if (name == "--" + limit) return fmt::format("--limit {}=VALUE", limit);
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
    } else if (parsed.option->value.starts_with('[')) {
      parsed.value = parsed.value.value_or("");
    } else if (!parsed.value) {
      if (i + 1 == words.size()) return missing_value(*parsed.option, word);
      parsed.value = words[++i];
    }
    if (Result<void> done = parsed.option->apply(options, *parsed.value); !done) return tl::unexpected(done.error());
  }
  if (!options.protect && (options.memory_threshold || options.cpu_threshold))
    return fail(fmt::format("{}: nothing is watched with --protect=off", options.memory_threshold ? "--mem-threshold" : "--cpu-threshold"),
                "leave one of them out");
  return options;
}

std::string describe_options() {
  std::string text;
  std::string_view group;
  for (const Option& option : k_options) {
    if (option.group != group) text += fmt::format("{}{}:\n", group.empty() ? "" : "\n", option.group);
    group = option.group;
    const std::string_view space = option.value.starts_with('[') ? "" : " ";
    const std::string names =
        fmt::format("{:>3}{} {}{}{}", option.short_name, option.short_name.empty() ? " " : ",", option.long_name, space, option.value);
    const std::string help =
        fmt::format(fmt::runtime(option.help), fmt::arg("processors", std::max(1U, std::thread::hardware_concurrency())));
    text += fmt::format("  {:<28} {}\n", names, help);
  }
  return text;
}

}  // namespace ptests::cli
