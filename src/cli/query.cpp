#include "cli/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "cli/cli.hpp"

namespace ptests::cli {

namespace {

/// The option among `counting` that `word` begins with, and what stands behind its "=".
std::optional<std::pair<std::string, std::optional<std::string>>> find_counting(const std::string& word,
                                                                                const std::vector<std::string>& counting) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  if (std::find(counting.begin(), counting.end(), name) == counting.end()) return std::nullopt;
  return std::pair(name, equals == std::string::npos ? std::nullopt : std::optional<std::string>(word.substr(equals + 1)));
}

/// Takes the option that counts out of `words`.
Result<std::vector<std::string>> take_count(Query& query, const std::vector<std::string>& words, const std::vector<std::string>& counting) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = find_counting(words[i], counting);
    if (!found) {
      rest.push_back(words[i]);
      continue;
    }
    if (!query.what.empty() && query.what != found->first) return fail(fmt::format("{} and {}: one at a time", query.what, found->first));
    query.what = found->first;
    std::optional<std::string> value = found->second;
    if (!value && i + 1 < words.size() && !words[i + 1].starts_with('-')) value = words[++i];
    if (!value) continue;
    const std::optional<int> count = parse_int(*value);
    if (!count || *count < 1) return fail(fmt::format("{}: expected a number of at least 1, got \"{}\"", query.what, *value));
    query.count = *count;
  }
  return rest;
}

}  // namespace

fs::path history_path(const Options& options) {
  if (!options.history.empty()) return fs::absolute(options.history);
  return fs::path(absolute_build_directory(options.build_directory)) / "paralleltests" / "history.db";
}

Result<Query> parse_query(const std::string& subcommand, const std::vector<std::string>& words, const std::vector<std::string>& counting,
                          int count) {
  Query query;
  query.count = count;
  const auto rest = take_count(query, words, counting);
  if (!rest) return tl::unexpected(rest.error());
  Result<Options> options = parse_options(*rest);
  if (!options) return tl::unexpected(options.error());
  if (!options->selection.globs.empty()) return fail(fmt::format("`ptests {}` takes no names", subcommand));
  query.options = std::move(*options);
  query.options.build_directory = absolute_build_directory(query.options.build_directory);
  query.history = history_path(query.options);
  std::error_code ignored;
  query.is_there = fs::exists(query.history, ignored);
  if (query.is_there) return query;
  if (!query.options.history.empty()) return fail(fmt::format("{}: there is no such file", query.history.string()));
  if (!fs::is_directory(query.options.build_directory, ignored))
    return fail(query.options.build_directory + ": there is no such directory", "name the build directory with -B");
  return query;
}

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:>{}}  ", row[i], widths[i]);
    text += row.back() + "\n";
  }
  return text;
}

}  // namespace ptests::cli
