#include "report/ctest_files.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/text.hpp"
#include "report/ctest_words.hpp"
#include "report/end_details.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_rule = "----------------------------------------------------------\n";

std::string clock_time(Seconds duration) {
  const auto seconds = static_cast<long long>(duration.count());
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string quoted_command(const Test& test) {
  std::string line;
  for (const std::string& word : test.command) line.append(line.empty() ? "\"" : " \"").append(word) += '"';
  return line;
}

struct Cost {
  std::string_view name;
  int runs = 0;
  double average = 0;
};

/// `name runs average`, read from the right since names may hold spaces.
std::optional<Cost> parse_cost(std::string_view line) {
  const std::size_t last = line.rfind(' ');
  const std::size_t first = last == line.npos || last == 0 ? line.npos : line.rfind(' ', last - 1);
  if (first == line.npos) return std::nullopt;
  const auto runs = parse_int(line.substr(first + 1, last - first - 1));
  const auto average = parse_number(line.substr(last + 1));
  if (!runs || !average) return std::nullopt;
  return Cost{line.substr(0, first), *runs, *average};
}

}  // namespace

std::string update_costs(std::string_view old_text, const std::vector<CostUpdate>& updates, const std::vector<std::string_view>& failed) {
  std::vector<Cost> costs;
  std::unordered_map<std::string_view, std::size_t> index;
  index.reserve(updates.size());
  costs.reserve(updates.size());
  for (const CostUpdate& update : updates)
    if (index.emplace(update.name, costs.size()).second) costs.push_back({update.name});
  std::vector<bool> is_old(costs.size());
  std::string text;
  text.reserve(old_text.size());
  for (std::string_view rest = old_text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line == "---") break;
    const std::optional<Cost> cost = parse_cost(line);
    if (!cost) continue;
    const auto [found, is_of_others] = index.emplace(cost->name, costs.size());
    if (is_of_others) {
      text.append(line) += '\n';
    } else if (found->second < costs.size() && !is_old[found->second]) {
      is_old[found->second] = true;
      costs[found->second] = *cost;
    }
  }
  for (const CostUpdate& update : updates) {
    if (!update.seconds) continue;
    Cost& cost = costs[index.at(update.name)];
    cost.average = (cost.average * cost.runs + *update.seconds) / (cost.runs + 1);
    ++cost.runs;
  }
  for (const Cost& cost : costs) fmt::format_to(std::back_inserter(text), FMT_COMPILE("{} {} {:g}\n"), cost.name, cost.runs, cost.average);
  text += "---\n";
  for (const std::string_view name : failed) text.append(name) += '\n';
  return text;
}

void CTestFiles::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const RunStarted& e) { run_started(e); },
                 [this](const ResultKept& e) { test_finished(e.result); },
                 [this](const CasesListed& e) { total_.on(e); },
                 [this](const TestFinished& e) { test_finished(e.result); },
                 [this](const RunFinished& e) { run_finished(e); },
                 [](const auto&) {},
             },
             event);
}

void CTestFiles::run_started(const RunStarted& event) {
  directory_ = fs::path(event.tree->build_directory) / "Testing" / "Temporary";
  total_.on(event);
  Result<AtomicFile> log = AtomicFile::create(directory_ / "LastTest.log");
  if (!log) {
    failure_ = tl::unexpected(log.error());
    return;
  }
  log_ = std::move(*log);
  log_->write(fmt::format("Start testing: {}\n{}", short_time(event.time), k_rule));
}

