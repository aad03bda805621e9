#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/aggregate.hpp"
#include "store/database.hpp"

namespace ptests {

/// A row of `tests`.
struct TestRow {
  std::int64_t id = 0;
  Aggregate aggregate;
  bool is_noted = false;  ///< `outstanding` is not what the database has
};

/// A name that is known is found without a copy of it.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

/// By the names of tests.
using TestRows = std::unordered_map<std::string, TestRow, NameHash, std::equal_to<>>;

/// The columns that read_row() and read_name() read.
inline constexpr std::string_view k_row_columns =
    "id, runs, duration, cpu_time, processors, mean_of, peaks, peaks_run, last, failures, flaky, changes, outstanding, peak_rss, name";

TestRow read_row(const Statement& row);
std::string read_name(const Statement& row);

}  // namespace ptests
