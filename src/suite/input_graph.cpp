#include "suite/input_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/files.hpp"
#include "base/make_rules.hpp"
#include "base/ninja_lines.hpp"
#include "suite/sources.hpp"

namespace ptests {

namespace {

bool is_object(std::string_view path) { return path.ends_with(".o") || path.ends_with(".obj"); }

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
  for (const MakeRule& rule : read_make_rules(text)) {
    for (const std::string& output : rule.outputs) {
      outputs.push_back(absolute(output));
      for (const std::string& input : rule.inputs) outputs_of_[absolute(input)].push_back(outputs.back());
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
