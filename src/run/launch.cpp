#include "run/launch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <unordered_set>

#include "base/command.hpp"
#include "base/directory_names.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "process/jobserver.hpp"

namespace ptests {

namespace {

using Variables = std::map<std::string, std::string>;

Variables parse_variables(const std::vector<std::string>& entries) {
  Variables variables;
  for (const std::string& entry : entries)
    if (const std::size_t equals = entry.find('='); equals != std::string::npos)
      variables[entry.substr(0, equals)] = entry.substr(equals + 1);
  return variables;
}

enum class End { front, back };

void extend(Variables& variables, const EnvironmentChange& change, std::string_view separator, End end) {
  const auto found = variables.find(change.name);
  if (found == variables.end() || found->second.empty()) {
    variables[change.name] = change.value;
  } else if (end == End::back) {
    found->second = fmt::format("{}{}{}", found->second, separator, change.value);
  } else {
    found->second = fmt::format("{}{}{}", change.value, separator, found->second);
  }
}

void apply(Variables& variables, const Variables& original, const EnvironmentChange& change) {
  using Operation = EnvironmentChange::Operation;
  switch (change.operation) {
    case Operation::set: variables[change.name] = change.value; break;
    case Operation::unset: variables.erase(change.name); break;
    case Operation::reset:
      if (const auto found = original.find(change.name); found != original.end()) {
        variables[change.name] = found->second;
      } else {
        variables.erase(change.name);
      }
      break;
    case Operation::string_append: extend(variables, change, "", End::back); break;
    case Operation::string_prepend: extend(variables, change, "", End::front); break;
    case Operation::path_list_append: extend(variables, change, ":", End::back); break;
    case Operation::path_list_prepend: extend(variables, change, ":", End::front); break;
    case Operation::cmake_list_append: extend(variables, change, ";", End::back); break;
    case Operation::cmake_list_prepend: extend(variables, change, ";", End::front); break;
  }
}

/// Ours, without what every test gets a value of its own for. Made once: the environment of 10,000 tests comes from it.
const std::vector<std::string>& inherited_environment() {
  static const std::vector<std::string> k_entries = [] {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      // A make around us tells its jobserver in both; the descriptors of that are no test's.
      const bool is_of_make = text.starts_with("MAKEFLAGS=") || (text.starts_with("MFLAGS=") && text.find("--jobserver-") != text.npos);
      if (!is_of_make && !text.starts_with("PTESTS_") && !text.starts_with("TMPDIR=")) entries.emplace_back(text);
    }
    return entries;
  }();
  return k_entries;
}

/// "MAKEFLAGS=...": ours, with the jobserver of the run in place of that of a make around us.
std::string make_flags(const LaunchContext& context) {
  static const std::string k_inherited = [] {
    const char* flags = std::getenv("MAKEFLAGS");
    return without_jobserver(flags == nullptr ? "" : flags);
  }();
  const std::string value =
      context.jobs.empty() ? k_inherited : with_jobserver(k_inherited, jobserver_words(context.most_jobs, context.jobs));
  return value.empty() ? "" : "MAKEFLAGS=" + value;
}

void set_environment(LaunchSpec& spec, const Test& test, const LaunchContext& context) {
  constexpr std::size_t k_ours = 8;
  std::vector<std::string>& entries = spec.environment;
  entries.reserve(k_ours + context.more_environment.size());
  entries.push_back("PTESTS_RUN_ID=" + context.run_id);
  entries.push_back("PTESTS_TEST_NAME=" + test.name);
  entries.push_back("PTESTS_TEST_NUMBER=" + std::to_string(test.number));
  entries.push_back("PTESTS_ATTEMPT=" + std::to_string(context.attempt));
  entries.push_back("PTESTS_SLOT=" + std::to_string(context.slot));
  if (!context.temporary.empty()) {
    entries.push_back("PTESTS_TMPDIR=" + context.temporary);
    entries.push_back("TMPDIR=" + context.temporary);
  }
  if (std::string flags = make_flags(context); !flags.empty()) entries.push_back(std::move(flags));
  entries.insert(entries.end(), context.more_environment.begin(), context.more_environment.end());
  const bool is_plain = test.environment.empty() && test.environment_changes.empty();
  if (is_plain) {
    spec.inherited = &inherited_environment();
  } else {
    entries.insert(entries.begin(), inherited_environment().begin(), inherited_environment().end());
    entries = apply_environment(entries, test);
  }
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// Executable or not: why it does not start is then said by exec.
bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

/// Where `word` is: a path as it is, a bare name in the test's directory and then in PATH, as ctest looks.
std::optional<std::string> find_executable(const std::string& word, const std::string& working_directory) {
  if (word.starts_with('/')) return is_file(word) ? std::optional(word) : std::nullopt;
  const fs::path local = fs::path(working_directory) / word;
  if (is_executable_file(local)) return local.string();
  if (word.find('/') != std::string::npos) return std::nullopt;
  return find_in_path(word);
}

}  // namespace

std::vector<std::string> apply_environment(const std::vector<std::string>& base, const Test& test) {
  Variables variables = parse_variables(base);
  for (const std::string& entry : test.environment)
    if (entry.find('=') == std::string::npos) variables.erase(entry);
  for (const auto& [name, value] : parse_variables(test.environment)) variables[name] = value;
  const Variables original = variables;
  for (const EnvironmentChange& change : test.environment_changes) apply(variables, original, change);
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

Result<LaunchSpec> make_launch(const Test& test, const LaunchContext& context) {
  if (!test.defect.empty()) return fail(test.defect);
  if (test.command.empty()) return fail("Unable to find executable: CTest did not find it when it listed the tests; build it first");
  for (const std::string& file : test.requirements.required_files)
    if (!is_there(fs::path(test.working_directory) / file)) return fail(fmt::format("Unable to find required file: {}", file));
  const std::optional<std::string> executable = find_executable(test.command[0], test.working_directory);
  if (!executable) return fail(fmt::format("Unable to find executable: {}", test.command[0]));

  LaunchSpec spec;
  spec.command = test.command;
  spec.command[0] = *executable;
  set_environment(spec, test, context);
  spec.working_directory = test.working_directory;
  spec.output_file = context.log;
  spec.error_file = error_log_of(context.log);
  spec.limits = &test.limits;
  spec.capture = test.capture;
  // The limit on the size of its files would else hold for our logs too.
  if (test.limits.positive(LimitKind::file_size)) {
    if (spec.capture == Capture::file) spec.capture = Capture::pipe;
    spec.is_split_drained = spec.capture == Capture::split;
  }
  if (context.own_tokens > 0) {
    spec.own_jobs = context.jobs;
    spec.own_tokens = context.own_tokens;
  }
  if (test.limits.processor_affinity) spec.pinned_processors = test.requirements.processors;
  return spec;
}

std::string error_log_of(const std::string& log) { return log + ".err"; }

std::vector<std::string> output_files(const Test& test, const std::string& log) {
  if (test.capture == Capture::split) return {log, error_log_of(log)};
  return {log};
}

std::string core_of(const std::string& log) { return log + ".core"; }

constexpr std::string_view k_attempt = "~attempt";

std::string attempt_log(const std::string& log, int attempt) {
  if (attempt == 1) return log;
  const std::size_t extension = log.rfind('.');
  return fmt::format("{}{}{}{}", log.substr(0, extension), k_attempt, attempt, log.substr(extension));
}

void remove_later_attempts(const std::string& log) {
  // An attempt has a log only when the one before it has one.
  for (int attempt = 2;; ++attempt) {
    const std::string later = attempt_log(log, attempt);
    if (::unlink(later.c_str()) != 0) return;
    ::unlink(error_log_of(later).c_str());
  }
}

bool has_later_attempts(const std::string& logs) {
  bool found = false;
  const bool all_were_read = see_names(logs, [&found](std::string_view name) { return found = name.find(k_attempt) != name.npos; });
  return found || !all_were_read;
}

std::vector<std::string> make_log_paths(const Suite& suite, const std::string& directory) {
  std::vector<std::string> paths;
  paths.reserve(suite.tests.size());
  std::unordered_set<std::string_view> seen;
  for (const Test& test : suite.tests) {
    const bool repeated = !seen.insert(test.name).second;
    std::string& path = paths.emplace_back(directory);
    path += '/';
    path += file_name_for(test.name);
    if (repeated) path += fmt::format("~{}", test.number);
    path += ".log";
  }
  return paths;
}

}  // namespace ptests
