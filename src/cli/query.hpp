#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "cli/options.hpp"

namespace ptests::cli {

/// A question about the history: `ptests history -n 5`, `ptests stats --slowest 10`.
struct Query {
  std::string what;  ///< the option that counts, "" when none was given
  int count = 0;
  Options options;  ///< with the build directory made absolute
  fs::path history;
  bool is_there = false;  ///< the history is
};

/// Parses the words behind `subcommand`. One of `counting`, with or without a number behind it, says how many rows there are to be
/// (`count`, without a number); the others are options of `ptests run`.
Result<Query> parse_query(const std::string& subcommand, const std::vector<std::string>& words, const std::vector<std::string>& counting,
                          int count);

/// Where the history of this build directory is: --history, or paralleltests/history.db in it.
fs::path history_path(const Options& options);

/// Columns that end at the same place, the last one as it is.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace ptests::cli
