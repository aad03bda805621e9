#include "build/ninja_tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/command.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

/// "[12/60] Building ...": the default NINJA_STATUS.
bool is_status_line(std::string_view line) {
  const std::size_t slash = line.find('/');
  const std::size_t end = line.find("] ");
  if (!line.starts_with('[') || slash == line.npos || end == line.npos || slash > end) return false;
  return parse_int(line.substr(1, slash - 1)) && parse_int(line.substr(slash + 1, end - slash - 1));
}

bool share_element(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& element) { return b.contains(element); });
}

}  // namespace

void NinjaOutput::on_line(std::string_view line) {
  constexpr std::string_view k_failed = "FAILED: ";
  if (line.starts_with(k_failed)) {
    std::string_view outputs = line.substr(k_failed.size());
    if (outputs.starts_with("[code=")) outputs = outputs.substr(std::min(outputs.size(), outputs.find("] ") + 2));
    while (outputs.ends_with(' ')) outputs.remove_suffix(1);
    failures_.push_back({split(outputs, ' '), std::string(line) + "\n"});
    // A single output with spaces in its path.
    failures_.back().outputs.emplace_back(outputs);
    inside_failure_ = true;
  } else if (is_status_line(line) || line.starts_with("ninja: build stopped")) {
    inside_failure_ = false;
  } else if (line.starts_with("ninja: error: ") || line.starts_with("ninja: fatal: ")) {
    errors_.append(line) += '\n';
    inside_failure_ = false;
  } else if (inside_failure_) {
    failures_.back().text.append(line) += '\n';
  }
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
  command.insert(command.end(), {"-k", "0", "-j", fmt::format("{}", request.jobs)});
  command.insert(command.end(), request.targets.begin(), request.targets.end());
  return command;
}

std::vector<TargetFailed> NinjaTool::failures(const BuildRequest& request) {
  std::vector<TargetFailed> result;
  if (output_.failures().empty()) {
    for (const std::string& target : request.targets) result.push_back({target, output_.errors()});
    return result;
  }
  const auto inputs_of = [this](const std::vector<std::string>& targets) {
    CommandLine command = ninja();
    command.insert(command.end(), {"-t", "inputs"});
    command.insert(command.end(), targets.begin(), targets.end());
    std::set<std::string> inputs(targets.begin(), targets.end());
    if (const Result<CommandOutput> output = run_command(command, tree_->build_directory)) {
      for (const std::string& line : split(output->out, '\n')) inputs.insert(line);
    }
    for (const Executable& executable : tree_->executables) {
      if (std::find(targets.begin(), targets.end(), executable.target) == targets.end()) continue;
      inputs.insert(fs::path(executable.file).lexically_relative(tree_->build_directory).string());
    }
    return inputs;
  };
  std::map<std::string, std::string> texts;
  for (const NinjaOutput::Failure& failure : output_.failures()) {
    const std::set<std::string> outputs(failure.outputs.begin(), failure.outputs.end());
    for (const std::string& target : targets_with_inputs(request.targets, outputs, inputs_of)) texts[target] += failure.text;
  }
  for (const auto& [target, text] : texts) result.push_back({target, text});
  return result;
}

std::vector<std::string> targets_with_inputs(const std::vector<std::string>& targets, const std::set<std::string>& failed,
                                             const InputsOf& inputs_of) {
  if (targets.empty() || !share_element(failed, inputs_of(targets))) return {};
  if (targets.size() == 1) return targets;
  const auto middle = targets.begin() + static_cast<std::ptrdiff_t>(targets.size() / 2);
  std::vector<std::string> result = targets_with_inputs({targets.begin(), middle}, failed, inputs_of);
  const std::vector<std::string> right = targets_with_inputs({middle, targets.end()}, failed, inputs_of);
  result.insert(result.end(), right.begin(), right.end());
  return result;
}

}  // namespace ptests
