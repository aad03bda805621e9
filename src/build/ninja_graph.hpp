#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ptests {

/// What goes into what, as `ninja -t graph` prints it. What only orders the build counts: without it nothing behind it is made either.
class NinjaGraph {
 public:
  explicit NinjaGraph(std::string_view dot);
  /// Those of `outputs` that are in the graph, and all files and names of targets that cannot be made without one of them. All as
  /// build.ninja has them.
  std::set<std::string> made_from(const std::vector<std::string>& outputs) const;

 private:
  using Node = std::size_t;
  Node node_of(std::string_view id);

  std::unordered_map<std::string, Node> nodes_;  ///< by ninja's id
  std::unordered_map<std::string, Node> files_;  ///< by path or name
  std::vector<std::string> names_;               ///< of nodes; "" for a command
  std::vector<std::vector<Node>> outputs_of_;
};

}  // namespace ptests
