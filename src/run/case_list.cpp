#include "run/case_list.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/shared_objects.hpp"

namespace ptests {

namespace {

constexpr int k_version = 2;

/// "" for what is no file.
std::string identity_of_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return "";
  return fmt::format("{}\n{} {}.{:09} {}:{}\n", path, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_dev,
                     status.st_ino);
}

bool changes_libraries(const Test& test) {
  const auto is_of_loader = [](const std::string& text) { return text.starts_with("LD_"); };
  return std::any_of(test.environment.begin(), test.environment.end(), is_of_loader) ||
         std::any_of(test.environment_changes.begin(), test.environment_changes.end(),
                     [&](const EnvironmentChange& change) { return is_of_loader(change.name); });
}

Json to_json(const TestCase& one) {
  return Json::array({one.name, one.id, one.location.file, one.location.line, one.labels, one.disabled, one.name_in_file});
}

TestCase from_json(const Json& json) {
  TestCase one;
  json.at(0).get_to(one.name);
  json.at(1).get_to(one.id);
  json.at(2).get_to(one.location.file);
  json.at(3).get_to(one.location.line);
  json.at(4).get_to(one.labels);
  json.at(5).get_to(one.disabled);
  json.at(6).get_to(one.name_in_file);
  return one;
}

}  // namespace

std::string identity_of_cases(const Test& test) {
  if (test.command.empty() || !test.command.front().starts_with('/') || changes_libraries(test)) return "";
  std::string identity = fmt::format("{}\n{}\n", test.framework, test.working_directory);
  const char* const library_path = std::getenv("LD_LIBRARY_PATH");
  for (const std::string& word : test.command) {
    identity += word + "\n";
    if (!word.starts_with('/')) continue;
    const std::string of_file = identity_of_file(word);
    if (of_file.empty() && &word == &test.command.front()) return "";
    identity += of_file;
    if (of_file.empty()) continue;
    for (const std::string& library : shared_objects_of(word, library_path == nullptr ? "" : library_path))
      identity += identity_of_file(library);
  }
  for (const std::string& entry : test.environment) identity += entry + "\n";
  for (const EnvironmentChange& change : test.environment_changes)
    identity += fmt::format("{} {} {}\n", change.name, static_cast<int>(change.operation), change.value);
  return identity;
}

std::string case_list_file(const std::string& log) { return log.substr(0, log.rfind('.')) + ".list"; }

// CBOR takes names of any bytes.
std::optional<CaseList> read_case_list(const std::string& file, const std::string& identity) {
  if (identity.empty()) return std::nullopt;
  const Result<std::string> bytes = read_file(file);
  if (!bytes) return std::nullopt;
  CaseList list;
  try {
    const Json root = Json::from_cbor(*bytes);
    if (root.at(0) != k_version || root.at(1) != identity) return std::nullopt;
    list.has_listener = root.at(2).get<bool>();
    for (const Json& one : root.at(3)) list.cases.push_back(from_json(one));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return list;
}

void write_case_list(const std::string& file, const std::string& identity, const CaseList& list) {
  if (identity.empty()) return;
  Json cases = Json::array();
  for (const TestCase& one : list.cases) cases.push_back(to_json(one));
  const std::vector<std::uint8_t> bytes = Json::to_cbor(Json::array({k_version, identity, list.has_listener, std::move(cases)}));
  static_cast<void>(write_file_atomically(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

}  // namespace ptests
