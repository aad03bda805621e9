#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace ptests {

/// "[12/60] ...", the default NINJA_STATUS: done and all; nothing for any other line.
std::optional<std::pair<int, int>> parse_ninja_status(std::string_view line);

/// The outputs in "FAILED: [code=1] out1 out2 " (newer ninjas tell the code, and may write the word in red), separated by spaces; nothing
/// for any other line. Source: ninja's src/status.cc.
std::optional<std::string_view> ninja_failed_outputs(std::string_view line);

/// A line of `ninja -t graph`: `"id" [label="text"...]` or `"from" -> "to" [...]`.
struct NinjaGraphLine {
  std::string_view id;     ///< "" for any other line
  std::string_view to;     ///< "" for a node
  std::string_view label;  ///< of a node
  bool is_file = false;    ///< a node that is no command
  bool only_orders = false;
};
/// Source: ninja's src/graphviz.cc.
NinjaGraphLine parse_ninja_graph_line(std::string_view line);

}  // namespace ptests
