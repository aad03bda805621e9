#include "report/compile_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/limits.hpp"

namespace ptests {

namespace {

std::string describe(Seconds time) { return fmt::format("{:.2f} sec", time.count()); }

/// What is not known is 0.
std::string describe(std::uint64_t bytes) { return bytes == 0 ? "-" : describe_size(static_cast<double>(bytes)); }

}  // namespace

void CompileSummary::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const StepFinished& e) { step_finished(e); },
                 [this](const RunFinished&) { run_finished(); },
                 [](const auto&) {},
             },
             event);
}

void CompileSummary::step_finished(const StepFinished& event) {
  const StepResult& result = event.result;
  if (result.is_lost) return;
  TargetHistory& target = targets_[event.what->target];
  (event.what->kind == BuildStep::Kind::link ? target.link : target.compile) += result.duration;
  std::uint64_t& peak = event.what->kind == BuildStep::Kind::link ? target.link_rss_bytes : target.compile_rss_bytes;
  peak = std::max(peak, result.usage.peak_rss_bytes);
  target.warnings += result.warnings;
}

void CompileSummary::run_finished() {
  std::vector<std::pair<std::string_view, TargetHistory>> worst(targets_.begin(), targets_.end());
  // Those that took the same stay in the order of their names.
  std::stable_sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.compile, a.second.link) > std::pair(b.second.compile, b.second.link);
  });
  worst.resize(std::min(worst.size(), options_.most));
  std::string text = "\nThe longest time to compile:\n";
  const auto add = [&text](const auto& compile, const auto& link, const auto& memory, const auto& warnings, const auto& name) {
    text += fmt::format("\t{:>11}  {:>11}  {:>10}  {:>8}  {}\n", compile, link, memory, warnings, name);
  };
  if (!worst.empty()) add("compile", "link", "memory", "warnings", "target");
  for (const auto& [name, target] : worst)
    add(describe(target.compile), describe(target.link), describe(target.peak_rss_bytes()), target.warnings, name);
  if (worst.empty()) text += "\tnothing was compiled\n";
  options_.write(text);
}

}  // namespace ptests
