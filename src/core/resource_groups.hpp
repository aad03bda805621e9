#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ptests {

/// So many slots of one resource of this type.
struct SlotsNeeded {
  std::string type;
  int slots = 1;
};
/// What belongs together for a test: a process of it, say.
using ResourceGroup = std::vector<SlotsNeeded>;
using ResourceGroups = std::vector<ResourceGroup>;

/// CTest's property RESOURCE_GROUPS: "2,gpus:2;crypto_chips:1" is two groups of two slots of a GPU, and one of a slot of a crypto chip.
/// Source: cmake-properties, RESOURCE_GROUPS. An error names the group.
Result<ResourceGroups> parse_resource_groups(std::string_view property);
/// The same for a property that is a list already.
Result<ResourceGroups> parse_resource_groups(const std::vector<std::string>& descriptions);

}  // namespace ptests
