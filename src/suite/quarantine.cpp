#include "suite/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

constexpr int k_version = 1;
constexpr std::string_view k_hint = "mend it, or remove it and begin anew with `ptests quarantine add`";

auto place_of(std::vector<Quarantine::Entry>& entries, std::string_view name) {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [](const Quarantine::Entry& entry, std::string_view wanted) { return entry.name < wanted; });
}

Result<Quarantine::Entry> read_entry(const JsonAt& at) {
  if (const auto object = at.object(); !object) return tl::unexpected(object.error());
  Result<std::string> name = JsonAt(at, "name").text();
  if (!name) return tl::unexpected(name.error());
  const JsonAt until_at(at, "until");
  const Result<std::string> until = until_at.text();
  const std::optional<std::chrono::year_month_day> date = until ? parse_date(*until) : std::nullopt;
  if (!date) return until_at.expected("a day as \"2026-12-31\"");
  Result<std::string> reason = JsonAt(at, "reason").text();
  if (!reason) return tl::unexpected(reason.error());
  return Quarantine::Entry{std::move(*name), *date, std::move(*reason)};
}

Result<Quarantine> parse_quarantine(std::string_view text) {
  const Result<JsonDocument> json = parse_json(text);
  if (!json) return tl::unexpected(json.error());
  const JsonAt root(*json);
  if (const auto object = root.object(); !object) return tl::unexpected(object.error());
  const JsonAt version(root, "version");
  if (!version.is(k_version)) return version.expected(fmt::format("{}", k_version));
  const JsonAt list(root, "tests");
  const auto tests = list.array();
  if (!tests) return tl::unexpected(tests.error());
  Quarantine quarantine;
  for (std::size_t i = 0; i < tests->size(); ++i) {
    const JsonAt at(list, i);
    Result<Quarantine::Entry> entry = read_entry(at);
    if (!entry) return tl::unexpected(entry.error());
    if (quarantine.find(entry->name) != nullptr) return fail(fmt::format("{}.name: \"{}\" stands here twice", at.path(), entry->name));
    quarantine.put(std::move(*entry));
  }
  return quarantine;
}

std::string quoted(const std::string& text) { return dump_json(Json(text)); }

}  // namespace

std::chrono::year_month_day date_of(std::chrono::system_clock::time_point time) { return std::chrono::floor<std::chrono::days>(time); }

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  const bool has_form = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (!has_form) return std::nullopt;
  const std::optional<int> year = parse_int(text.substr(0, 4));
  const std::optional<int> month = parse_int(text.substr(5, 2));
  const std::optional<int> day = parse_int(text.substr(8, 2));
  if (!year || !month || !day || *year < 0 || *month < 0 || *day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

std::string format_date(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::map<std::string, std::string, std::less<>> Quarantine::active(std::chrono::year_month_day today) const {
  std::map<std::string, std::string, std::less<>> active;
  for (const Entry& entry : entries)
    if (today <= entry.until) active.emplace(entry.name, fmt::format("quarantined until {} ({})", format_date(entry.until), entry.reason));
  return active;
}

std::vector<Quarantine::Entry> Quarantine::expired(std::chrono::year_month_day today) const {
  std::vector<Entry> expired;
  for (const Entry& entry : entries)
    if (entry.until < today) expired.push_back(entry);
  return expired;
}

const Quarantine::Entry* Quarantine::find(std::string_view name) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

void Quarantine::put(Entry entry) {
  const auto place = place_of(entries, entry.name);
  if (place != entries.end() && place->name == entry.name) {
    *place = std::move(entry);
  } else {
    entries.insert(place, std::move(entry));
  }
}

void Quarantine::remove(std::string_view name) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.name == name; });
}

fs::path quarantine_path(const fs::path& source_directory) { return source_directory / "ptests-quarantine.json"; }

Result<Quarantine> read_quarantine(const fs::path& source_directory) {
  const fs::path path = quarantine_path(source_directory);
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(path, ignored))) return Quarantine{};
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  Result<Quarantine> quarantine = parse_quarantine(*text);
  if (!quarantine) return fail(fmt::format("{}: {}", path.string(), quarantine.error().message), std::string(k_hint));
  return quarantine;
}

Result<void> write_quarantine(const fs::path& source_directory, const Quarantine& quarantine) {
  std::string text = fmt::format("{{\n  \"version\": {},\n  \"tests\": [", k_version);
  std::string_view separator = "\n";
  for (const Quarantine::Entry& entry : quarantine.entries) {
    text += fmt::format("{}    {{\n      \"name\": {},\n      \"until\": {},\n      \"reason\": {}\n    }}", separator, quoted(entry.name),
                        quoted(format_date(entry.until)), quoted(entry.reason));
    separator = ",\n";
  }
  text += quarantine.entries.empty() ? "]\n}\n" : "\n  ]\n}\n";
  return write_file_atomically(quarantine_path(source_directory), text);
}

}  // namespace ptests
