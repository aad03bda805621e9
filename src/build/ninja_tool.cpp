#include "build/ninja_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/command.hpp"
#include "base/files.hpp"
#include "base/ninja_lines.hpp"
#include "base/text.hpp"
#include "build/ninja_graph.hpp"

namespace ptests {

namespace {

/// The build waits for the answers, and each costs ninja the time to read its files: about 0.1 ms a target. So few questions about many
/// targets, and as many as it takes about few.
int most_questions(std::size_t targets) { return std::clamp(3000 / static_cast<int>(std::max<std::size_t>(targets, 1)), 4, 32); }

/// Whether a command asks before it does anything, or is soon done: the archive of a static library.
bool asks(std::string_view command) {
  if (has_launcher(command)) return true;
  return command.find("cmake -E rm -f ") != command.npos && command.find(" qc ") != command.npos;
}

std::string absolute_path(const std::string& build_directory, std::string_view output) {
  return (fs::path(build_directory) / output).lexically_normal().string();
}

}  // namespace

void NinjaOutput::on_line(std::string_view line) {
  if (const auto outputs = ninja_failed_outputs(line)) {
    failures_.push_back({split(*outputs, ' '), std::string(line) + "\n"});
    // A single output with spaces in its path.
    failures_.back().outputs.emplace_back(*outputs);
    inside_failure_ = true;
  } else if (parse_ninja_status(line) || line.starts_with("ninja: build stopped")) {
    inside_failure_ = false;
    tried_everything_ = line.starts_with("ninja: build stopped: cannot make progress due to previous errors");
  } else if (line.starts_with("ninja: error: ") || line.starts_with("ninja: fatal: ")) {
    errors_.append(line) += '\n';
    inside_failure_ = false;
  } else if (inside_failure_) {
    failures_.back().text.append(line) += '\n';
  }
}

NinjaDryRun parse_ninja_dry_run(std::string_view text) {
  constexpr std::string_view k_output = " -o ";
  NinjaDryRun result;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(std::min(text.size(), end + 1))) {
    end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line == "ninja: no work to do.") result.has_work = false;
    const auto status = parse_ninja_status(line);
    if (!status) continue;
    result.commands = status->second;
    result.all_ask = result.all_ask && asks(line);
    for (std::size_t at = line.find(k_output); at != line.npos; at = line.find(k_output, at + 1)) {
      const std::string_view word = line.substr(at + k_output.size());
      result.outputs.emplace_back(word.substr(0, word.find(' ')));
    }
  }
  return result;
}

NinjaTool::NinjaTool(const BuildTree& tree) : tree_(&tree), log_(fs::path(tree.build_directory) / ".ninja_log") {
  for (const Executable& executable : tree.executables)
    target_of_file_.emplace(fs::path(executable.file).lexically_normal().string(), executable.target);
}

const std::string* NinjaTool::target_of(const std::string& output) const {
  const auto found = target_of_file_.find(absolute_path(tree_->build_directory, output));
  return found == target_of_file_.end() ? nullptr : &found->second;
}

std::string NinjaTool::build_file() const {
  const bool multi_config = tree_->generator == "Ninja Multi-Config";
  return multi_config && !tree_->configuration.empty() ? fmt::format("build-{}.ninja", tree_->configuration) : "build.ninja";
}

CommandLine NinjaTool::ninja() const { return {tree_->build_tool, "-C", tree_->build_directory, "-f", build_file()}; }

CommandLine NinjaTool::regenerate() const {
  CommandLine command = ninja();
  command.push_back(build_file());
  return command;
}

CommandLine NinjaTool::build(const BuildRequest& request) const {
  CommandLine command = ninja();
  command.insert(command.end(), {"-k", "0", "-j", fmt::format("{}", request.jobs + (all_ask_ ? request.waiting : 0))});
  command.insert(command.end(), request.targets.begin(), request.targets.end());
  return command;
}

/// One that includes the build file: that is not brought up to date then, where a dry run would end, as it always has to be with globs
/// that CMake looks at (CONFIGURE_DEPENDS).
std::string NinjaTool::preview_file() const {
  const fs::path name = fs::path("paralleltests") / "preview.ninja";
  const fs::path path = fs::path(tree_->build_directory) / name;
  const std::string text = fmt::format("include {}\n", build_file());
  if (read_file(path).value_or("") == text) return name.string();
  const bool is_written = make_directories(path.parent_path()) && write_file_atomically(path, text);
  return is_written ? name.string() : build_file();
}

std::optional<NinjaDryRun> NinjaTool::dry_run(const std::vector<std::string>& targets) const {
  // Nothing else of the environment changes what ninja prints here.
  CommandLine command{"env", "-u", "NINJA_STATUS"};
  command.insert(command.end(), {tree_->build_tool, "-C", tree_->build_directory, "-f", preview_file()});
  command.insert(command.end(), {"-n", "-v", "-k", "0"});
  command.insert(command.end(), targets.begin(), targets.end());
  const Result<CommandOutput> output = run_command(command, tree_->build_directory);
  if (!output || output->exit_code != 0) return std::nullopt;
  return parse_ninja_dry_run(output->out);
}

