#include "build/make_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>
#include <unordered_map>

#include "base/files.hpp"
#include "base/make_lines.hpp"
#include "base/make_rules.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

/// The text between the first `open` and the last `close` after it, or nothing.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t start = text.find(open);
  if (start == text.npos) return {};
  const std::size_t end = text.rfind(close);
  if (end == text.npos || end < start + open.size()) return {};
  return text.substr(start + open.size(), end - start - open.size());
}

/// A line with which CMake's Makefiles begin or end a rule: "[ 50%] Building CXX object ...", without the percentage when
/// CMakeFiles/Makefile2 is asked directly; in colours when CLICOLOR_FORCE says so.
bool is_progress_line(std::string_view coloured) {
  const std::string plain = without_escapes(coloured.substr(0, 64));
  const std::string_view line = plain;
  if (line.starts_with('[') && line.substr(0, 8).find("%] ") != line.npos) return true;
  constexpr std::array<std::string_view, 6> k_begins{"Building ", "Linking ", "Built target ", "Generating ", "Consolidate ", "Scanning "};
  return std::any_of(k_begins.begin(), k_begins.end(), [&](std::string_view begin) { return line.starts_with(begin); });
}

/// A name as it stands in a rule.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '$') text += '$';
    if (std::string_view(" #:%").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

/// Goals of ours, each of which tells that all of a target is made: a line in a file, which no other build writes.
constexpr std::string_view k_goal_prefix = "paralleltests/";
constexpr std::string_view k_goals_file = "paralleltests/make/goals.make";
constexpr std::string_view k_built_file = "paralleltests/make/built";

std::string goal(const std::string& target) { return fmt::format("{}{}", k_goal_prefix, target); }

/// Says which executables look older than what they are made from, by the rules of their targets and what their compilers read the last
/// time. A guess, for the order of work.
class Staleness {
 public:
  explicit Staleness(std::string build_directory) : build_directory_(std::move(build_directory)) {}
  /// `folder` is the target's, relative to the build directory. What its inputs are made from does not count.
  bool is_stale(const Executable& executable, const fs::path& folder);

 private:
  fs::file_time_type time_of(const std::string& path);
  bool is_older_than_inputs(const std::vector<MakeRule>& rules, fs::file_time_type time);
  std::string build_directory_;
  std::unordered_map<std::string, fs::file_time_type> times_;
};

/// The oldest time there is when there is no such file.
fs::file_time_type Staleness::time_of(const std::string& path) {
  const auto [found, is_new] = times_.try_emplace(path, fs::file_time_type::min());
  std::error_code error;
  if (is_new)
    if (const fs::file_time_type time = fs::last_write_time(fs::path(build_directory_) / path, error); !error) found->second = time;
  return found->second;
}

bool Staleness::is_older_than_inputs(const std::vector<MakeRule>& rules, fs::file_time_type time) {
  return std::any_of(rules.begin(), rules.end(), [&](const MakeRule& rule) {
    return std::any_of(rule.inputs.begin(), rule.inputs.end(), [&](const std::string& input) { return time_of(input) > time; });
  });
}

bool Staleness::is_stale(const Executable& executable, const fs::path& folder) {
  const fs::file_time_type built = time_of(executable.file);
  if (built == fs::file_time_type::min()) return true;
  const fs::path directory = build_directory_;
  const std::vector<MakeRule> rules = read_make_rules(read_file(directory / folder / "build.make").value_or(""));
  if (is_older_than_inputs(rules, built)) return true;
  // An object has several rules.
  std::set<std::string_view> outputs;
  for (const MakeRule& rule : rules) outputs.insert(rule.outputs.begin(), rule.outputs.end());
  // What the compiler read stands beside its object.
  return std::any_of(outputs.begin(), outputs.end(), [&](std::string_view output) {
    if (!output.ends_with(".o")) return false;
    const Result<std::string> depfile = read_file(directory / fmt::format("{}.d", output));
    return depfile && is_older_than_inputs(read_make_rules(*depfile), built);
  });
}

}  // namespace

