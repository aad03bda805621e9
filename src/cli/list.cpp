#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "suite/evaluate.hpp"
#include "suite/sources.hpp"

namespace ptests::cli {

namespace {

Json property(std::string_view name, Json value) { return {{"name", name}, {"value", std::move(value)}}; }

Json properties_of(const Test& test) {
  Json properties = Json::array();
  for (const auto& [name, value] : test.properties)
    if (name != "WORKING_DIRECTORY") properties.push_back(property(name, Json::parse(value)));
  properties.push_back(property("WORKING_DIRECTORY", test.working_directory));
  return properties;
}

/// The backtraceGraph's files, each once.
class Files {
 public:
  std::size_t index_of(const std::string& file) {
    const auto [found, is_new] = index_.emplace(file, files_.size());
    if (is_new) files_.push_back(file);
    return found->second;
  }
  const std::vector<std::string>& all() const { return files_; }

 private:
  std::vector<std::string> files_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// What people select it by, and what its sources say.
std::string describe_tags(const Test& test, const BuildTree& tree, const SourceAnnotations& annotations) {
  std::vector<std::string> parts;
  if (const std::string level = level_of(test); !level.empty()) parts.push_back("level " + level);
  parts.push_back(fmt::format("priority P{}", test.requirements.priority));
  if (!test.labels.empty()) parts.push_back("tags " + join(test.labels, " "));
  if (!test.skip_reason.empty()) parts.push_back("skipped: " + test.skip_reason);
  std::string text = fmt::format("      {}\n", join(parts, ", "));
  for (const std::string& file : source_files(test, tree)) {
    const auto found = annotations.files.find(file);
    if (found == annotations.files.end()) continue;
    for (const Annotation& annotation : found->second.all)
      text += fmt::format("      {}:{}: @{}{}{}\n", shown_path(file, tree), annotation.line, annotation.name,
                          annotation.value.empty() ? "" : " ", annotation.value);
  }
  return text;
}

}  // namespace

std::string to_ctest_json(const Suite& suite, const std::vector<TestId>& selected) {
  Files files;
  Json nodes = Json::array();
  Json tests = Json::array();
  for (const TestId id : selected) {
    const Test& test = suite.tests[id];
    Json entry{{"name", test.name}, {"properties", properties_of(test)}};
    if (!suite.tree.configuration.empty()) entry["config"] = suite.tree.configuration;
    if (!test.command.empty()) entry["command"] = test.command;
    if (!test.location.file.empty()) {
      Json node{{"file", files.index_of(test.location.file)}};
      if (test.location.line > 0) node["line"] = test.location.line;
      entry["backtrace"] = nodes.size();
      nodes.push_back(std::move(node));
    }
    tests.push_back(std::move(entry));
  }
  const Json root{{"kind", "ctestInfo"},
                  {"version", {{"major", 1}, {"minor", 0}}},
                  {"backtraceGraph", {{"commands", Json::array()}, {"files", files.all()}, {"nodes", std::move(nodes)}}},
                  {"tests", std::move(tests)}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int list(const Suite& suite, const std::vector<TestId>& selected, const ListOptions& options) {
  if (options.format == Format::json) {
    print(to_ctest_json(suite, selected));
    return k_passed;
  }
  int largest = 0;
  for (const TestId id : selected) largest = std::max(largest, suite.tests[id].number);
  const std::size_t width = fmt::formatted_size("#{}", largest);
  std::string text = fmt::format("Test project {}\n", suite.tree.build_directory);
  for (const TestId id : selected) {
    const Test& test = suite.tests[id];
    text += fmt::format("  Test {:>{}}: {}{}\n", fmt::format("#{}", test.number), width, test.name, test.disabled ? " (Disabled)" : "");
    if (options.tags != nullptr) text += describe_tags(test, suite.tree, *options.tags);
  }
  print(text + fmt::format("\nTotal Tests: {}\n", selected.size()));
  return k_passed;
}

}  // namespace ptests::cli
