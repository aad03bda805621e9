#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/resource_groups.hpp"
#include "schedule/resource_spec.hpp"

namespace ptests {

/// Slots that a test has while it runs.
struct Allocation {
  struct Part {
    std::string type;
    std::size_t resource = 0;  ///< its place among those of its type
    std::string id;
    int slots = 1;
  };
  std::vector<std::vector<Part>> groups;  ///< one a group, one a requirement, in the order of the property
};

/// Knows which slots are free. Pure bookkeeping. As in CTest, each requirement is met by one resource alone.
class ResourcePool {
 public:
  explicit ResourcePool(ResourceSpec spec);

  /// Whether it fits when nothing else runs.
  bool can_ever_fit(const ResourceGroups& groups) const { return why_never(groups).empty(); }
  /// Why not, for people: `needs 4 slots of type "gpus", each from one resource; these have 2, 2 slots`. "" when it fits.
  std::string why_never(const ResourceGroups& groups) const;

  /// Takes the slots; nothing when not enough are free now. The greatest requirements choose first, each the resource with the most free
  /// slots, so that load is spread, and another one if that leads nowhere: the choice of ctest 3.25. What can_ever_fit() fits when nothing
  /// is taken.
  std::optional<Allocation> allocate(const ResourceGroups& groups);
  void release(const Allocation& allocation);

  int free_slots(std::string_view type, std::string_view id) const;

 private:
  /// Of every resource of that type, by id.
  std::vector<int> slots_of(std::string_view type) const;

  ResourceSpec spec_;                                          ///< each type sorted by id
  std::map<std::string, std::vector<int>, std::less<>> free_;  ///< by type, in the same order
};

/// "NAME=value" as ctest sets them: CTEST_RESOURCE_GROUP_COUNT=2, CTEST_RESOURCE_GROUP_0=gpus, CTEST_RESOURCE_GROUP_0_GPUS=id:0,slots:2.
/// Source: ctest(1), "Environment Variables" of resource allocation.
std::vector<std::string> resource_environment(const Allocation& allocation);

}  // namespace ptests