void MakeOutput::on_error(std::string_view place) {
  const std::size_t last_colon = place.rfind(": ");
  if (last_colon == place.npos) return;
  // sub/CMakeFiles/<target>.dir/build.make:76: <what failed>
  const std::string_view target = between(place, "CMakeFiles/", ".dir/build.make:");
  if (!target.empty()) failures_.push_back({std::string(target), std::exchange(pending_, {})});
}

void MakeOutput::on_line(std::string_view line) {
  constexpr std::array<std::string_view, 4> k_ends{"] Terminated", "] Interrupt", "] Hangup", "] Killed"};
  // A command that was killed is named with its build.make, a make with the Makefile2 above it.
  if (is_from_make(line) && line.find("CMakeFiles/Makefile2:") != line.npos &&
      std::any_of(k_ends.begin(), k_ends.end(), [&](std::string_view end) { return line.find(end) != line.npos; }))
    was_ended_ = true;
  if (!is_from_make(line)) {
    if (is_progress_line(line)) pending_.clear();
    pending_.append(line) += '\n';
    return;
  }
  if (const std::string_view place = between(line, ": *** [", "] "); !place.empty()) {
    pending_.append(line) += '\n';
    on_error(place);
  } else if (const std::string_view goal = between(line, ": Target '", "' not remade because of errors"); !goal.empty()) {
    if (goal.starts_with(k_goal_prefix)) failed_goals_.emplace(goal);
  } else if (line.find(": *** ") != line.npos) {
    pending_.append(line) += '\n';
  }
}

bool MakeTool::is_progress(std::string_view line) const { return is_progress_line(line); }

CommandLine MakeTool::regenerate() const {
  return {tree_->build_tool, "-C", tree_->build_directory, "--no-print-directory", "cmake_check_build_system"};
}

bool ends_with_link(std::string_view build_make) {
  constexpr std::string_view k_link = " -E cmake_link_script ";
  const std::size_t link = build_make.find(k_link);
  if (link == build_make.npos || build_make.find(k_link, link + 1) != build_make.npos) return false;
  const std::size_t end = build_make.find('\n', link);
  return end != build_make.npos && build_make.substr(end + 1, 1) != "\t";
}

bool all_rules_ask(std::string_view build_make) {
  // What a rule of a file prints first. Of a linker's command, which stands in another file, nothing is known.
  constexpr std::string_view k_words = " --progress-num=";
  constexpr std::string_view k_compiles = " \"Building ";
  constexpr std::string_view k_links = " \"Linking ";
  std::size_t at = build_make.find(k_words);
  // The project wants no such words (RULE_MESSAGES).
  if (at == build_make.npos) return !has_launcher(build_make);
  for (; at != build_make.npos; at = build_make.find(k_words, at + 1)) {
    const std::size_t end = std::min(build_make.find('\n', at), build_make.size());
    const std::string_view printed = build_make.substr(at, end - at);
    if (printed.find(k_links) != printed.npos) continue;
    const std::string_view rest = build_make.substr(std::min(end + 1, build_make.size()));
    if (printed.find(k_compiles) == printed.npos || !has_launcher(rest.substr(0, rest.find('\n')))) return false;
  }
  return true;
}

/// Of targets that nobody wants too: who needs whom stands in files that only make understands.
bool MakeTool::all_targets_ask() const {
  std::ifstream folders(fs::path(tree_->build_directory) / "CMakeFiles/TargetDirectories.txt");
  if (!folders) return false;
  for (std::string folder; std::getline(folders, folder);) {
    const Result<std::string> rules = read_file(fs::path(folder) / "build.make");
    if (rules && !all_rules_ask(*rules)) return false;
  }
  return true;
}

MakeTool::MakeTool(const BuildTree& tree) : tree_(&tree) {
  for (const Executable& executable : tree.executables) executables_.emplace(executable.target, &executable);
}

