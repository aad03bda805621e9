#include "run/case_list.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/files.hpp"
#include "base/shared_objects.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

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

// A list is a row of fields that each end with a NUL: k_format, identity, whether there is a listener, the number of cases; for each of
// them name, id, file, line, whether it is disabled, name_in_file, the number of labels, the labels; k_end.
constexpr std::string_view k_format = "ptests test cases 1";
constexpr std::string_view k_end = "end";

class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  /// Nothing when there is none that is whole.
  std::optional<std::string_view> next() {
    const std::size_t end = rest_.find('\0');
    if (end == rest_.npos) return std::nullopt;
    const std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return field;
  }
  bool next_is(std::string_view expected) { return next() == expected; }
  bool read(std::string& text) {
    const std::optional<std::string_view> field = next();
    if (field) text = *field;
    return field.has_value();
  }
  bool read(int& number) {
    const std::optional<std::string_view> field = next();
    const std::optional<int> value = field ? parse_int(*field) : std::nullopt;
    if (value) number = *value;
    return value.has_value();
  }
  bool read(bool& value) {
    const std::optional<std::string_view> field = next();
    value = field == "1";
    return field == "1" || field == "0";
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_case(Fields& fields, TestCase& one) {
  int labels = 0;
  if (!fields.read(one.name) || !fields.read(one.id) || !fields.read(one.location.file) || !fields.read(one.location.line) ||
      !fields.read(one.disabled) || !fields.read(one.name_in_file) || !fields.read(labels))
    return false;
  for (int i = 0; i < labels; ++i)
    if (!fields.read(one.labels.emplace_back())) return false;
  return true;
}

std::optional<CaseList> parse_list(std::string_view bytes, std::string_view identity) {
  Fields fields(bytes);
  CaseList list;
  int count = 0;
  if (!fields.next_is(k_format) || !fields.next_is(identity) || !fields.read(list.has_listener) || !fields.read(count)) return std::nullopt;
  for (int i = 0; i < count; ++i)
    if (!read_case(fields, list.cases.emplace_back())) return std::nullopt;
  if (!fields.next_is(k_end) || !fields.at_end()) return std::nullopt;
  return list;
}

/// Appends fields; tells when one cannot be.
class FieldWriter {
 public:
  void add(std::string_view text) {
    is_fine_ = is_fine_ && text.find('\0') == text.npos;
    bytes_.append(text) += '\0';
  }
  void add(std::size_t number) { add(fmt::to_string(number)); }
  const std::string& bytes() const { return bytes_; }
  bool is_fine() const { return is_fine_; }

 private:
  std::string bytes_;
  bool is_fine_ = true;
};

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

std::optional<CaseList> read_case_list(const std::string& file, const std::string& identity) {
  if (identity.empty()) return std::nullopt;
  const Result<std::string> bytes = read_file(file);
  return bytes ? parse_list(*bytes, identity) : std::nullopt;
}

void write_case_list(const std::string& file, const std::string& identity, const CaseList& list) {
  if (identity.empty()) return;
  FieldWriter fields;
  fields.add(k_format);
  fields.add(identity);
  fields.add(list.has_listener ? "1" : "0");
  fields.add(list.cases.size());
  for (const TestCase& one : list.cases) {
    fields.add(one.name);
    fields.add(one.id);
    fields.add(one.location.file);
    fields.add(fmt::to_string(one.location.line));
    fields.add(one.disabled ? "1" : "0");
    fields.add(one.name_in_file);
    fields.add(one.labels.size());
    for (const std::string& label : one.labels) fields.add(label);
  }
  fields.add(k_end);
  if (fields.is_fine()) static_cast<void>(write_file_atomically(file, fields.bytes()));
}

}  // namespace ptests
