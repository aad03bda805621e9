#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace ptests {

/// What a machine has for tests to share: GPUs, licences, boards.
struct Resource {
  std::string id;
  int slots = 1;
};

/// CTest's resource specification file, version 1.0: by type (lower case) the resources, in the order of the file.
/// Source: ctest(1), "Resource Specification File".
struct ResourceSpec {
  std::map<std::string, std::vector<Resource>, std::less<>> types;
};

/// An error names the place and the cure.
Result<ResourceSpec> parse_resource_spec(std::string_view json);
/// parse_resource_spec() of a file, whose name stands before every error.
Result<ResourceSpec> read_resource_spec(const fs::path& path);

}  // namespace ptests
