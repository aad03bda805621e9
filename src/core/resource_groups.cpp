#include "core/resource_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace ptests {

namespace {

/// What nobody means, and what would fill our memory.
constexpr int k_most_groups = 10'000;
constexpr std::string_view k_form = "as 2,gpus:4,crypto_chips:1; a type is lower-case letters, digits and _";

bool is_type(std::string_view text) {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Digits only.
std::optional<int> parse_count(std::string_view text) {
  const std::optional<int> number = parse_int(text);
  return number && text.front() != '-' ? number : std::nullopt;
}

Result<void> add_groups(ResourceGroups& groups, const std::string& description) {
  int count = 1;
  ResourceGroup group;
  const std::vector<std::string> parts = split(description, ',');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.empty()) continue;
    if (const std::optional<int> number = parse_count(part); i == 0 && number) {
      count = *number;
      continue;
    }
    const std::size_t colon = part.find(':');
    const std::optional<int> slots = colon == part.npos ? std::nullopt : parse_count(std::string_view(part).substr(colon + 1));
    if (!slots || !is_type(part.substr(0, colon)))
      return fail(fmt::format("RESOURCE_GROUPS: \"{}\": expected a type and its slots, got \"{}\"", description, part),
                  std::string(k_form));
    group.push_back({part.substr(0, colon), *slots});
  }
  if (count > k_most_groups - static_cast<int>(groups.size()))
    return fail(fmt::format("RESOURCE_GROUPS: \"{}\": more than {} groups", description, k_most_groups), std::string(k_form));
  groups.insert(groups.end(), static_cast<std::size_t>(count), group);
  return {};
}

}  // namespace

Result<ResourceGroups> parse_resource_groups(const std::vector<std::string>& descriptions) {
  ResourceGroups groups;
  for (const std::string& description : descriptions)
    if (const Result<void> added = add_groups(groups, description); !added) return tl::unexpected(added.error());
  return groups;
}

Result<ResourceGroups> parse_resource_groups(std::string_view property) { return parse_resource_groups(split_cmake_list(property)); }

}  // namespace ptests
