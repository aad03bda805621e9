#include "report/stress_summary.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/text.hpp"
#include "report/ctest_words.hpp"

namespace ptests {

void StressSummary::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const TestFinished& e) { add(e.result); },
                 [this](const RunFinished&) { tell(); },
                 [](const auto&) {},
             },
             event);
}

void StressSummary::add(const TestResult& result) {
  if (result.outcome.status == Status::interrupted) return;
  Tally& tally = tallies_[original_name_(*result.test)];
  ++tally.runs;
  if (!is_failure(result.outcome.status)) return;
  ++tally.failures;
  ++tally.words[list_word(result)];
}

void StressSummary::tell() const {
  std::string text = "\nFailures under stress:\n";
  for (const auto& [name, tally] : tallies_) {
    std::vector<std::string> words;
    for (const auto& [word, count] : tally.words) words.push_back(fmt::format("{} {}", count, word));
    text += fmt::format("\t{}: {} of {} failed ({:.1f} %){}{}\n", name, tally.failures, tally.runs, 100.0 * tally.failures / tally.runs,
                        words.empty() ? "" : ": ", join(words, ", "));
  }
  write_(text);
}

}  // namespace ptests
