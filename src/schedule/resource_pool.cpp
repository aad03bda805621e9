#include "schedule/resource_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <set>

#include "base/text.hpp"

namespace ptests {

namespace {

/// A search that takes longer is given up: to pack slots is NP-hard.
constexpr int k_most_steps = 100'000;

/// Looks for a place for each need of one type. As ctest's: the greatest need first, each to the resource with the most free slots; a
/// resource that was just used stays before others that have as many; when that leads nowhere, the next one is tried.
class Packer {
 public:
  Packer(std::vector<int> needs, std::vector<int> free) : needs_(std::move(needs)), free_(std::move(free)), places_(needs_.size()) {}

  /// The resource of each need.
  std::optional<std::vector<std::size_t>> pack() {
    const auto sum = [](const std::vector<int>& numbers) { return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0}); };
    if (sum(needs_) > sum(free_)) return std::nullopt;
    std::vector<std::size_t> order(free_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) { return free_[a] > free_[b]; });
    by_size_.resize(needs_.size());
    std::iota(by_size_.begin(), by_size_.end(), std::size_t{0});
    std::stable_sort(by_size_.begin(), by_size_.end(), [this](std::size_t a, std::size_t b) { return needs_[a] > needs_[b]; });
    if (!place(0, order)) return std::nullopt;
    return std::move(places_);
  }

 private:
  /// `order`: the resources, those with the most free slots first.
  bool place(std::size_t at, const std::vector<std::size_t>& order) {
    if (at == by_size_.size()) return true;
    const int need = needs_[by_size_[at]];
    std::optional<int> tried;
    for (std::size_t i = 0; i < order.size() && free_[order[i]] >= need; ++i) {
      const std::size_t resource = order[i];
      if (free_[resource] == tried) continue;
      tried = free_[resource];
      if (++steps_ > k_most_steps) return false;
      places_[by_size_[at]] = resource;
      free_[resource] -= need;
      if (place(at + 1, moved_back(order, i))) return true;
      free_[resource] += need;
    }
    return false;
  }

  std::vector<std::size_t> moved_back(std::vector<std::size_t> order, std::size_t at) const {
    for (; at + 1 < order.size() && free_[order[at + 1]] > free_[order[at]]; ++at) std::swap(order[at], order[at + 1]);
    return order;
  }

  std::vector<int> needs_;
  std::vector<int> free_;
  std::vector<std::size_t> by_size_;  ///< the greatest need first
  std::vector<std::size_t> places_;
  int steps_ = 0;
};

std::set<std::string_view> types_of(const ResourceGroups& groups) {
  std::set<std::string_view> types;
  for (const ResourceGroup& group : groups)
    for (const SlotsNeeded& needed : group) types.insert(needed.type);
  return types;
}

/// In the order of the property.
std::vector<int> needs_of(const ResourceGroups& groups, std::string_view type) {
  std::vector<int> needs;
  for (const ResourceGroup& group : groups)
    for (const SlotsNeeded& needed : group)
      if (needed.type == type) needs.push_back(needed.slots);
  return needs;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string list_slots(const std::vector<int>& slots) {
  return fmt::format("{} slot{}", fmt::join(slots, ", "), slots.size() == 1 && slots.front() == 1 ? "" : "s");
}

}  // namespace

ResourcePool::ResourcePool(ResourceSpec spec) : spec_(std::move(spec)) {
  for (auto& [type, resources] : spec_.types) {
    std::sort(resources.begin(), resources.end(), [](const Resource& a, const Resource& b) { return a.id < b.id; });
    free_.emplace(type, slots_of(type));
  }
}

std::vector<int> ResourcePool::slots_of(std::string_view type) const {
  std::vector<int> slots;
  const auto found = spec_.types.find(type);
  if (found == spec_.types.end()) return slots;
  for (const Resource& resource : found->second) slots.push_back(resource.slots);
  return slots;
}

std::string ResourcePool::why_never(const ResourceGroups& groups) const {
  for (const std::string_view type : types_of(groups)) {
    if (!spec_.types.contains(type)) return fmt::format("needs resources of type \"{}\", of which there are none", type);
    const std::vector<int> needs = needs_of(groups, type);
    const std::vector<int> slots = slots_of(type);
    if (!Packer(needs, slots).pack())
      return fmt::format("needs {} of type \"{}\", each from one resource; these have {}", list_slots(needs), type, list_slots(slots));
  }
  return "";
}

std::optional<Allocation> ResourcePool::allocate(const ResourceGroups& groups) {
  std::map<std::string_view, std::vector<std::size_t>> places;
  for (const std::string_view type : types_of(groups)) {
    const auto free = free_.find(type);
    if (free == free_.end()) return std::nullopt;
    std::optional<std::vector<std::size_t>> found = Packer(needs_of(groups, type), free->second).pack();
    if (!found) return std::nullopt;
    std::reverse(found->begin(), found->end());
    places.emplace(type, std::move(*found));
  }
  Allocation allocation;
  for (const ResourceGroup& group : groups) {
    std::vector<Allocation::Part>& parts = allocation.groups.emplace_back();
    for (const SlotsNeeded& needed : group) {
      std::vector<std::size_t>& next = places[needed.type];
      const std::size_t resource = next.back();
      next.pop_back();
      free_.find(needed.type)->second[resource] -= needed.slots;
      parts.push_back({needed.type, resource, spec_.types.find(needed.type)->second[resource].id, needed.slots});
    }
  }
  return allocation;
}

void ResourcePool::release(const Allocation& allocation) {
  for (const auto& parts : allocation.groups)
    for (const Allocation::Part& part : parts) free_.find(part.type)->second[part.resource] += part.slots;
}

int ResourcePool::free_slots(std::string_view type, std::string_view id) const {
  const auto found = spec_.types.find(type);
  if (found == spec_.types.end()) return 0;
  const std::vector<Resource>& resources = found->second;
  const auto resource = std::find_if(resources.begin(), resources.end(), [&](const Resource& r) { return r.id == id; });
  if (resource == resources.end()) return 0;
  return free_.find(type)->second[static_cast<std::size_t>(resource - resources.begin())];
}

std::vector<std::string> resource_environment(const Allocation& allocation) {
  std::vector<std::string> environment{fmt::format("CTEST_RESOURCE_GROUP_COUNT={}", allocation.groups.size())};
  for (std::size_t i = 0; i < allocation.groups.size(); ++i) {
    std::map<std::string, std::string> by_type;
    for (const Allocation::Part& part : allocation.groups[i]) {
      std::string& text = by_type[part.type];
      text += fmt::format("{}id:{},slots:{}", text.empty() ? "" : ";", part.id, part.slots);
    }
    std::vector<std::string> types;
    types.reserve(by_type.size());
    for (const auto& [type, text] : by_type) types.push_back(type);
    environment.push_back(fmt::format("CTEST_RESOURCE_GROUP_{}={}", i, join(types, ",")));
    for (const auto& [type, text] : by_type) environment.push_back(fmt::format("CTEST_RESOURCE_GROUP_{}_{}={}", i, upper(type), text));
  }
  return environment;
}

}  // namespace ptests
