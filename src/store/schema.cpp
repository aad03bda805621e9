#include "store/schema.hpp"

#include <fmt/format.h>

namespace ptests {

// `tests` holds what a run needs to know of a test, brought up to date with each of its results, so that nothing is added up when a run
// begins. `peaks` are the peak_rss of its last ten runs, newest first, the first of them of the run `peaks_run`. `mean_of` is a MeanOf.
// `attempts` is read by run, and dropped by run: its key keeps the attempts of a run together. Nobody has SQLite look after its foreign
// key (Database::open), so whoever drops a run drops its attempts.
// `executables.last_run` is the last run that used one, so that none is dropped that an attempt refers to.
// `build_steps` holds the latest run of each compiler and linker. Its key has the source for commands that name no output, and the
// configuration because each has a build of its own, which is not to be added to that of the others.
const std::array<const char*, 2> k_schema_steps{R"(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL,
  duration INTEGER NOT NULL DEFAULT 0,
  jobs INTEGER NOT NULL,
  host TEXT NOT NULL,
  build_directory TEXT NOT NULL,
  configuration TEXT NOT NULL,
  version TEXT NOT NULL,
  resumes TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'unfinished',
  signal INTEGER NOT NULL DEFAULT 0,
  stopped_by TEXT NOT NULL DEFAULT '',
  tests INTEGER NOT NULL,
  passed INTEGER NOT NULL DEFAULT 0,
  flaky INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tests (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  runs INTEGER NOT NULL DEFAULT 0,
  duration INTEGER NOT NULL DEFAULT 0,
  cpu_time INTEGER NOT NULL DEFAULT 0,
  processors REAL NOT NULL DEFAULT 1,
  mean_of INTEGER NOT NULL DEFAULT 0,
  peak_rss INTEGER NOT NULL DEFAULT 0,
  peaks TEXT NOT NULL DEFAULT '',
  peaks_run INTEGER NOT NULL DEFAULT 0,
  last TEXT NOT NULL DEFAULT 'passed',
  failures INTEGER NOT NULL DEFAULT 0,
  flaky INTEGER NOT NULL DEFAULT 0,
  changes INTEGER NOT NULL DEFAULT 0,
  outstanding INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE executables (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  hash TEXT,
  last_run INTEGER NOT NULL,
  UNIQUE (path, size, mtime_ns, inode)
);
CREATE TABLE attempts (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  test INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  is_final INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  started INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  user_time INTEGER NOT NULL,
  system_time INTEGER NOT NULL,
  peak_rss INTEGER NOT NULL,
  read_bytes INTEGER NOT NULL,
  written_bytes INTEGER NOT NULL,
  voluntary_switches INTEGER NOT NULL,
  involuntary_switches INTEGER NOT NULL,
  exit_code INTEGER,
  signal INTEGER,
  slot INTEGER NOT NULL,
  executable INTEGER,
  PRIMARY KEY (run, test, attempt)
) WITHOUT ROWID;
)",
                                                R"(
CREATE TABLE build_steps (
  target TEXT NOT NULL,
  configuration TEXT NOT NULL,
  output TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  language TEXT NOT NULL,
  started INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  cpu_time INTEGER NOT NULL,
  peak_rss INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  PRIMARY KEY (target, configuration, output, source)
) WITHOUT ROWID;
)"};

namespace {

constexpr std::string_view k_cure = "--history PATH names another";

int version_of(Database& database) { return static_cast<int>(database.ask("PRAGMA user_version")); }

/// A database without a version is new, unless somebody else's tables are in it.
bool is_foreign(Database& database) {
  const std::int64_t owner = database.ask("PRAGMA application_id");
  return owner != k_application_id && (owner != 0 || version_of(database) != 0 || database.ask("SELECT count(*) FROM sqlite_master") != 0);
}

Result<void> check(Database& database, const fs::path& path, std::size_t newest) {
  const bool foreign = is_foreign(database);
  const int version = version_of(database);
  if (Result<void> readable = database.result(); !readable) return readable;
  if (foreign) return fail(fmt::format("{}: this is a database of another program", path.string()), std::string(k_cure));
  if (version > static_cast<int>(newest))
    return fail(fmt::format("{}: a newer ptests wrote it (version {}; this one knows {})", path.string(), version, newest),
                fmt::format("use that one; {}", k_cure));
  return {};
}

}  // namespace

Result<void> migrate(Database& database, const fs::path& path, std::span<const char* const> steps) {
  if (Result<void> fine = check(database, path, steps.size()); !fine) return fine;
  if (version_of(database) == static_cast<int>(steps.size())) return {};
  Transaction transaction(database);
  // Another process may have done it since.
  for (std::size_t version = static_cast<std::size_t>(version_of(database)); version < steps.size(); ++version)
    if (Result<void> done = database.execute(steps[version]); !done) return done;
  const std::string mark = fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", steps.size(), k_application_id);
  if (Result<void> done = database.execute(mark); !done) return done;
  return transaction.commit();
}

}  // namespace ptests
