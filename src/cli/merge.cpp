#include "report/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/cli.hpp"
#include "cli/import_journal.hpp"
#include "cli/query.hpp"
#include "cli/terminal.hpp"
#include "cli/workspace.hpp"
#include "report/ctest_files.hpp"
#include "report/junit.hpp"
#include "report/multi.hpp"

namespace ptests::cli {

namespace {

/// Where a log of the run is now: beside its journal, where the folder `paralleltests` was brought here as a whole, or where it was
/// written. "" when neither is the file that the journal tells of.
std::string find_log(const std::string& log, std::uint64_t size, const fs::path& journal, const std::string& build_directory) {
  const std::string folder = build_directory + "/paralleltests/";
  std::vector<fs::path> places;
  if (log.starts_with(folder)) places.push_back(fs::absolute(journal).parent_path() / log.substr(folder.size()));
  places.emplace_back(log);
  for (const fs::path& place : places)
    if (file_size_or_zero(place) == size) return place.string();
  return "";
}

class JournalReader {
 public:
  Result<ShardJournal> read(const std::string& name);
  /// Logs that are not here.
  int lost() const { return lost_; }

 private:
  void settle_logs(TestResult& result, const fs::path& journal, const std::string& build_directory);

  int lost_ = 0;
};

void JournalReader::settle_logs(TestResult& result, const fs::path& journal, const std::string& build_directory) {
  if (result.log_size > 0) {
    result.log = find_log(result.log, result.log_size, journal, build_directory);
    if (result.log.empty()) {
      result.log_size = 0;
      ++lost_;
    }
  }
  std::error_code ignored;
  if (!fs::exists(result.error_log, ignored)) result.error_log.clear();
}

Result<ShardJournal> JournalReader::read(const std::string& name) {
  const Result<MappedFile> file = MappedFile::open(name);
  if (!file) return tl::unexpected(file.error());
  Result<ShardJournal> journal = parse_shard_journal(name, file->text());
  if (!journal) return journal;
  for (auto* results : {&journal->run.results, &journal->run.attempts})
    for (JournalResult& ended : *results) settle_logs(ended.result, name, journal->run.build_directory);
  return journal;
}

Result<MergedRun> read_all(const std::vector<std::string>& files) {
  std::vector<ShardJournal> journals;
  JournalReader reader;
  for (const std::string& file : files) {
    Result<ShardJournal> journal = reader.read(file);
    if (!journal) return tl::unexpected(journal.error());
    journals.push_back(std::move(*journal));
  }
  MergedRun merged = merge_runs(journals);
  if (reader.lost() > 0)
    merged.notices.push_back(fmt::format("{} log{} not here: bring the whole folder paralleltests of a run, not events.jsonl alone.",
                                         reader.lost(), reader.lost() == 1 ? " is" : "s are"));
  return merged;
}

/// What the history did not take.
std::vector<std::string> add_to_history(const Options& options, const std::vector<std::string>& files) {
  Result<History> history = History::open(history_path(options));
  if (!history) return {fmt::format("Not added to the history: {}", history.error().message)};
  std::vector<std::string> notices;
  for (const std::string& file : files)
    if (const Result<int> added = import_journal(*history, file); !added)
      notices.push_back(fmt::format("Not added to the history: {}", added.error().message));
  return notices;
}

int exit_code_of(const MergedRun& run) {
  if (run.signal != 0) return 128 + run.signal;
  if (is_to_be_resumed(run.stopped_by)) return k_stopped;
  const auto has = [&](auto predicate) { return std::any_of(run.results.begin(), run.results.end(), predicate); };
  if (has([](const TestResult& result) { return result.outcome.status == Status::build_failed; })) return k_build_failed;
  const bool failed = !run.is_whole || run.missing() > 0 || has([](const TestResult& result) { return is_failure(result.outcome.status); });
  return failed ? k_tests_failed : k_passed;
}

/// The reports that were asked for. With a build directory, those that a run there would write.
MultiReporter make_reporters(const Options& options, const std::optional<Workspace>& workspace) {
  MultiReporter reporters;
  reporters.add(std::make_unique<Console>(console_options()));
  if (workspace) reporters.add(std::make_unique<CTestFiles>());
  fs::path junit = options.junit.empty() ? fs::path() : fs::absolute(options.junit);
  if (junit.empty() && workspace) junit = workspace->directory() / "junit.xml";
  if (!junit.empty()) reporters.add(std::make_unique<JUnit>(JUnitOptions{.path = junit, .hostname = ""}));
  return reporters;
}

Result<std::optional<Workspace>> open_workspace(const std::string& build_directory) {
  if (build_directory.empty()) return std::optional<Workspace>();
  std::error_code ignored;
  if (!fs::is_directory(build_directory, ignored))
    return fail(build_directory + ": there is no such directory", "name the build directory with -B");
  Result<Workspace> workspace = Workspace::open(build_directory);
  if (!workspace) return tl::unexpected(workspace.error());
  return std::optional(std::move(*workspace));
}

}  // namespace

int merge(Options options) {
  const std::vector<std::string>& files = options.selection.globs;
  if (files.empty()) return report_error({"`ptests merge`: no files", "name the events.jsonl of each shard"}, k_usage);
  if (!options.build_directory.empty()) options.build_directory = absolute_build_directory(options.build_directory);
  const Result<std::optional<Workspace>> workspace = open_workspace(options.build_directory);
  if (!workspace) return report_error(workspace.error(), k_usage);
  Result<MergedRun> merged = read_all(files);
  if (!merged) return report_error(merged.error(), k_usage);
  if (*workspace) merged->suite.tree.build_directory = options.build_directory;
  if (*workspace || !options.history.empty())
    for (std::string& notice : add_to_history(options, files)) merged->notices.push_back(std::move(notice));
  MultiReporter reporters = make_reporters(options, *workspace);
  tell(*merged, reporters);
  const Result<void> written = reporters.finish();
  if (const std::string end = describe_end(*merged); !end.empty()) print("\n" + end + "\n");
  if (!written) return report_error(written.error(), k_internal);
  return exit_code_of(*merged);
}

}  // namespace ptests::cli
