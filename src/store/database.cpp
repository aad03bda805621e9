#include "store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <thread>
#include <utility>

namespace ptests {

namespace {

constexpr std::chrono::milliseconds k_patience{2000};  ///< with another process that writes
constexpr std::chrono::milliseconds k_pause{10};

struct Close {
  void operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }
};

std::string cure(int code) {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return "remove it, and ptests begins a new one; --history PATH names another";
    case SQLITE_FULL: return "free some space on its disk, or name another place with --history PATH";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return "its folder must be writable too; --history PATH names another place";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program has been writing to it for seconds; end that, or name another place with --history PATH";
    default: return "--history PATH names another place";
  }
}

/// Nobody asks how much memory SQLite has, which it counts under a mutex at every allocation. Only before its first use can that be said.
void count_no_memory() { [[maybe_unused]] static const int code = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

}  // namespace

struct Connection {
  fs::path path;
  std::unique_ptr<sqlite3, Close> handle;
  std::optional<Error> error;

  Error describe(int code) const {
    // What sqlite3_errmsg says of a file it cannot open leaves out why.
    const int system_code = handle != nullptr && (code & 0xff) == SQLITE_CANTOPEN ? ::sqlite3_system_errno(handle.get()) : 0;
    const std::string why =
        handle == nullptr || ::sqlite3_errcode(handle.get()) != (code & 0xff) ? ::sqlite3_errstr(code) : ::sqlite3_errmsg(handle.get());
    if (system_code != 0) return {describe_errno("opening", path, system_code), cure(code)};
    return {fmt::format("{}: {}", path.string(), why), cure(code)};
  }
  void note(int code) {
    if (!error) error = describe(code);
  }
  Result<void> run(const char* sql) {
    const int code = ::sqlite3_exec(handle.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return tl::unexpected(describe(code));
    return {};
  }
};

Statement::Statement(std::shared_ptr<Connection> connection, std::string_view sql) : connection_(std::move(connection)) {
  sqlite3_stmt* statement = nullptr;
  const int code = ::sqlite3_prepare_v3(connection_->handle.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) connection_->note(code);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }

bool Statement::next() {
  // After an error nothing that follows may happen: the transaction is lost.
  if (statement_ == nullptr || connection_->error) return false;
  const int code = ::sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_->note(code);
  reset();
  return false;
}

int Statement::run() {
  while (next()) {
  }
  return connection_->error ? 0 : ::sqlite3_changes(connection_->handle.get());
}

std::int64_t Statement::integer(int column) const { return ::sqlite3_column_int64(statement_.get(), column); }

double Statement::number(int column) const { return ::sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::view(int column) const {
  const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_.get(), column));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column)));
}

bool Statement::is_null(int column) const { return ::sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

void Statement::reset() { ::sqlite3_reset(statement_.get()); }

void Statement::bind_integer(int index, std::int64_t value) { ::sqlite3_bind_int64(statement_.get(), index, value); }

void Statement::bind_number(int index, double value) { ::sqlite3_bind_double(statement_.get(), index, value); }

void Statement::bind_text(int index, std::string_view value) {
  // A null pointer would be NULL, not the empty text.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  ::sqlite3_bind_text64(statement_.get(), index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_null(int index) { ::sqlite3_bind_null(statement_.get(), index); }

Result<Database> Database::open(const fs::path& path) {
  count_no_memory();
  auto connection = std::make_shared<Connection>();
  connection->path = path;
  sqlite3* handle = nullptr;
  const int code = ::sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection->handle.reset(handle);
  if (code != SQLITE_OK) return tl::unexpected(connection->describe(code));
  ::sqlite3_extended_result_codes(handle, 1);
  ::sqlite3_busy_timeout(handle, static_cast<int>(k_patience.count()));
  // A file that may not be written is opened for reading, without a word.
  if (::sqlite3_db_readonly(handle, "main") == 1) return tl::unexpected(connection->describe(SQLITE_READONLY));
  // While two processes make the file at the same time, SQLite does not wait for the lock that this takes.
  const auto give_up = std::chrono::steady_clock::now() + k_patience;
  // A new file has nothing to lose yet; on a slow disk its five fsync take seconds.
  ::sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  Result<void> ready = connection->run("PRAGMA journal_mode = WAL");
  while (!ready && (::sqlite3_errcode(handle) & 0xff) == SQLITE_BUSY && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(k_pause);
    ready = connection->run("PRAGMA journal_mode = WAL");
  }
  // To keep foreign keys takes more than to drop a run by hand (History::retain): each of its rows is looked for alone.
  if (ready) ready = connection->run("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF");
  if (!ready) return tl::unexpected(ready.error());
  return Database(std::move(connection));
}

Statement Database::prepare(std::string_view sql) { return {connection_, sql}; }

Result<void> Database::execute(const std::string& sql) { return connection_->run(sql.c_str()); }

Result<void> Database::result() {
  std::optional<Error> error = std::exchange(connection_->error, std::nullopt);
  if (error) return tl::unexpected(std::move(*error));
  return {};
}

bool Database::has_failed() const { return connection_->error.has_value(); }

std::int64_t Database::ask(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.next() ? statement.integer(0) : 0;
}

Transaction::Transaction(Database& database) : database_(&database), is_open_(true) { database.prepare("BEGIN IMMEDIATE").run(); }

Transaction::~Transaction() {
  // It may have been rolled back already, by the error that ends it.
  if (is_open_) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  database_->prepare("COMMIT").run();
  Result<void> done = database_->result();
  is_open_ = !done;
  return done;
}

std::int64_t to_micros(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

std::chrono::system_clock::time_point from_micros(std::int64_t micros) {
  return std::chrono::system_clock::time_point(std::chrono::microseconds(micros));
}

}  // namespace ptests
