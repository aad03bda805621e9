#include "build/ninja_graph.hpp"

#include <algorithm>

#include "base/ninja_lines.hpp"

namespace ptests {

NinjaGraph::NinjaGraph(std::string_view dot) {
  for (std::size_t end = 0; !dot.empty(); dot.remove_prefix(std::min(dot.size(), end + 1))) {
    end = std::min(dot.find('\n'), dot.size());
    const NinjaGraphLine line = parse_ninja_graph_line(dot.substr(0, end));
    if (line.id.empty()) continue;
    const Node node = node_of(line.id);
    if (!line.to.empty()) {
      const Node to = node_of(line.to);
      outputs_of_[node].push_back(to);
    } else if (line.is_file) {
      names_[node] = line.label;
      files_.emplace(line.label, node);
    }
  }
}

NinjaGraph::Node NinjaGraph::node_of(std::string_view id) {
  const auto [found, is_new] = nodes_.emplace(id, names_.size());
  if (is_new) {
    names_.emplace_back();
    outputs_of_.emplace_back();
  }
  return found->second;
}

std::set<std::string> NinjaGraph::made_from(const std::vector<std::string>& outputs) const {
  std::set<Node> seen;
  std::vector<Node> open;
  for (const std::string& output : outputs)
    if (const auto found = files_.find(output); found != files_.end() && seen.insert(found->second).second) open.push_back(found->second);
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    for (const Node output : outputs_of_[node])
      if (seen.insert(output).second) open.push_back(output);
  }
  std::set<std::string> names;
  for (const Node node : seen)
    if (!names_[node].empty()) names.insert(names_[node]);
  return names;
}

}  // namespace ptests
