#include "core/suite.hpp"

#include <algorithm>

namespace ptests {

TargetFinder::TargetFinder(const BuildTree& tree) {
  for (const Executable& executable : tree.executables) target_of_file_.emplace(executable.file, executable.target);
}

void TargetFinder::add_targets(Test& test) const {
  for (const std::string& word : test.command) {
    const auto found = target_of_file_.find(word);
    if (found == target_of_file_.end()) continue;
    const bool known = std::find(test.targets.begin(), test.targets.end(), found->second) != test.targets.end();
    if (!known) test.targets.push_back(found->second);
  }
}

}  // namespace ptests
