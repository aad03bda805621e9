#include "suite/changed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/command.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "suite/sources.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_top_list = "CMakeLists.txt";

tl::unexpected<Error> failed(const std::vector<std::string>& command, const CommandOutput& output) {
  return fail(fmt::format("{} failed with exit code {}:\n{}{}", shell_quoted(command), output.exit_code, output.out, output.err));
}

/// What it printed; an error when it failed.
Result<std::string> ask(const std::vector<std::string>& command, const std::string& directory) {
  Result<CommandOutput> output = run_command(command, directory);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return failed(command, *output);
  return std::move(output->out);
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// The top of the git repository that has `directory`, by the same way: git itself would tell where a symbolic link leads.
Result<std::string> find_repository(const std::string& directory) {
  const Result<CommandOutput> top = run_command({"git", "-C", directory, "rev-parse", "--show-cdup"}, "/");
  if (!top) return fail(fmt::format("--changed-since: {}", top.error().message), "it asks git what changed");
  if (top->exit_code != 0) {
    const bool is_none = top->err.find("not a git repository") != std::string::npos;
    return fail(fmt::format("--changed-since: {} is in no git repository", directory),
                is_none ? "name the changed sources or their folder instead: ptests run tests/net/" : without_line_end(top->err));
  }
  return (fs::path(directory) / without_line_end(top->out)).lexically_normal().string();
}

Result<void> check_revision(const std::string& repository, const std::string& revision) {
  const auto exists = [&] {
    const Result<CommandOutput> found =
        run_command({"git", "-C", repository, "rev-parse", "--verify", "--quiet", revision + "^{commit}"}, "/");
    return found && found->exit_code == 0;
  };
  if (!revision.empty() && !revision.starts_with('-') && exists()) return {};
  const Result<std::string> refs = ask({"git", "-C", repository, "for-each-ref", "--format=%(refname:short)"}, "/");
  const std::string choice = refs ? quoted_choice(nearest(revision, split(without_line_end(*refs), '\n'), 3)) : std::string();
  return fail(fmt::format("--changed-since: git knows no revision \"{}\"", revision),
              choice.empty() ? "name a branch, a tag or a commit: main, v1.0, HEAD~3" : fmt::format("did you mean {}?", choice));
}

/// Absolute paths of what differs from `revision`, new files included.
Result<std::set<std::string>> changed_files(const BuildTree& tree, const std::string& revision) {
  const Result<std::string> repository = find_repository(tree.source_directory);
  if (!repository) return tl::unexpected(repository.error());
  if (const Result<void> known = check_revision(*repository, revision); !known) return tl::unexpected(known.error());
  std::set<std::string> files;
  for (const std::vector<std::string>& question : {std::vector<std::string>{"diff", "--name-only", "--no-renames", "-z", revision, "--"},
                                                   std::vector<std::string>{"ls-files", "--others", "--exclude-standard", "-z"}}) {
    std::vector<std::string> command{"git", "-C", *repository};
    command.insert(command.end(), question.begin(), question.end());
    const Result<std::string> names = ask(command, "/");
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : split(*names, '\0')) {
      std::string file = (fs::path(*repository) / name).lexically_normal().string();
      // What the build made is no change of the project's.
      if (!name.empty() && !is_in_build(file, tree)) files.insert(std::move(file));
    }
  }
  return files;
}

/// Each once.
std::vector<std::string> all_targets(const Suite& suite) {
  std::set<std::string> targets;
  for (const Test& test : suite.tests) targets.insert(test.targets.begin(), test.targets.end());
  return {targets.begin(), targets.end()};
}

Result<InputGraph> ask_ninja(const BuildTree& tree, const std::vector<std::string>& targets) {
  const bool is_multi_config = tree.generator == "Ninja Multi-Config" && !tree.configuration.empty();
  const std::string file = is_multi_config ? fmt::format("build-{}.ninja", tree.configuration) : "build.ninja";
  const std::vector<std::string> ninja{tree.build_tool, "-C", tree.build_directory, "-f", file, "-t"};
  std::vector<std::string> command = ninja;
  command.emplace_back("graph");
  command.insert(command.end(), targets.begin(), targets.end());
  const Result<std::string> dot = ask(command, tree.build_directory);
  if (!dot) return tl::unexpected(dot.error());
  command = ninja;
  command.emplace_back("deps");
  const Result<std::string> deps = ask(command, tree.build_directory);
  if (!deps) return tl::unexpected(deps.error());
  InputGraph graph(tree.build_directory);
  graph.add_graph(*dot);
  graph.add_deps(*deps);
  return graph;
}

/// CMake lists the folders of the targets; each has a Makefile, and beside an object stands what the compiler read for it.
Result<InputGraph> read_makefiles(const BuildTree& tree) {
  const Result<std::string> folders = read_file(fs::path(tree.build_directory) / "CMakeFiles" / "TargetDirectories.txt");
  if (!folders) return tl::unexpected(folders.error());
  InputGraph graph(tree.build_directory);
  for (const std::string& folder : split(*folders, '\n'))
    if (const Result<std::string> makefile = read_file(fs::path(folder) / "build.make"); makefile) graph.add_makefile(*makefile);
  for (const std::string& object : graph.never_compiled())
    if (const Result<std::string> depfile = read_file(object + ".d")) graph.add_depfile(*depfile);
  return graph;
}

