#include "suite/input_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/files.hpp"
#include "base/ninja_lines.hpp"
#include "suite/sources.hpp"

namespace ptests {

namespace {

bool is_object(std::string_view path) { return path.ends_with(".o") || path.ends_with(".obj"); }

/// Lines with those that go on after a backslash put together; those that are commands left out.
std::vector<std::string> whole_lines(std::string_view text) {
  std::vector<std::string> lines;
  bool goes_on = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const bool was_going_on = goes_on;
    goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    if (was_going_on) {
      lines.back() += line;
    } else if (goes_on || (!line.empty() && line.front() != '\t' && line.front() != '#')) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

/// Separated by spaces; `\ ` is one, `$$` is a `$`.
std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = i + 1 < text.size() && ((text[i] == '\\' && text[i + 1] == ' ') || (text[i] == '$' && text[i + 1] == '$'));
    if (is_escape) ++i;
    if (!is_escape && (text[i] == ' ' || text[i] == '\t')) {
      if (!name.empty()) names.push_back(std::exchange(name, {}));
    } else {
      name += text[i];
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
  return names;
}

struct Rule {
  std::vector<std::string> outputs;
  std::vector<std::string> inputs;
};

/// `outputs: inputs`; nothing for an assignment, a pattern, a command, or a target that starts with a dot, which is make's own.
std::optional<Rule> parse_rule(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || line.front() == '\t' || line.front() == '.' || line.find_first_of("=%") < colon) return std::nullopt;
  return Rule{split_names(line.substr(0, colon)), split_names(line.substr(colon + 1))};
}

}  // namespace

std::string InputGraph::absolute(std::string_view path) const { return (fs::path(build_directory_) / path).lexically_normal().string(); }

void InputGraph::add_graph(std::string_view dot) {
  std::unordered_map<std::string_view, std::string> name_of;
  std::vector<std::pair<std::string_view, std::string_view>> edges;
  for (std::size_t at = 0; at < dot.size();) {
    const std::size_t end = std::min(dot.find('\n', at), dot.size());
    const NinjaGraphLine line = parse_ninja_graph_line(dot.substr(at, end - at));
    at = end + 1;
    if (line.id.empty()) continue;
    if (!line.to.empty() && !line.only_orders) edges.emplace_back(line.id, line.to);
    if (line.label.empty()) continue;
    // A command has no name of its own.
    name_of[line.id] = line.is_file ? absolute(line.label) : fmt::format("command {}", line.id);
    if (line.is_file && is_object(line.label)) objects_.insert(name_of[line.id]);
  }
  for (const auto& [from, to] : edges) outputs_of_[name_of[from]].push_back(name_of[to]);
}

void InputGraph::add_deps(std::string_view deps) {
  std::string output;
  for (std::size_t at = 0; at < deps.size();) {
    const std::size_t end = std::min(deps.find('\n', at), deps.size());
    const std::string_view line = deps.substr(at, end - at);
    at = end + 1;
    constexpr std::string_view k_indent = "    ";
    if (line.starts_with(k_indent)) {
      if (!output.empty()) outputs_of_[absolute(line.substr(k_indent.size()))].push_back(output);
    } else if (const std::size_t colon = line.find(": #deps "); colon != line.npos) {
      output = absolute(line.substr(0, colon));
      compiled_.insert(output);
    }
  }
}

std::vector<std::string> InputGraph::add_rules(std::string_view text) {
  std::vector<std::string> outputs;
  for (const std::string& line : whole_lines(text)) {
    const std::optional<Rule> rule = parse_rule(line);
    if (!rule) continue;
    for (const std::string& output : rule->outputs) {
      outputs.push_back(absolute(output));
      for (const std::string& input : rule->inputs) outputs_of_[absolute(input)].push_back(outputs.back());
    }
  }
  return outputs;
}

void InputGraph::add_makefile(std::string_view text) {
  for (const std::string& output : add_rules(text))
    if (is_object(output)) objects_.insert(output);
}

void InputGraph::add_depfile(std::string_view text) {
  for (std::string& output : add_rules(text)) compiled_.insert(std::move(output));
}

std::set<std::string> InputGraph::never_compiled() const {
  std::set<std::string> result;
  std::set_difference(objects_.begin(), objects_.end(), compiled_.begin(), compiled_.end(), std::inserter(result, result.end()));
  return result;
}

std::set<std::string> InputGraph::made_from(const std::set<std::string>& files) const {
  std::set<std::string> made = never_compiled();
  made.insert(files.begin(), files.end());
  std::vector<std::string> open(made.begin(), made.end());
  while (!open.empty()) {
    const auto found = outputs_of_.find(open.back());
    open.pop_back();
    if (found == outputs_of_.end()) continue;
    for (const std::string& output : found->second)
      if (made.insert(output).second) open.push_back(output);
  }
  return made;
}

std::set<std::string> InputGraph::made_in(std::string_view folder) const {
  std::set<std::string> made;
  for (const auto& [input, outputs] : outputs_of_)
    std::copy_if(outputs.begin(), outputs.end(), std::inserter(made, made.end()),
                 [&](const std::string& output) { return is_below(output, folder); });
  return made;
}

}  // namespace ptests
