#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"
#include "suite/input_graph.hpp"

namespace ptests {

/// The tests that a change concerns.
struct Changed {
  std::set<TestId> tests;
  std::vector<std::string> notes;  ///< for people: how many files changed, what selected more than expected
};

/// The tests whose sources, or whatever their targets are built from, differ between `revision` and the working tree, new files that git
/// does not ignore included. Asks git for the files and ninja for the graph and its log of the headers read; blocks. An error when the
/// source directory is in no git repository, for an unknown revision, and for a generator other than ninja's.
Result<Changed> find_changed(const Suite& suite, const std::string& revision);

/// The tests that a change of `files` (absolute paths) concerns. A target is known to `graph` by its name in the build directory. A changed
/// CMakeLists.txt concerns all that is built in its directory and below; a changed .cmake file, which may be included anywhere, the
/// same, or everything when nothing is built there.
Changed tests_of_changes(const Suite& suite, const std::set<std::string>& files, const InputGraph& graph);

}  // namespace ptests