Result<InputGraph> read_graph(const Suite& suite) {
  const BuildTree& tree = suite.tree;
  const std::vector<std::string> targets = all_targets(suite);
  if (targets.empty()) return InputGraph(tree.build_directory);
  if (tree.generator.starts_with("Ninja")) return ask_ninja(tree, targets);
  if (tree.generator == "Unix Makefiles") return read_makefiles(tree);
  return fail(
      fmt::format("--changed-since needs a build directory of ninja or make; {} is one of {}", tree.build_directory, tree.generator),
      "configure one with `cmake -G Ninja`, or name the changed sources: ptests run src/a.cpp");
}

/// The folders whose CMake code changed, as they are in source and binary directory.
struct Folder {
  std::string shown;
  std::string source;
  std::string binary;
  bool is_module = false;  ///< a .cmake file, else CMakeLists.txt
};

std::vector<Folder> changed_folders(const BuildTree& tree, const std::set<std::string>& files) {
  std::vector<Folder> folders;
  for (const std::string& file : files) {
    const fs::path path(file);
    const bool is_list = path.filename() == k_top_list;
    if (!is_list && path.extension() != ".cmake") continue;
    if (!is_below(file, tree.source_directory) || is_in_build(file, tree)) continue;
    const fs::path folder = path.parent_path();
    const fs::path binary = fs::path(tree.build_directory) / folder.lexically_relative(tree.source_directory);
    std::string below = binary.lexically_normal().string();
    while (below.size() > 1 && below.ends_with('/')) below.pop_back();
    folders.push_back({shown_path(file, tree), folder.string(), std::move(below), !is_list});
  }
  return folders;
}

class Selector {
 public:
  Selector(const Suite& suite, const std::set<std::string>& made) : suite_(&suite), made_(&made) {
    for (const Executable& executable : suite.tree.executables) executable_of_.emplace(executable.target, &executable);
  }

  /// Whether the test's sources or targets are among what changed.
  bool is_made_anew(const Test& test) const {
    const std::vector<std::string> files = source_files(test, suite_->tree);
    const std::string& build = suite_->tree.build_directory;
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) { return made_->contains(file); }) ||
           std::any_of(test.targets.begin(), test.targets.end(), [&](const std::string& target) {
             const auto found = executable_of_.find(target);
             return made_->contains(build + "/" + target) || (found != executable_of_.end() && made_->contains(found->second->file));
           });
  }

  bool is_built_in(const Test& test, const Folder& folder) const {
    const std::vector<std::string> files = source_files(test, suite_->tree);
    return is_below(test.working_directory, folder.binary) || is_below(test.working_directory, folder.source) ||
           std::any_of(files.begin(), files.end(), [&](const std::string& file) { return is_below(file, folder.source); }) ||
           std::any_of(test.targets.begin(), test.targets.end(), [&](const std::string& target) {
             const auto found = executable_of_.find(target);
             return found != executable_of_.end() && is_below(found->second->directory, folder.binary);
           });
  }

 private:
  const Suite* suite_;
  const std::set<std::string>* made_;
  std::unordered_map<std::string, const Executable*> executable_of_;
};

/// Adds what a change of CMake code concerns, and says so: the tests of the folder, and those made from what is built there.
void add_folder(Changed& changed, const Suite& suite, const InputGraph& graph, const Folder& folder) {
  const std::set<std::string> made = graph.made_from(graph.made_in(folder.binary));
  const Selector selector(suite, made);
  std::set<TestId> tests;
  for (TestId id = 0; id < suite.tests.size(); ++id)
    if (selector.is_built_in(suite.tests[id], folder) || selector.is_made_anew(suite.tests[id])) tests.insert(id);
  const bool everything = tests.empty() && folder.is_module;
  if (everything)
    for (TestId id = 0; id < suite.tests.size(); ++id) tests.insert(id);
  const std::string_view where =
      everything ? "everything, since any directory may include it" : "everything built in its directory and below";
  changed.notes.push_back(fmt::format("{} changed: selects {}", folder.shown, where));
  changed.tests.merge(tests);
}

}  // namespace

Changed tests_of_changes(const Suite& suite, const std::set<std::string>& files, const InputGraph& graph) {
  Changed changed;
  const std::set<std::string> made = graph.made_from(files);
  const Selector selector(suite, made);
  for (TestId id = 0; id < suite.tests.size(); ++id)
    if (selector.is_made_anew(suite.tests[id])) changed.tests.insert(id);
  for (const Folder& folder : changed_folders(suite.tree, files)) add_folder(changed, suite, graph, folder);
  return changed;
}

Result<Changed> find_changed(const Suite& suite, const std::string& revision) {
  const Result<std::set<std::string>> files = changed_files(suite.tree, revision);
  if (!files) return tl::unexpected(files.error());
  const Result<InputGraph> graph = read_graph(suite);
  if (!graph) return tl::unexpected(graph.error());
  Changed changed = tests_of_changes(suite, *files, *graph);
  const auto unknown = std::count_if(suite.tests.begin(), suite.tests.end(),
                                     [&](const Test& test) { return test.targets.empty() && source_files(test, suite.tree).empty(); });
  if (unknown > 0)
    changed.notes.push_back(fmt::format("left out: {} test{} of which no source and no target is known", unknown, unknown == 1 ? "" : "s"));
  return changed;
}

}  // namespace ptests
