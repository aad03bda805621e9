#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace ptests {

/// The day in UTC, so that a quarantine ends everywhere at the same time.
std::chrono::year_month_day date_of(std::chrono::system_clock::time_point time);
/// "2026-12-31"; nothing for any other text and for a day that no calendar has.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
std::string format_date(std::chrono::year_month_day date);

/// Tests that are known to fail: they run and are reported, and do not fail the run.
struct Quarantine {
  struct Entry {
    std::string name;
    std::chrono::year_month_day until;  ///< the last day
    std::string reason;
  };
  std::vector<Entry> entries;  ///< sorted by name, each once

  /// By name what is to be said of a test: "quarantined until 2026-12-31 (reason)".
  std::map<std::string, std::string, std::less<>> active(std::chrono::year_month_day today) const;
  /// Those whose last day is over: they count again.
  std::vector<Entry> expired(std::chrono::year_month_day today) const;

  const Entry* find(std::string_view name) const;
  /// Takes the place of an entry of the same name.
  void put(Entry entry);
  void remove(std::string_view name);
};

/// `ptests-quarantine.json` in the project's source directory.
fs::path quarantine_path(const fs::path& source_directory);
/// {"version": 1, "tests": [{"name": "net.slow", "until": "2026-12-31", "reason": "issue 12"}]}. Without the file there are none; an error
/// names file and place.
Result<Quarantine> read_quarantine(const fs::path& source_directory);
/// A member a line, in the order of the names, so that a change of one test is a change of its lines alone.
Result<void> write_quarantine(const fs::path& source_directory, const Quarantine& quarantine);

}  // namespace ptests
