#include "build/make_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/files.hpp"
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

/// "make: ", "make[2]: " or with a path before it.
bool is_from_make(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == line.npos) return false;
  std::string_view who = line.substr(0, colon);
  if (const std::size_t bracket = who.find('['); bracket != who.npos && who.ends_with(']')) who = who.substr(0, bracket);
  return who.ends_with("make");
}

/// A line with which CMake's Makefiles begin or end a rule: "[ 50%] Building CXX object ...", without the percentage when
/// CMakeFiles/Makefile2 is asked directly.
bool is_progress_line(std::string_view line) {
  if (line.starts_with('[') && line.substr(0, 8).find("%] ") != line.npos) return true;
  constexpr std::array<std::string_view, 6> k_begins{"Building ", "Linking ", "Built target ", "Generating ", "Consolidate ", "Scanning "};
  return std::any_of(k_begins.begin(), k_begins.end(), [&](std::string_view begin) { return line.starts_with(begin); });
}

/// The target in "[ 50%] Built target t", colours or not; nothing in any other line. The percentage is there when a make around us runs
/// in the same build directory; without one it comes from a build that is one of our commands.
std::string built_target(std::string_view line) {
  constexpr std::string_view k_built = "Built target ";
  if (line.find(k_built) == line.npos) return {};
  const std::string plain = without_escapes(line);
  std::string_view rest = plain;
  if (rest.starts_with('[') && std::getenv("MAKELEVEL") == nullptr) return {};
  if (const std::size_t end = rest.find("%] "); rest.starts_with('[') && end != rest.npos) rest.remove_prefix(end + 3);
  return rest.starts_with(k_built) ? std::string(rest.substr(k_built.size())) : std::string();
}

}  // namespace

void MakeOutput::on_error(std::string_view place) {
  const std::size_t last_colon = place.rfind(": ");
  if (last_colon == place.npos) return;
  const std::string_view goal = place.substr(last_colon + 2);
  if (place.starts_with("CMakeFiles/Makefile2:")) {
    failed_goals_.emplace(goal);
    return;
  }
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
    if (std::string target = built_target(line); !target.empty()) built_.push_back(std::move(target));
    pending_.append(line) += '\n';
    return;
  }
  if (const std::string_view place = between(line, ": *** [", "] "); !place.empty()) {
    pending_.append(line) += '\n';
    on_error(place);
  } else if (const std::string_view goal = between(line, ": Target '", "' not remade because of errors"); !goal.empty()) {
    if (goal.ends_with("/all")) failed_goals_.emplace(goal);
  } else if (line.find(": *** ") != line.npos) {
    pending_.append(line) += '\n';
  }
}

bool MakeTool::is_progress(std::string_view line) const { return is_progress_line(line); }

CommandLine MakeTool::regenerate() const {
  return {tree_->build_tool, "-C", tree_->build_directory, "--no-print-directory", "cmake_check_build_system"};
}

std::string MakeTool::goal(const std::string& target) const {
  const auto& executables = tree_->executables;
  const auto found = std::find_if(executables.begin(), executables.end(), [&](const Executable& e) { return e.target == target; });
  const fs::path directory = found == executables.end() ? tree_->build_directory : found->directory;
  const fs::path relative = directory.lexically_relative(tree_->build_directory) / "CMakeFiles" / (target + ".dir") / "all";
  return relative.lexically_normal().string();
}

CommandLine MakeTool::build(const BuildRequest& request) const {
  CommandLine command{tree_->build_tool, "-C", tree_->build_directory, "--no-print-directory", "-k", fmt::format("-j{}", request.jobs),
                      "-Otarget",        "-f", "CMakeFiles/Makefile2"};
  for (const std::string& target : request.targets) command.push_back(goal(target));
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