std::optional<BuildPreview> NinjaTool::prepare(const BuildRequest& request) {
  const std::optional<NinjaDryRun> all = dry_run(request.targets);
  log_.remember();
  if (!all || (all->has_work && all->commands == 0)) return std::nullopt;
  if (!all->has_work) return BuildPreview{request.targets, 0};
  all_ask_ = all->all_ask;

  // What is linked anew need not be asked for, so that a build from scratch costs no question.
  std::set<std::string> linked;
  for (const std::string& output : all->outputs)
    if (const std::string* target = target_of(output)) linked.insert(*target);
  std::vector<std::string> others;
  std::copy_if(request.targets.begin(), request.targets.end(), std::back_inserter(others),
               [&](const std::string& target) { return !linked.contains(target); });
  const auto has_work = [this](const std::vector<std::string>& targets) {
    const std::optional<NinjaDryRun> answer = dry_run(targets);
    return !answer || answer->has_work;
  };
  return BuildPreview{targets_without_work(others, has_work, most_questions(request.targets.size())), all->commands};
}

bool NinjaTool::is_progress(std::string_view line) const { return parse_ninja_status(line).has_value(); }

fs::path NinjaTool::progress_file() const { return fs::path(tree_->build_directory) / ".ninja_log"; }

std::vector<std::string> NinjaTool::take_built() {
  std::vector<std::string> targets;
  for (const NinjaLogEntry& entry : log_.read_new())
    if (const std::string* target = target_of(entry.output)) targets.push_back(*target);
  return targets;
}

std::vector<TargetFailed> NinjaTool::failures(const BuildRequest& request) {
  std::vector<TargetFailed> result;
  if (output_.failures().empty()) {
    for (const std::string& target : request.targets) result.push_back({target, output_.errors()});
    return result;
  }
  const auto ask_graph = [this](const std::vector<std::string>& targets) -> std::optional<std::string> {
    CommandLine command = ninja();
    command.insert(command.end(), {"-t", "graph"});
    command.insert(command.end(), targets.begin(), targets.end());
    Result<CommandOutput> output = run_command(command, tree_->build_directory);
    if (!output || output->exit_code != 0) return std::nullopt;
    return std::move(output->out);
  };
  return targets_that_failed(
      request.targets, output_.failures(), [this](const std::string& output) { return owner_of(output); }, ask_graph);
}

std::optional<std::string> NinjaTool::owner_of(const std::string& output) const {
  if (const std::string* target = target_of(output)) return *target;
  constexpr std::string_view k_folder = "CMakeFiles/";
  constexpr std::string_view k_end = ".dir/";
  const std::size_t folder = output.find(k_folder);
  const std::size_t end = folder == output.npos ? output.npos : output.find(k_end, folder);
  if (end == output.npos) return std::nullopt;
  return output.substr(folder + k_folder.size(), end - folder - k_folder.size());
}

std::vector<TargetFailed> targets_that_failed(const std::vector<std::string>& targets, const std::vector<NinjaOutput::Failure>& failures,
                                              const OwnerOf& owner_of, const AskGraph& ask_graph) {
  std::map<std::string, std::string> texts;  // of each target that failed
  const std::set<std::string> wanted(targets.begin(), targets.end());
  for (const NinjaOutput::Failure& failure : failures) {
    for (const std::string& output : failure.outputs) {
      const std::optional<std::string> owner = owner_of(output);
      if (!owner || !wanted.contains(*owner)) continue;
      texts[*owner] += failure.text;
      break;
    }
  }
  if (texts.size() < wanted.size()) {
    const std::optional<std::string> dot = ask_graph(targets);
    const NinjaGraph graph(dot.value_or(""));
    texts.clear();
    for (const NinjaOutput::Failure& failure : failures) {
      const std::set<std::string> missing = dot ? graph.made_from(failure.outputs) : wanted;
      for (const std::string& target : wanted)
        if (missing.contains(target)) texts[target] += failure.text;
    }
  }
  std::vector<TargetFailed> result;
  result.reserve(texts.size());
  for (auto& [target, text] : texts) result.push_back({target, std::move(text)});
  return result;
}

std::vector<std::string> targets_without_work(const std::vector<std::string>& targets, const HasWork& has_work, int most_questions) {
  using Targets = std::vector<std::string>;
  Targets result;
  std::deque<Targets> busy;  // groups with work in them, largest first
  const auto ask = [&](const Targets& group) {
    --most_questions;
    const bool is_busy = has_work(group);
    if (is_busy)
      busy.push_back(group);
    else
      result.insert(result.end(), group.begin(), group.end());
    return is_busy;
  };
  if (!targets.empty() && most_questions > 0) ask(targets);
  for (; !busy.empty() && most_questions > 0; busy.pop_front()) {
    const Targets& group = busy.front();
    if (group.size() == 1) continue;
    const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
    const Targets right(middle, group.end());
    // Without work in the left half it is in the right one.
    if (!ask(Targets(group.begin(), middle)))
      busy.push_back(right);
    else if (most_questions > 0)
      ask(right);
  }
  return result;
}

}  // namespace ptests
