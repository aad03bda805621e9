#include "cli/recall.hpp"

#include <fmt/format.h>

#include "cli/import_journal.hpp"
#include "cli/query.hpp"

namespace ptests::cli {

namespace {

Recalled without_history(const Error& error) {
  Recalled recalled;
  recalled.notices.push_back(
      fmt::format("The history of earlier runs is not used: {}{}{}", error.message, error.hint.empty() ? "" : "\n  hint: ", error.hint));
  return recalled;
}

Recalled read(History history) {
  Result<TestHistories> tests = history.read();
  if (!tests) return without_history(tests.error());
  Result<TargetHistories> targets = history.read_targets();
  if (!targets) return without_history(targets.error());
  return {std::move(history), std::move(*tests), std::move(*targets), {}};
}

}  // namespace

Recalled recall(const Options& options, const Workspace& workspace) {
  Result<History> history = History::open(history_path(options));
  if (!history) return without_history(history.error());
  const Result<int> imported = import_journal(*history, workspace.journal());
  Recalled recalled = read(std::move(*history));
  // The history is sound, the journal is not.
  if (!imported && recalled.history)
    recalled.notices.push_back(fmt::format("The journal of the last run cannot be read: {}", imported.error().message));
  return recalled;
}

Recalled recall(const Options& options) {
  std::error_code error;
  if (!fs::exists(history_path(options), error)) return {};
  Result<History> history = History::open(history_path(options));
  return history ? read(std::move(*history)) : without_history(history.error());
}

}  // namespace ptests::cli
