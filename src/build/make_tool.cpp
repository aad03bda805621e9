#include "build/make_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

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

constexpr std::string_view k_goals_file = "paralleltests/make/goals.make";
constexpr std::string_view k_built_file = "paralleltests/make/built";
constexpr std::string_view k_cmake_file = "paralleltests/make/cmake";
constexpr std::string_view k_clean_cmake_file = "paralleltests/make/cmake-clean";  ///< for a target without objects

constexpr std::uint64_t k_most_of_link = 8192;  ///< bytes of a linker's command

/// Each tells that all of a target is made: a line in a file, which no other build writes.
std::string goal(const std::string& target) { return fmt::format("{}{}", k_make_goals, target); }

/// How many tests may be compiled before what they need is made, while a processor is busy with the longest of that, as a rule a shared
/// main.
std::size_t most_early(const BuildRequest& request) {
  constexpr int k_a_processor = 4;
  return static_cast<std::size_t>(k_a_processor * std::max(0, request.jobs - 1));
}

/// CMake's rules start cmake for each line they print and to read the linker's command from a file: 10 ms of a processor, four times a
/// target. This does it where that is simple. Nothing when it cannot be written, or would need quotes in a rule.
std::optional<std::string> write_quick_cmake(const BuildTree& tree, std::string_view name) {
  const fs::path file = fs::path(tree.build_directory) / name;
  if (!is_plain_name(file.string())) return std::nullopt;
  const std::string script =
      fmt::format(R"(#!/bin/sh
# Made by ptests: what CMake's rules ask of cmake, quicker.
case $2 in
cmake_echo_color)
  shift $(($# - 1))
  printf '%s\n' "$1"
  exit
  ;;
cmake_link_script)
  # One command, or two: an archive has ranlib behind it.
  if [ "$4" = --verbose= ] && {{ read -r first && {{ read -r second || [ -z "$second" ]; }} && ! read -r more; }} <"$3" &&
    [ -n "$first" ] && [ -z "$more" ]; then
    odd='*[!A-Za-z0-9/._+=,:@%" -]*'
    case $first in ':'* | $odd) second=: ;; esac
    case $second in
    '')
      eval "set -- $first"
      exec "$@"
      ;;
    ':'* | $odd) ;;
    *)
      (eval "set -- $first" && exec "$@") || exit
      eval "set -- $second"
      exec "$@"
      ;;
    esac
  fi
  ;;
{}esac
exec {} "$@"
)",
                  name == k_clean_cmake_file ? "# Nobody needs to know what was read for objects that are not there.\n"
                                               "cmake_depends) exit ;;\n"
                                             : "",
                  shell_quoted({tree.cmake}));
  std::error_code error;
  if (!write_file_atomically(file, script)) return std::nullopt;
  fs::permissions(file, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add, error);
  return error ? std::nullopt : std::optional(file.string());
}

}  // namespace

bool MakeTool::is_progress(std::string_view line) const { return is_make_progress(line); }

CommandLine MakeTool::regenerate() const {
  return {tree_->build_tool, "-C", tree_->build_directory, "--no-print-directory", "cmake_check_build_system"};
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
  return rules && read_make_recipes(*rules).ends_with_link;
}

/// The second makefile.
std::string MakeTool::goals(MakeTargets& known, const std::vector<std::string>& folders) const {
  std::string text;
  for (const std::string& target : order_)
    text += fmt::format(".PHONY: {0}\n{0}: {1}\n\t@$(file >>{2},{3})\n", escaped(goal(target)),
                        escaped((target_folder(target) / "all").string()), k_built_file, escaped(target));
  const std::optional<std::string> cmake = write_quick_cmake(*tree_, k_cmake_file);
  const std::optional<std::string> clean_cmake = write_quick_cmake(*tree_, k_clean_cmake_file);
  for (const std::string& folder : folders) {
    const std::optional<MakeRecipes>& recipes = known.recipes(folder);
    // Commands of the project's own may be builds, which would inherit it.
    if (!cmake || !clean_cmake || !recipes || !recipes->only_compiles || recipes->has_post_build) continue;
    // A shell reads byte by byte.
    if (file_size_or_zero(fs::path(tree_->build_directory) / folder / "link.txt") > k_most_of_link) continue;
    text += fmt::format("{0}/all: private CMAKE_COMMAND = {1}\n{0}/all: private MAKESILENT += CMAKE_COMMAND={1}\n", escaped(folder),
                        known.is_clean(folder) ? *clean_cmake : *cmake);
  }
  for (const auto& [target, objects] : early_) {
    const std::string folder = target_folder(target).string();
    // What it needs is to ask for a processor first: it takes the slower cmake.
    text += fmt::format(
        ".PHONY: {0}/early\n{1}/all: {0}/early\n{0}/early:\n\t$(MAKE) $(MAKESILENT) -f {1}/build.make {1}/depend\n"
        "\t$(MAKE) $(MAKESILENT) -f {1}/build.make {2}\n",
        goal(target), folder, join(objects, " "));
  }
  return text;
}

/// Puts the targets in order. make takes its goals in their order, and some hundredths of a second for each that is up to date; it looks at
/// one whose objects are made early again only when it has begun all others.
void MakeTool::put_in_order(MakeTargets& known, const BuildRequest& request) {
  order_ = request.targets;
  const auto fresh = std::stable_partition(order_.begin(), order_.end(), [&](const std::string& target) {
    const Executable* executable = executable_of(target);
    return executable == nullptr || known.is_stale(executable->file, target_folder(target).string());
  });
  early_.clear();
  const std::size_t most = most_early(request);
  const auto stale = static_cast<std::size_t>(fresh - order_.begin());
  // The last ones, which may be late; but what they need is begun first.
  const auto end = stale > 2 * most ? fresh - static_cast<std::ptrdiff_t>(2 * most) : order_.begin();
  for (auto next = fresh; next != end && early_.size() < most; --next) {
    const std::string folder = target_folder(*(next - 1)).string();
    if (!is_plain_name(folder) || (stale > most && !known.waits_for_clean(folder))) continue;
    std::vector<std::string> objects = known.early_objects(folder);
    if (!objects.empty()) early_.emplace(*(next - 1), std::move(objects));
  }
  const auto is_early = [&](const std::string& target) { return early_.contains(target); };
  if (stale > 1) std::stable_partition(order_.begin() + 1, fresh, is_early);
}

std::optional<BuildPreview> MakeTool::prepare(const BuildRequest& request) {
  const fs::path directory = tree_->build_directory;
  MakeTargets known(directory);
  std::vector<std::string> folders;
  for (const std::string& target : request.targets) folders.push_back(target_folder(target).string());
  folders = known.with_needed(folders);
  all_ask_ = std::all_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    const auto& recipes = known.recipes(folder);
    return recipes && recipes->all_ask;
  });
  put_in_order(known, request);

  // Without them make has no such goal, and says so.
  std::error_code error;
  fs::remove(directory / k_goals_file, error);
  if (make_directories((directory / k_goals_file).parent_path()))
    static_cast<void>(write_file_atomically(directory / k_goals_file, goals(known, folders)));
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
  const int more = request.waiting + static_cast<int>(early_.size());
  CommandLine command{tree_->build_tool,
                      "-C",
                      tree_->build_directory,
                      "--no-print-directory",
                      "-k",
                      fmt::format("-j{}", request.jobs + (all_ask_ ? more : 0)),
                      "-Otarget",
                      "-f",
                      "CMakeFiles/Makefile2",
                      "-f",
                      std::string(k_goals_file)};
  for (const std::string& target : order_) command.push_back(goal(target));
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
