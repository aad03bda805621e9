#include "suite/ctest_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "base/command.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "suite/properties.hpp"

namespace ptests {

namespace {

constexpr const char* k_imported_suite = "ctest";

/// json-v1's backtraceGraph: nodes point to a file by index.
Result<SourceLocation> read_node(const JsonAt& graph, const JsonAt& node) {
  const Result<int> file = JsonAt(node, "file").cmake_int();
  if (!file) return tl::unexpected(file.error());
  const JsonAt files(graph, "files");
  Result<std::string> path = JsonAt(files, static_cast<std::size_t>(*file)).text();
  if (!path) return tl::unexpected(path.error());
  const JsonAt line(node, "line");
  return SourceLocation{std::move(*path), line.exists() ? line.cmake_int().value_or(0) : 0};
}

/// Where the test was made, and by a command of which file: a node points to that of its caller.
Result<void> read_backtrace(Test& test, const JsonAt& graph, const JsonAt& backtrace) {
  constexpr int k_most_calls = 1000;
  const JsonAt nodes(graph, "nodes");
  const Result<int> index = backtrace.cmake_int();
  if (!index) return tl::unexpected(index.error());
  std::size_t at = static_cast<std::size_t>(*index);
  Result<SourceLocation> location = read_node(graph, JsonAt(nodes, at));
  if (!location) return tl::unexpected(location.error());
  test.location = std::move(*location);
  for (int calls = 0; calls < k_most_calls; ++calls) {
    const JsonAt node(nodes, at);
    const JsonAt parent(node, "parent");
    if (!parent.exists()) break;
    const Result<int> caller = parent.cmake_int();
    if (!caller) return tl::unexpected(caller.error());
    at = static_cast<std::size_t>(*caller);
  }
  Result<SourceLocation> root = read_node(graph, JsonAt(nodes, at));
  if (!root) return tl::unexpected(root.error());
  test.declared_in = std::move(root->file);
  return {};
}

Result<void> read_properties(Test& test, const JsonAt& at) {
  const JsonAt properties(at, "properties");
  if (!properties.exists()) return {};
  const auto elements = properties.array();
  if (!elements) return tl::unexpected(elements.error());
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const JsonAt property(properties, i);
    const Result<std::string> name = JsonAt(property, "name").text();
    if (!name) return tl::unexpected(name.error());
    const Result<void> done = apply_property(test, *name, JsonAt(property, "value"));
    // As in ctest, an invalid regular expression matches nothing, and any other nonsense keeps its test, and no other, from running.
    if (!done && !name->ends_with("_REGULAR_EXPRESSION")) test.defect = fmt::format("{}: {}", *name, done.error().message);
  }
  return {};
}

Result<Test> read_test(const JsonAt& at, const JsonAt& graph, const TargetFinder& targets) {
  Test test;
  test.suite = k_imported_suite;
  Result<std::string> name = JsonAt(at, "name").text();
  if (!name) return tl::unexpected(name.error());
  test.name = std::move(*name);
  const JsonAt backtrace(at, "backtrace");
  if (backtrace.exists())
    if (Result<void> done = read_backtrace(test, graph, backtrace); !done) return tl::unexpected(done.error());
  const JsonAt command(at, "command");
  if (command.exists()) {
    Result<std::vector<std::string>> words = command.texts();
    if (!words) return tl::unexpected(words.error());
    test.command = std::move(*words);
  }
  targets.add_targets(test);
  if (Result<void> done = read_properties(test, at); !done) return tl::unexpected(done.error());
  return test;
}

}  // namespace

Result<Suite> parse_ctest_json(std::string_view text, const BuildTree& tree) {
  const Result<JsonDocument> json = parse_json(text);
  if (!json) return tl::unexpected(json.error());
  const TargetFinder targets(tree);

  const JsonAt root(*json);
  const JsonAt graph(root, "backtraceGraph");
  const JsonAt list(root, "tests");
  const auto elements = list.array();
  if (!elements) return tl::unexpected(elements.error());
  Suite suite;
  suite.tree = tree;
  suite.suite_names = {k_imported_suite};
  suite.tests.reserve(elements->size());
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const JsonAt at(list, i);
    Result<Test> test = read_test(at, graph, targets);
    if (!test) return tl::unexpected(test.error());
    test->number = static_cast<int>(i) + 1;
    suite.tests.push_back(std::move(*test));
  }
  return suite;
}

Result<Suite> import_ctest(const BuildTree& tree) {
  std::vector<std::string> command{tree.ctest, "--show-only=json-v1"};
  if (!tree.configuration.empty()) command.insert(command.end(), {"-C", tree.configuration});
  const Result<CommandOutput> output = run_command(command, tree.build_directory);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0)
    return fail(
        fmt::format("{} failed with exit code {} in {}:\n{}", shell_quoted(command), output->exit_code, tree.build_directory, output->err));
  // Complaints about properties stand before the JSON on stdout.
  const std::size_t start = output->out.starts_with('{') ? 0 : output->out.find("\n{");
  Result<Suite> suite = parse_ctest_json(std::string_view(output->out).substr(std::min(start, output->out.size())), tree);
  if (!suite) return fail(fmt::format("the output of {}: {}", shell_quoted(command), suite.error().message), suite.error().hint);
  return suite;
}

Suite merge_imported(Suite ours, Suite imported) {
  std::unordered_map<std::string, std::deque<Test*>> known;  // two directories may have tests of one name
  std::unordered_map<std::string, std::string> owners;       // by the file that has their cases
  for (Test& test : ours.tests) {
    known[test.name].push_back(&test);
    if (test.ctest_cases) owners.emplace(test.ctest_cases->file, test.name);
  }
  std::vector<Test> merged;
  merged.reserve(imported.tests.size());
  for (Test& test : imported.tests) {
    const auto owner = owners.find(test.declared_in);
    const auto found = known.find(owner == owners.end() ? test.name : owner->second);
    // One of several cases of a test.
    if (owner != owners.end() && found->second.empty()) continue;
    if (found == known.end() || found->second.empty()) {
      merged.push_back(std::move(test));
      continue;
    }
    const int number = test.number;
    merged.push_back(std::move(*found->second.front()));
    merged.back().number = number;
    found->second.pop_front();
  }
  // CTest would not run these (a directory without enable_testing()), but they were registered to be run.
  for (Test& test : ours.tests) {
    const auto found = known.find(test.name);
    if (found == known.end() || found->second.empty() || found->second.front() != &test) continue;
    found->second.pop_front();
    merged.push_back(std::move(test));
    merged.back().number = static_cast<int>(merged.size());
  }
  ours.tests = std::move(merged);
  if (std::find(ours.suite_names.begin(), ours.suite_names.end(), k_imported_suite) == ours.suite_names.end())
    ours.suite_names.emplace_back(k_imported_suite);
  return ours;
}

}  // namespace ptests
