#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "cli/query.hpp"
#include "store/history.hpp"

namespace ptests::cli {

namespace {

constexpr int k_rows = 10;

struct Question {
  std::string_view option;
  std::optional<Ranking> ranking;  ///< of tests; nothing = of targets, by the time to compile them
  std::string_view title;
};

constexpr std::array<Question, 5> k_questions{{
    {"--slowest", Ranking::duration, "The longest time (mean of those that passed; the latest run counts half):"},
    {"--worst-cpu", Ranking::cpu_time, "The most CPU time (mean of those that passed; the latest run counts half):"},
    {"--worst-memory", Ranking::peak_rss, "The most memory at one time (of the last ten runs):"},
    {"--flakiest", Ranking::flakiness, "Flaky, or passing and failing in turn (CHANGES), in the greatest part of their runs:"},
    {"--slowest-compile", std::nullopt, "The longest time to compile (seconds; the sum of the latest times of its sources):"},
}};

constexpr std::string_view k_no_compile_times = "No compile times are recorded yet: runs that build something measure them.\n";

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  names.reserve(k_questions.size());
  for (const Question& question : k_questions) names.emplace_back(question.option);
  return names;
}

std::string seconds(Seconds value) { return fmt::format("{:.2f}", value.count()); }

/// What is not known is 0.
std::string size(std::uint64_t bytes) { return bytes == 0 ? "-" : describe_size(static_cast<double>(bytes)); }

std::string to_text(const Question& question, const std::vector<TestRecord>& tests) {
  if (tests.empty())
    return question.ranking == Ranking::flakiness ? "No test was flaky, and none passed and failed in turn.\n"
                                                  : "No test is recorded yet.\n";
  std::vector<std::vector<std::string>> rows{{"SECONDS", "CPU", "MEMORY", "RUNS", "FAILED", "FLAKY", "CHANGES", "TEST"}};
  for (const TestRecord& test : tests)
    rows.push_back({seconds(test.history.duration), seconds(test.cpu_time), size(test.history.peak_rss_bytes),
                    std::to_string(test.history.runs), std::to_string(test.history.failures), std::to_string(test.history.flaky),
                    std::to_string(test.changes), test.name});
  return fmt::format("{}\n\n{}", question.title, format_table(rows));
}

std::string to_text(const Question& question, const std::vector<TargetRecord>& targets) {
  if (targets.empty()) return std::string(k_no_compile_times);
  std::vector<std::vector<std::string>> rows{{"COMPILE", "LINK", "MEMORY", "WARNINGS", "SOURCES", "TARGET"}};
  for (const TargetRecord& target : targets)
    rows.push_back({seconds(target.history.compile), seconds(target.history.link), size(target.history.peak_rss_bytes()),
                    std::to_string(target.history.warnings), std::to_string(target.sources), target.name});
  return fmt::format("{}\n\n{}", question.title, format_table(rows));
}

Json to_json(const TestRecord& test) {
  return {{"name", test.name},
          {"runs", test.history.runs},
          {"duration", test.history.duration.count()},
          {"cpu_seconds", test.cpu_time.count()},
          {"processors", test.history.processors},
          {"peak_rss_bytes", test.history.peak_rss_bytes},
          {"last", status_name(test.history.last)},
          {"failures", test.history.failures},
          {"flaky", test.history.flaky},
          {"changes", test.changes}};
}

Json to_json(const TargetRecord& target) {
  return {{"name", target.name},
          {"compile_seconds", target.history.compile.count()},
          {"link_seconds", target.history.link.count()},
          {"compile_rss_bytes", target.history.compile_rss_bytes},
          {"link_rss_bytes", target.history.link_rss_bytes},
          {"warnings", target.history.warnings},
          {"sources", target.sources}};
}

/// What is ranked stands in the member `kind`: "tests", "targets".
template <class Record>
std::string to_json(const Question& question, std::string_view kind, const std::vector<Record>& ranked) {
  Json list = Json::array();
  for (const Record& record : ranked) list.push_back(to_json(record));
  const Json root{{"by", question.option.substr(2)}, {"recorded", true}, {kind, std::move(list)}};
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Without a history it answers as an empty one would.
template <class Record, class Rank>
Result<std::string> ask(const Query& query, const Question& question, std::string_view kind, Rank rank) {
  Result<std::vector<Record>> ranked;
  if (query.is_there) {
    Result<History> history = History::open(query.history);
    if (!history) return tl::unexpected(history.error());
    ranked = rank(*history);
  }
  if (!ranked) return tl::unexpected(ranked.error());
  return query.options.format == Format::json ? to_json(question, kind, *ranked) : to_text(question, *ranked);
}

Result<std::string> answer(const std::vector<std::string>& words) {
  const Result<Query> query = parse_query("stats", words, option_names(), k_rows);
  if (!query) return tl::unexpected(query.error());
  const auto* const question =
      std::find_if(k_questions.begin(), k_questions.end(), [&](const Question& known) { return known.option == query->what; });
  if (question == k_questions.end()) return fail("`ptests stats`: by what?", "one of " + join(option_names(), " "));
  if (!question->ranking)
    return ask<TargetRecord>(*query, *question, "targets", [&](History& history) { return history.slowest_to_compile(query->count); });
  return ask<TestRecord>(*query, *question, "tests", [&](History& history) { return history.rank(*question->ranking, query->count); });
}

}  // namespace

int stats(const std::vector<std::string>& words) {
  const Result<std::string> text = answer(words);
  if (!text) return report_error(text.error(), k_usage);
  print(*text);
  return k_passed;
}

}  // namespace ptests::cli
