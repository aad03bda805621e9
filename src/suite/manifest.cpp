#include "suite/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "core/bundle.hpp"
#include "suite/properties.hpp"

namespace ptests {

namespace {

constexpr int k_version = 1;

Result<void> check_version(const JsonAt& root) {
  const JsonAt version(root, "version");
  if (!version.exists() || !version.value().is_whole_number()) return version.expected("the manifest's version, a number");
  if (!version.is(k_version))
    return fail(fmt::format("version: this ptests reads version {}, the manifest has {}", k_version, dump_json(version.value())),
                "configure the project anew with the ParallelTests module that belongs to this ptests");
  return {};
}

Result<void> read_tree(BuildTree& tree, const JsonAt& root) {
  JsonMembers members(root);
  members.text("source_directory", tree.source_directory);
  members.text("build_directory", tree.build_directory);
  members.text("generator", tree.generator);
  members.text("configuration", tree.configuration);
  if (Result<void> done = members.result(); !done) return done;
  const JsonAt tool(root, "tool");
  JsonMembers tools(tool);
  tools.text("cmake", tree.cmake);
  tools.text("ctest", tree.ctest);
  tools.text("build", tree.build_tool);
  return tools.result();
}

Result<Executable> read_executable(const JsonAt& at) {
  Executable executable;
  JsonMembers members(at);
  members.text("target", executable.target);
  members.text("file", executable.file);
  members.text("directory", executable.directory);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return executable;
}

Result<std::vector<Executable>> read_executables(const JsonAt& at) { return read_elements(at, read_executable); }

Result<std::vector<std::string>> read_suite_names(const JsonAt& at) {
  return read_elements(at, [](const JsonAt& suite) { return JsonAt(suite, "name").text(); });
}

/// apply_property() for what stands in the project: an error there is not cured by configuring anew.
Result<void> read_property(Test& test, std::string_view name, const JsonAt& value) {
  Result<void> done = apply_property(test, name, value);
  if (!done && done.error().hint.empty()) done.error().hint = fmt::format("correct the test's property {} in CMakeLists.txt", name);
  return done;
}

Result<void> read_properties(Test& test, const JsonAt& at) {
  const JsonAt properties(at, "properties");
  if (!properties.exists()) return {};
  const auto members = properties.object();
  if (!members) return tl::unexpected(members.error());
  for (const auto& [name, value] : *members)
    if (Result<void> done = read_property(test, name, JsonAt(properties, name)); !done) return done;
  return {};
}

/// What CMake knows of the cases of an executable.
Result<void> read_cases(Test& test, const JsonAt& at) {
  const JsonAt bundle(at, "bundle");
  if (bundle.exists()) {
    const Result<bool> is_bundle = bundle.cmake_bool();
    if (!is_bundle) return tl::unexpected(is_bundle.error());
    for (const std::string& source : test.sources)
      if (*is_bundle) test.bundle.push_back(make_bundled_source(test.suite, source));
  }
  const JsonAt ctest_cases(at, "ctest_cases");
  if (!ctest_cases.exists()) return {};
  JsonMembers members(ctest_cases);
  test.ctest_cases.emplace();
  members.text("file", test.ctest_cases->file);
  members.text("executable", test.ctest_cases->executable);
  return members.result();
}

Result<void> read_test(Test& test, const JsonAt& at) {
  JsonMembers members(at);
  members.text("name", test.name);
  members.text("suite", test.suite);
  members.texts("sources", test.sources);
  members.texts("suite_properties", test.suite_properties);
  if (Result<void> done = members.result(); !done) return done;
  if (Result<void> done = read_cases(test, at); !done) return done;

  const JsonAt target(at, "target");
  if (target.exists()) {
    Result<std::string> name = target.text();
    if (!name) return tl::unexpected(name.error());
    test.targets.push_back(std::move(*name));
  }
  const JsonAt command(at, "command");
  Result<std::vector<std::string>> words = command.texts();
  if (!words) return tl::unexpected(words.error());
  if (words->empty()) return command.expected("a command of at least one word");
  test.command = std::move(*words);

  if (!test.sources.empty()) test.location.file = test.sources.front();
  for (const auto& [key, property] :
       {std::pair<const char*, const char*>{"cwd", "WORKING_DIRECTORY"}, {"env", "ENVIRONMENT"}, {"timeout", "TIMEOUT"}}) {
    const JsonAt value(at, key);
    if (!value.exists()) continue;
    if (Result<void> done = read_property(test, property, value); !done) return done;
  }
  if (Result<void> done = read_properties(test, at); !done) return done;
  if (test.working_directory.empty()) return JsonAt(at, "cwd").expected("the working directory");
  return {};
}

/// The test's name behind the message: its index helps nobody to find it in CMakeLists.txt.
tl::unexpected<Error> with_name(Error error, const JsonAt& test) {
  if (const Result<std::string> name = JsonAt(test, "name").text()) error.message += fmt::format(" (test \"{}\")", *name);
  return tl::unexpected(std::move(error));
}

Result<void> read_tests(Suite& suite, const JsonAt& root) {
  const JsonAt list(root, "tests");
  const auto elements = list.array();
  if (!elements) return tl::unexpected(elements.error());
  suite.tests.reserve(elements->size());
  const TargetFinder targets(suite.tree);
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const JsonAt at(list, i);
    Test& test = suite.tests.emplace_back();
    test.number = static_cast<int>(i) + 1;
    if (Result<void> done = read_test(test, at); !done) return with_name(std::move(done.error()), at);
    const auto& names = suite.suite_names;
    if (std::find(names.begin(), names.end(), test.suite) == names.end())
      return with_name(JsonAt(at, "suite").expected("one of the manifest's suites").value(), at);
    targets.add_targets(test);
  }
  return {};
}

}  // namespace

fs::path manifest_path(const fs::path& build_directory, std::string_view configuration) {
  const std::string name = configuration.empty() ? "manifest.json" : fmt::format("manifest-{}.json", configuration);
  return build_directory / "paralleltests" / name;
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Result<JsonDocument> json = parse_json(text);
  if (!json) return tl::unexpected(json.error());
  const JsonAt root(*json);
  if (const auto object = root.object(); !object) return tl::unexpected(object.error());
  Manifest manifest;
  Result<void> done = check_version(root);
  if (done) done = read_tree(manifest.suite.tree, root);
  if (done) {
    JsonMembers members(root);
    members.take("executables", manifest.suite.tree.executables, read_executables);
    members.take("suites", manifest.suite.suite_names, read_suite_names);
    done = members.result();
  }
  if (done) done = read_tests(manifest.suite, root);
  if (!done) return tl::unexpected(done.error());
  const Result<bool> other = JsonAt(root, "other_tests").cmake_bool();
  if (!other) return tl::unexpected(other.error());
  manifest.other_tests = *other;
  return manifest;
}

Result<Manifest> read_manifest(const fs::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  Result<Manifest> manifest = parse_manifest(*text);
  if (!manifest) {
    Error error = manifest.error();
    error.message = fmt::format("{}: {}", path.string(), error.message);
    if (error.hint.empty()) error.hint = "the manifest is made by CMake: configure the project anew";
    return tl::unexpected(std::move(error));
  }
  return manifest;
}

}  // namespace ptests