void CTestFiles::test_finished(const TestResult& result) {
  const Test& test = *result.test;
  const bool passed = counts_as_passed(result.outcome.status);
  ++done_;
  total_.on(result);
  finished_.push_back({&test, passed ? std::optional(result.duration.count()) : std::nullopt, result.outcome.status});

  if (!log_) return;
  const auto ended = result.started + std::chrono::duration_cast<std::chrono::system_clock::duration>(result.duration);
  const std::string number = fmt::format(FMT_COMPILE("{}/{}"), done_, total_.value());
  const std::string quoted = '"' + test.name + '"';
  log_->write(number + " Testing: " + test.name + "\n" + number + " Test: " + test.name + "\nCommand: " + quoted_command(test) +
              "\nDirectory: " + test.working_directory + "\n" + quoted + " start time: " + minute_of(result.started) + "\nOutput:\n");
  log_->write(k_rule);
  write_output(result);
  log_->write(fmt::format(FMT_COMPILE("<end of output>\nTest time = {:6.2f} sec\n"), result.duration.count()));
  log_->write(k_rule);
  log_->write(is_failure(result.outcome.status) ? "Test Failed.\n" : "Test Passed.\n");
  log_->write(quoted + " end time: " + minute_of(ended) + "\n" + quoted + " time elapsed: " + clock_time(result.duration) + "\n");
  log_->write(k_rule);
  log_->write("\n");
}

const std::string& CTestFiles::minute_of(std::chrono::system_clock::time_point time) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(time);
  if (minute_text_.empty() || minute != minute_) minute_text_ = short_time(time);
  minute_ = minute;
  return minute_text_;
}

void CTestFiles::write_output(const TestResult& result) {
  for (const TestResult& attempt : result.earlier) {
    log_->write(fmt::format("Attempt {}: {}\n", attempt.attempt, list_word(attempt)));
    write_output(attempt);
  }
  if (!result.earlier.empty()) log_->write(fmt::format("Attempt {}: {}\n", result.attempt, list_word(result)));
  if (!result.outcome.reason.empty() && !did_run(result.outcome.status)) log_->write(result.outcome.reason + "\n");
  if (!result.build_output.empty()) log_->write(without_escapes(result.build_output));
  if (result.log_size > 0) copy_output(result.log);
  if (error_log_size(result) > 0) copy_output(result.error_log);
  log_->write(end_details(result));
}

void CTestFiles::copy_output(const std::string& path) {
  Result<std::string> output = read_ends(path, k_most_output);
  log_->write(with_newline(output ? std::move(*output) : output.error().message));
}

void CTestFiles::run_finished(const RunFinished& event) {
  if (log_) log_->write(fmt::format("End testing: {}\n", short_time(event.time)));
}

Result<void> CTestFiles::write_numbered(const char* file, bool (*wanted)(Status)) const {
  std::vector<std::pair<int, std::string>> lines;
  for (const Finished& test : finished_) {
    if (!wanted(test.status)) continue;
    const auto known = numbers_ ? numbers_(*test.test) : decltype(lines){{test.test->number, test.test->name}};
    lines.insert(lines.end(), known.begin(), known.end());
  }
  std::sort(lines.begin(), lines.end());
  if (numbers_) lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  const fs::path path = directory_ / file;
  if (lines.empty()) {
    std::error_code ignored;
    fs::remove(path, ignored);
    return {};
  }
  std::string text;
  for (const auto& [number, name] : lines) text += fmt::format("{}:{}\n", number, name);
  return write_file_atomically(path, text);
}

Result<void> CTestFiles::write_costs() const {
  std::vector<CostUpdate> updates;
  std::vector<std::string_view> failed;
  for (const Finished& test : finished_) {
    updates.push_back({test.test->name, test.seconds});
    if (is_failure(test.status)) failed.push_back(test.test->name);
  }
  const fs::path path = directory_ / "CTestCostData.txt";
  const Result<std::string> old_text = read_file(path);
  return write_file_atomically(path, update_costs(old_text ? *old_text : "", updates, failed));
}

Result<void> CTestFiles::finish() {
  // Each for itself: a list of an earlier run would mislead.
  std::vector<Result<void>> done;
  done.push_back(log_ ? log_->commit() : failure_);
  done.push_back(write_numbered("LastTestsFailed.log", is_failure));
  done.push_back(
      write_numbered("LastTestsDisabled.log", [](Status status) { return status == Status::disabled || status == Status::skipped; }));
  done.push_back(write_costs());
  const auto failed = std::find_if(done.begin(), done.end(), [](const Result<void>& result) { return !result; });
  return failed == done.end() ? Result<void>{} : *failed;
}

}  // namespace ptests
