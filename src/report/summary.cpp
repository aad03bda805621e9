#include "report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "report/compile_summary.hpp"

namespace ptests {

namespace {

double figure_of(const TestResult& result, SummaryKind kind) {
  switch (kind) {
    case SummaryKind::memory: return static_cast<double>(result.usage.peak_rss_bytes);
    case SummaryKind::cpu: return Seconds(result.usage.user + result.usage.system).count();
    case SummaryKind::compile:
    case SummaryKind::time: break;
  }
  return result.duration.count();
}

std::string_view title_of(SummaryKind kind) {
  switch (kind) {
    case SummaryKind::memory: return "The most memory at one time:";
    case SummaryKind::cpu: return "The most CPU time:";
    case SummaryKind::compile:
    case SummaryKind::time: break;
  }
  return "The longest time:";
}

std::string describe(double figure, SummaryKind kind) {
  return kind == SummaryKind::memory ? describe_size(figure) : fmt::format("{:.2f} sec", figure);
}

}  // namespace

void Summary::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const TestFinished& e) { test_finished(e.result); },
                 [this](const RunFinished&) { run_finished(); },
                 [](const auto&) {},
             },
             event);
}

void Summary::test_finished(const TestResult& result) {
  const double figure = figure_of(result, options_.kind);
  if (figure <= 0) return;
  double& worst = figures_[result.test];
  worst = std::max(worst, figure);
}

void Summary::run_finished() {
  std::vector<std::pair<const Test*, double>> worst(figures_.begin(), figures_.end());
  std::sort(worst.begin(), worst.end(),
            [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first->number < b.first->number; });
  worst.resize(std::min(worst.size(), options_.most));
  std::string text = fmt::format("\n{}\n", title_of(options_.kind));
  for (const auto& [test, figure] : worst)
    text += fmt::format("\t{:>10}  {:>3} - {}\n", describe(figure, options_.kind), test->number, test->name);
  if (worst.empty()) text += "\tnot known of any test\n";
  options_.write(text);
}

std::unique_ptr<Reporter> make_summary(SummaryOptions options) {
  if (options.kind == SummaryKind::compile)
    return std::make_unique<CompileSummary>(CompileSummaryOptions{.write = std::move(options.write), .most = options.most});
  return std::make_unique<Summary>(std::move(options));
}

}  // namespace ptests
