#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/test.hpp"

namespace ptests {

/// An executable target of the project.
struct Executable {
  std::string target;
  std::string file;
  std::string directory;  ///< the binary directory it is defined for
};

/// The build directory the tests come from.
struct BuildTree {
  std::string source_directory;
  std::string build_directory;
  std::string generator;
  std::string configuration;  ///< "" in a single-configuration build without CMAKE_BUILD_TYPE
  std::string cmake;
  std::string ctest;
  std::string build_tool;  ///< ninja, make, ...
  std::vector<Executable> executables;
};

/// Adds to the targets of `test` those whose executables stand in its command, as the program or as an argument.
class TargetFinder {
 public:
  explicit TargetFinder(const BuildTree& tree);
  void add_targets(Test& test) const;

 private:
  std::unordered_map<std::string, std::string> target_of_file_;
};

/// Everything there is to run, in CTest's order.
struct Suite {
  BuildTree tree;
  std::vector<Test> tests;
  std::vector<std::string> suite_names;
};

}  // namespace ptests
