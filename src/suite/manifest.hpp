#pragma once

#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"
#include "core/suite.hpp"

namespace ptests {

/// What the CMake module wrote (schema: share/manifest-v1.schema.json).
struct Manifest {
  Suite suite;
  /// The project has CTest tests that are not in the manifest.
  bool other_tests = false;
};

/// `<build>/paralleltests/manifest[-<configuration>].json`.
fs::path manifest_path(const fs::path& build_directory, std::string_view configuration);

/// Checks everything; an error names the place: `tests[12].timeout: expected a number, got "5s" (test "unit.foo")`.
Result<Manifest> parse_manifest(std::string_view text);

/// parse_manifest() of a file, whose name stands before every error.
Result<Manifest> read_manifest(const fs::path& path);

}  // namespace ptests
