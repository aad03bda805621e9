#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

std::string manifest(const std::string& configuration) {
  return fmt::format(R"({{"version": 1, "source_directory": "/s", "build_directory": "/b", "generator": "Ninja", "configuration": "{}",
  "tool": {{"cmake": "c", "ctest": "t", "build": "n"}}, "other_tests": false, "executables": [], "suites": [], "tests": []}})",
                     configuration);
}

Result<Suite> loaded(const cli::Options& options) { return cli::load_suite(options, cli::list_manifests(options.build_directory)); }

/// The configuration of the manifest that is chosen, or the error.
std::string chosen(const TempDir& dir, const std::string& configuration) {
  cli::Options options;
  options.build_directory = dir.path().string();
  options.configuration = configuration;
  const Result<Suite> suite = loaded(options);
  if (suite) return suite->tree.configuration;
  return suite.error().message + " | " + suite.error().hint;
}

}  // namespace

TEST_CASE("the manifest of the asked configuration is read") {
  const TempDir dir;
  write(dir / "paralleltests/manifest-Debug.json", manifest("Debug"));
  write(dir / "paralleltests/manifest-Release.json", manifest("Release"));
  write(dir / "paralleltests/junit.xml", "");
  CHECK(chosen(dir, "Debug") == "Debug");
  CHECK(chosen(dir, "Release") == "Release");
  CHECK(chosen(dir, "") == dir.path().string() + R"( has several configurations | name one with -C: "Debug" or "Release")");
  CHECK(chosen(dir, "Other") == dir.path().string() + R"( has no configuration "Other" | name one with -C: "Debug" or "Release")");
}

TEST_CASE("the only manifest needs no name") {
  const TempDir dir;
  write(dir / "paralleltests/manifest-Debug.json", manifest("Debug"));
  CHECK(chosen(dir, "") == "Debug");
}

TEST_CASE("a build without a configuration has a manifest without one") {
  const TempDir dir;
  write(dir / "paralleltests/manifest.json", manifest(""));
  CHECK(chosen(dir, "").empty());
}

TEST_CASE("the hint names no configuration without a name") {
  const TempDir dir;
  write(dir / "paralleltests/manifest.json", manifest(""));
  CHECK(chosen(dir, "Debug").starts_with(dir.path().string() + R"( has no configuration "Debug")"));
  CHECK(chosen(dir, "Debug").find("\"\"") == std::string::npos);
}

TEST_CASE("errors of a build directory name it") {
  const TempDir dir;
  cli::Options options;
  options.build_directory = (dir / "none").string();
  CHECK(message(loaded(options)) == (dir / "none").string() + ": there is no such directory");
  options.build_directory = dir.path().string();
  CHECK(message(loaded(options)) == dir.path().string() + " is not a CMake build directory");
  write(dir / "file", "");
  options.build_directory = (dir / "file").string();
  CHECK(message(loaded(options)) == (dir / "file").string() + ": this is a file, not a directory");
}

TEST_CASE("manifests are listed again when their folder changed, and only then") {
  const TempDir dir;
  const std::string build = dir.path().string();
  write(dir / "paralleltests/manifest-Debug.json", manifest("Debug"));
  cli::Manifests known = cli::list_manifests(build);
  CHECK(show(known.configurations) == "[Debug]");
  write(dir / "paralleltests/manifest-Release.json", manifest("Release"));
  fs::last_write_time(dir / "paralleltests", known.folder_changed);
  CHECK(show(cli::update(known, build).configurations) == "[Debug]");
  fs::last_write_time(dir / "paralleltests", known.folder_changed + std::chrono::seconds(1));
  CHECK(show(cli::update(known, build).configurations) == "[Debug][Release]");
  CHECK(cli::list_manifests((dir / "none").string()).configurations.empty());
}
