#include "cli/recall.hpp"

#include <fmt/format.h>

#include "base/aside.hpp"
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
  const HistoryState state = history.state();
  Result<TestHistories> tests = history.read();
  if (!tests) return without_history(tests.error());
  Result<TargetHistories> targets = history.read_targets();
  if (!targets) return without_history(targets.error());
  return {std::move(history), std::move(*tests), std::move(*targets), {}, state};
}

Recalled open_and_read(const fs::path& path) {
  Result<History> history = History::open(path);
  return history ? read(std::move(*history)) : without_history(history.error());
}

}  // namespace

std::future<Recalled> recall_ahead(const Options& options) {
  std::error_code error;
  if (!fs::exists(history_path(options), error)) return {};
  return std::async(k_aside, [path = history_path(options)] { return open_and_read(path); });
}

Recalled recall(const Options& options, const Workspace& workspace, std::future<Recalled> ahead) {
  Recalled recalled = ahead.valid() ? ahead.get() : open_and_read(history_path(options));
  if (!recalled.history) return recalled;
  const Result<int> imported = import_journal(*recalled.history, workspace.journal());
  if (recalled.history->state() != recalled.state) recalled = read(std::move(*recalled.history));
  // The history is sound, the journal is not.
  if (!imported) recalled.notices.push_back(fmt::format("The journal of the last run cannot be read: {}", imported.error().message));
  return recalled;
}

Recalled recall(const Options& options) {
  std::error_code error;
  return fs::exists(history_path(options), error) ? open_and_read(history_path(options)) : Recalled{};
}

}  // namespace ptests::cli
