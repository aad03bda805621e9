#include "schedule/resource_spec.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_form = R"(as {"version": {"major": 1, "minor": 0}, "local": [{"gpus": [{"id": "0", "slots": 4}]}]})";

bool is_lower(char c) { return c == '_' || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c); });
}

/// 4.0 counts too, as for ctest; "4" does not.
std::optional<int> read_count(const JsonAt& at) {
  if (!at.exists() || !at.value().is_number()) return std::nullopt;
  const Result<int> number = at.cmake_int();
  return number && *number >= 0 ? std::optional(*number) : std::nullopt;
}

Result<void> check_version(const JsonAt& root) {
  const JsonAt version(root, "version");
  if (!version.exists()) return fail("version: there is none");
  const JsonAt major_at(version, "major");
  const JsonAt minor_at(version, "minor");
  const std::optional<int> major = read_count(major_at);
  const std::optional<int> minor = read_count(minor_at);
  if (!major) return major_at.expected("a number");
  if (!minor) return minor_at.expected("a number");
  if (*major != 1 || *minor != 0) return version.expected("version 1.0");
  return {};
}

Result<Resource> read_resource(const JsonAt& at) {
  if (const auto object = at.object(); !object) return tl::unexpected(object.error());
  const JsonAt id_at(at, "id");
  Result<std::string> id = id_at.text();
  if (!id) return tl::unexpected(id.error());
  if (!is_word(*id)) return id_at.expected("lower-case letters, digits and _");
  Resource resource{std::move(*id)};
  const JsonAt slots_at(at, "slots");
  if (!slots_at.exists()) return resource;
  const std::optional<int> slots = read_count(slots_at);
  if (!slots) return slots_at.expected("a whole number of at least 0");
  resource.slots = *slots;
  return resource;
}

/// Of resources with the same id the last one counts, as for ctest.
void put(std::vector<Resource>& resources, Resource resource) {
  const auto known = std::find_if(resources.begin(), resources.end(), [&](const Resource& r) { return r.id == resource.id; });
  if (known == resources.end()) {
    resources.push_back(std::move(resource));
  } else {
    *known = std::move(resource);
  }
}

Result<std::vector<Resource>> read_type(const JsonAt& at) {
  const auto elements = at.array();
  if (!elements) return tl::unexpected(elements.error());
  std::vector<Resource> resources;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    Result<Resource> resource = read_resource(JsonAt(at, i));
    if (!resource) return tl::unexpected(resource.error());
    put(resources, std::move(*resource));
  }
  return resources;
}

Result<ResourceSpec> read_spec(const JsonAt& root) {
  if (const auto object = root.object(); !object) return tl::unexpected(object.error());
  if (const Result<void> fine = check_version(root); !fine) return tl::unexpected(fine.error());
  const JsonAt local(root, "local");
  const auto sockets = local.array();
  if (!sockets) return tl::unexpected(sockets.error());
  if (sockets->empty()) return ResourceSpec{};
  if (sockets->size() > 1) return local.expected("one element");
  const JsonAt socket(local, std::size_t{0});
  const auto members = socket.object();
  if (!members) return tl::unexpected(members.error());
  ResourceSpec spec;
  for (const auto& [name, ignored] : *members) {
    // ctest keeps other names for later versions.
    if (!is_word(name) || !is_lower(name.front())) continue;
    Result<std::vector<Resource>> resources = read_type(JsonAt(socket, name));
    if (!resources) return tl::unexpected(resources.error());
    spec.types.emplace(name, std::move(*resources));
  }
  return spec;
}

}  // namespace

Result<ResourceSpec> parse_resource_spec(std::string_view json) {
  const Result<JsonDocument> root = parse_json(json);
  Result<ResourceSpec> spec = root ? read_spec(JsonAt(*root)) : tl::unexpected(root.error());
  if (!spec) return fail(spec.error().message, std::string(k_form));
  return spec;
}

Result<ResourceSpec> read_resource_spec(const fs::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  Result<ResourceSpec> spec = parse_resource_spec(*text);
  if (!spec) return fail(path.string() + ": " + spec.error().message, spec.error().hint);
  return spec;
}

}  // namespace ptests
