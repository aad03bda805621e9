#include "report/stress_summary.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/text.hpp"
#include "report/ctest_words.hpp"

namespace ptests {

void StressSummary::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const TestFinished& e) { add(e.result); },
                 [this](const RunFinished& e) { tell(e); },
                 [](const auto&) {},
             },
             event);
}

void StressSummary::add(const TestResult& result) {
  if (result.outcome.status == Status::interrupted) return;
  Tally& tally = tallies_[original_name_(*result.test)];
  ++tally.runs;
  if (!is_failure(result.outcome.status) && result.outcome.status != Status::quarantined) return;
  ++tally.failures;
  ++tally.words[list_word(result)];
}

void StressSummary::tell(const RunFinished& end) const {
  std::string text = "\nFailures under stress:\n";
  int runs = 0;
  for (const auto& [name, tally] : tallies_) {
    runs += tally.runs;
    std::vector<std::string> words;
    for (const auto& [word, count] : tally.words) words.push_back(fmt::format("{} {}", count, word));
    text += fmt::format("\t{}: {} of {} failed ({:.1f} %){}{}\n", name, tally.failures, tally.runs, 100.0 * tally.failures / tally.runs,
                        words.empty() ? "" : ": ", join(words, ", "));
  }
  if (time_.count() > 0 && end.signal == 0 && end.stopped_by.empty())
    text += fmt::format("All {} copies had run after {:.1f} of {:g} s; --stress with a number runs more.\n", runs, end.duration.count(),
                        time_.count());
  write_(text);
}

}  // namespace ptests
