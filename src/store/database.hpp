#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ptests {

/// An open connection, and the first error since somebody asked.
struct Connection;

/// One prepared statement. Errors are kept by its database and told by Database::result(); after one, there are no rows.
class Statement {
 public:
  /// Begins anew with `values` for ?1, ?2, ...: integers, doubles, texts, and optionals of these, where nothing is NULL. A text is not
  /// copied: it outlives what is asked of the statement.
  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_value(++index, values), ...);
    return *this;
  }
  /// Goes to the next row; false when there is none.
  bool next();
  /// Runs it to its end; returns how many rows it changed.
  int run();
  /// No more rows are wanted. Until then, or until there are no more, it keeps the state that it reads in the database.
  void reset();

  /// Columns of the row, from 0.
  std::int64_t integer(int column) const;
  int small_integer(int column) const { return static_cast<int>(integer(column)); }
  double number(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  std::string_view view(int column) const;  ///< until the next row, or reset()
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(std::shared_ptr<Connection> connection, std::string_view sql);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void bind_integer(int index, std::int64_t value);
  void bind_number(int index, double value);
  void bind_text(int index, std::string_view value);
  void bind_null(int index);
  template <std::integral Integer>
  void bind_value(int index, Integer value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind_value(int index, double value) { bind_number(index, value); }
  void bind_value(int index, std::string_view value) { bind_text(index, value); }
  template <class Value>
  void bind_value(int index, const std::optional<Value>& value) {
    if (value) {
      bind_value(index, *value);
    } else {
      bind_null(index);
    }
  }

  std::shared_ptr<Connection> connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A SQLite database in a file. One thread at a time.
class Database {
 public:
  /// Makes the file when it is not there. WAL, so that readers and a writer do not wait for each other; no sync a transaction: a loss of
  /// power may take the last ones, and never the rest.
  static Result<Database> open(const fs::path& path);

  Statement prepare(std::string_view sql);
  /// One or several statements without values.
  Result<void> execute(const std::string& sql);
  /// The first error since this was asked the last time; it names the file and a cure.
  Result<void> result();
  bool has_failed() const;  ///< result() would be an error
  /// The first column of the first row; 0 when there is none.
  std::int64_t ask(std::string_view sql);

 private:
  explicit Database(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  std::shared_ptr<Connection> connection_;
};

/// Changes that happen together or not at all: dropped without commit(), none did. It holds the right to write from its beginning.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// The first error of any statement since the last Database::result(); nothing has changed then.
  Result<void> commit();

 private:
  Database* database_;
  bool is_open_;
};

std::int64_t to_micros(std::chrono::system_clock::time_point time);
std::chrono::system_clock::time_point from_micros(std::int64_t micros);

}  // namespace ptests