const Executable* MakeTool::executable_of(const std::string& target) const {
  const auto found = executables_.find(target);
  return found == executables_.end() ? nullptr : found->second;
}

/// Relative to the build directory.
fs::path MakeTool::target_folder(const std::string& target) const {
  const Executable* executable = executable_of(target);
  const fs::path directory = executable == nullptr ? tree_->build_directory : executable->directory;
  return (directory.lexically_relative(tree_->build_directory) / "CMakeFiles" / (target + ".dir")).lexically_normal();
}

bool MakeTool::is_ready_when_linked(const std::string& target) const {
  const Result<std::string> rules = read_file(fs::path(tree_->build_directory) / target_folder(target) / "build.make");
  return rules && ends_with_link(*rules);
}

/// make takes its goals in their order, and some hundredths of a second for each that is up to date.
std::vector<std::string> MakeTool::stale_first(std::vector<std::string> targets) const {
  Staleness staleness(tree_->build_directory);
  std::stable_partition(targets.begin(), targets.end(), [&](const std::string& target) {
    const Executable* executable = executable_of(target);
    return executable == nullptr || staleness.is_stale(*executable, target_folder(target));
  });
  return targets;
}

std::optional<BuildPreview> MakeTool::prepare(const BuildRequest& request) {
  const fs::path directory = tree_->build_directory;
  std::error_code error;
  std::string rules;
  for (const std::string& target : request.targets)
    rules += fmt::format(".PHONY: {0}\n{0}: {1}\n\t@$(file >>{2},{3})\n", escaped(goal(target)),
                         escaped((target_folder(target) / "all").string()), k_built_file, escaped(target));
  // Without them make has no such goal, and says so.
  fs::remove(directory / k_goals_file, error);
  if (make_directories((directory / k_goals_file).parent_path())) static_cast<void>(write_file_atomically(directory / k_goals_file, rules));
  fs::remove(directory / k_built_file, error);
  read_ = static_cast<std::streamoff>(file_size_or_zero((directory / k_built_file).string()));
  return std::nullopt;
}

fs::path MakeTool::progress_file() const { return fs::path(tree_->build_directory) / k_built_file; }

std::vector<std::string> MakeTool::take_built() {
  std::vector<std::string> targets;
  std::ifstream file(progress_file());
  file.seekg(read_);
  // A line without its end waits for the next call.
  for (std::string line; std::getline(file, line) && !file.eof();) {
    read_ += static_cast<std::streamoff>(line.size()) + 1;
    targets.push_back(std::move(line));
  }
  return targets;
}

CommandLine MakeTool::build(const BuildRequest& request) const {
  CommandLine command{tree_->build_tool,
                      "-C",
                      tree_->build_directory,
                      "--no-print-directory",
                      "-k",
                      fmt::format("-j{}", request.jobs + (request.waiting > 0 && all_targets_ask() ? request.waiting : 0)),
                      "-Otarget",
                      "-f",
                      "CMakeFiles/Makefile2",
                      "-f",
                      std::string(k_goals_file)};
  for (const std::string& target : stale_first(request.targets)) command.push_back(goal(target));
  return command;
}

std::vector<TargetFailed> MakeTool::failures(const BuildRequest& request) {
  const std::set<std::string> wanted(request.targets.begin(), request.targets.end());
  std::string others;  // libraries and the like: every failed target may need them
  for (const MakeOutput::Failure& failure : output_.failures())
    if (!wanted.contains(failure.target)) others += failure.text;
  if (output_.failures().empty()) others = output_.last_words();

  std::vector<TargetFailed> result;
  for (const std::string& target : request.targets) {
    if (!output_.failed_goals().contains(goal(target))) continue;
    std::string text;
    for (const MakeOutput::Failure& failure : output_.failures())
      if (failure.target == target) text += failure.text;
    result.push_back({target, text.empty() ? others : text});
  }
  if (!result.empty()) return result;
  for (const std::string& target : request.targets) result.push_back({target, others});
  return result;
}

}  // namespace ptests
