#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ptests {

/// What is made from what in a build directory, by absolute paths.
class InputGraph {
 public:
  explicit InputGraph(std::string build_directory) : build_directory_(std::move(build_directory)) {}

  /// Takes what `ninja -t graph` printed. Inputs that only order the build are left out.
  void add_graph(std::string_view dot);
  /// Takes what `ninja -t deps` printed: the headers each output was made from the last time.
  void add_deps(std::string_view deps);

  /// Takes a Makefile: its rules, without what they run.
  void add_makefile(std::string_view text);
  /// Takes what a compiler wrote (-MD) about one output.
  void add_depfile(std::string_view text);
  /// Objects of which no headers are known yet.
  std::set<std::string> never_compiled() const;

  /// All that is made from one of `files`, these included, or from an object that was never compiled, since nobody knows what that
  /// includes.
  std::set<std::string> made_from(const std::set<std::string>& files) const;
  /// All that is made in `folder` and below.
  std::set<std::string> made_in(std::string_view folder) const;

 private:
  std::string absolute(std::string_view path) const;
  std::vector<std::string> add_rules(std::string_view text);
  std::string build_directory_;
  std::unordered_map<std::string, std::vector<std::string>> outputs_of_;
  std::set<std::string> objects_;
  std::set<std::string> compiled_;
};

}  // namespace ptests
