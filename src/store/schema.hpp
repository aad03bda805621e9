#pragma once

#include <array>
#include <span>

#include "base/result.hpp"
#include "store/database.hpp"

namespace ptests {

/// "PTst": how SQLite's own header tells that a database is ours.
constexpr int k_application_id = 0x50547374;

/// Each step makes of version i (PRAGMA user_version; 0 = an empty database) version i + 1. A step that was released never changes.
/// Times and durations are whole microseconds, times since 1970; a status is a status_name().
extern const std::array<const char*, 2> k_schema_steps;

/// Takes `database` to the version after the last of `steps`, all steps or none. An error when it is of a later version or another
/// program's.
Result<void> migrate(Database& database, const fs::path& path, std::span<const char* const> steps);

}  // namespace ptests
