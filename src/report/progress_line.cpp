#include "report/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ninja_lines.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "report/end_details.hpp"

namespace ptests {

namespace {

/// The first so many characters of a line.
std::string_view first_columns(std::string_view line, int columns) {
  std::size_t size = 0;
  for (int i = 0; i < columns && size < line.size(); ++i) size += decode_utf8(line.substr(size)).size;
  return line.substr(0, size);
}

}  // namespace

void ProgressLine::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const RunStarted& e) { total_.on(e); },
                 [this](const CasesListed& e) {
                   total_.on(e);
                   running_.erase({e.parent->number, e.parent->name});
                 },
                 [this](const ResultKept& e) { finished(e.result); },
                 [this](const BuildStarted&) { build_ = Build::running; },
                 [this](const BuildMeasured& e) { commands_ = e.commands; },
                 [this](const BuildOutput& e) { build_says(e.line); },
                 [this](const StepStarted& e) { steps_[e.step] = e.what->target; },
                 [this](const StepFinished& e) {
                   steps_.erase(e.step);
                   if (!tool_counts_) ++commands_done_;
                 },
                 [this](const BuildFinished&) {
                   build_ = Build::over;
                   steps_.clear();
                 },
                 [this](const TestStarted& e) { running_.emplace(e.test->number, e.test->name); },
                 [this](const AttemptFinished& e) {
                   running_.erase({e.result.test->number, e.result.test->name});
                 },
                 [this](const TestRequeued& e) {
                   running_.erase({e.test->number, e.test->name});
                 },
                 [this](const TestFinished& e) { finished(e.result); },
                 [](const auto&) {},
             },
             event);
}

void ProgressLine::finished(const TestResult& result) {
  running_.erase({result.test->number, result.test->name});
  total_.on(result);
  ++tests_done_;
  if (is_failure(result.outcome.status)) ++failed_;
}

void ProgressLine::build_says(const std::string& line) {
  const auto status = parse_ninja_status(line);
  // "[0/2] Re-checking globbed directories...": that is before the build.
  if (!status || status->first == 0) return;
  tool_counts_ = true;
  commands_done_ = status->first;
  commands_ = status->second;
}

std::string ProgressLine::text(int columns) const {
  std::string text;
  if (build_ == Build::running)
    text += commands_ > 0 ? fmt::format("[compile {}/{}] ", commands_done_, commands_) : fmt::format("[compile {}] ", commands_done_);
  if (total_.value() > 0)
    text += fmt::format("[run {}/{}{}]", tests_done_, total_.value(), failed_ > 0 ? fmt::format(", {} failed", failed_) : "");
  const char* separator = " ";
  for (const auto& [number, name] : running_) {
    text += separator + name;
    separator = ", ";
  }
  if (running_.empty() && !steps_.empty()) text += " " + steps_.begin()->second;
  return std::string(first_columns(on_one_line(text), columns));
}

}  // namespace ptests
