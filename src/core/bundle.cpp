#include "core/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace ptests {

namespace {

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

BundledSource make_bundled_source(std::string_view suite, std::string file) {
  BundledSource source;
  source.name = std::string(suite) + "." + std::filesystem::path(file).stem().string();
  source.file = std::move(file);
  return source;
}

const BundledSource* find_bundled(const Test& bundle, std::string_view file) {
  if (bundle.bundle.empty() || file.empty()) return nullptr;
  const std::string path = std::filesystem::path(file).lexically_normal().string();
  const auto found = std::find_if(bundle.bundle.begin(), bundle.bundle.end(), [&](const BundledSource& one) { return one.file == path; });
  if (found != bundle.bundle.end()) return &*found;
  // It may be relative to where the compiler ran, or be shortened by an option of it.
  const auto is_named_so = [&](const BundledSource& one) { return file_name(one.file) == file_name(path); };
  const auto same = std::find_if(bundle.bundle.begin(), bundle.bundle.end(), is_named_so);
  const bool is_only =
      same != bundle.bundle.end() && std::find_if(std::next(same), bundle.bundle.end(), is_named_so) == bundle.bundle.end();
  return is_only ? &*same : nullptr;
}

Test make_test_of(const Test& bundle, const BundledSource& source) {
  Test test = bundle;
  test.bundle.clear();
  test.name = source.name;
  test.sources = {source.file};
  test.location = {source.file, 0};
  for (const std::string& label : source.labels)
    if (std::find(test.labels.begin(), test.labels.end(), label) == test.labels.end()) test.labels.push_back(label);
  if (!source.level.empty()) test.level = source.level;
  if (test.skip_reason.empty()) test.skip_reason = source.skip_reason;
  if (source.retries) test.retries = source.retries;
  return test;
}

}  // namespace ptests
