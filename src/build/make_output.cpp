#include "build/make_output.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/make_lines.hpp"
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

}  // namespace

bool is_make_progress(std::string_view coloured) {
  const std::string plain = without_escapes(coloured.substr(0, 64));
  const std::string_view line = plain;
  if (line.starts_with('[') && line.substr(0, 8).find("%] ") != line.npos) return true;
  constexpr std::array<std::string_view, 6> k_begins{"Building ", "Linking ", "Built target ", "Generating ", "Consolidate ", "Scanning "};
  return std::any_of(k_begins.begin(), k_begins.end(), [&](std::string_view begin) { return line.starts_with(begin); });
}

void MakeOutput::on_error(std::string_view place) {
  const std::size_t last_colon = place.rfind(": ");
  if (last_colon == place.npos) return;
  // sub/CMakeFiles/<target>.dir/build.make:76: <what failed>
  const std::string_view target = between(place, "CMakeFiles/", ".dir/build.make:");
  if (!target.empty()) failures_.push_back({std::string(target), std::exchange(pending_, {})});
}

void MakeOutput::on_line(std::string_view line) {
  constexpr std::array<std::string_view, 4> k_ends{"] Terminated", "] Interrupt", "] Hangup", "] Killed"};
  // A command that was killed is named with its build.make, a make with the Makefile2 above it, or the makefile with our goals.
  if (is_from_make(line) && (line.find("CMakeFiles/Makefile2:") != line.npos || line.find("/goals.make:") != line.npos) &&
      std::any_of(k_ends.begin(), k_ends.end(), [&](std::string_view end) { return line.find(end) != line.npos; }))
    was_ended_ = true;
  if (!is_from_make(line)) {
    if (is_make_progress(line)) pending_.clear();
    pending_.append(line) += '\n';
    return;
  }
  if (const std::string_view place = between(line, ": *** [", "] "); !place.empty()) {
    pending_.append(line) += '\n';
    on_error(place);
  } else if (const std::string_view goal = between(line, ": Target '", "' not remade because of errors"); !goal.empty()) {
    if (goal.starts_with(k_make_goals)) failed_goals_.emplace(goal);
  } else if (line.find(": *** ") != line.npos) {
    pending_.append(line) += '\n';
  }
}

}  // namespace ptests
