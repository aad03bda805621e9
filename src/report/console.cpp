#include "report/console.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/files.hpp"
#include "base/make_lines.hpp"
#include "base/ninja_lines.hpp"
#include "base/text.hpp"
#include "report/ctest_words.hpp"
#include "report/end_details.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_red = "31";
constexpr std::string_view k_green = "32";
constexpr std::string_view k_yellow = "33";

std::string_view colour_of(Status status) {
  if (is_failure(status)) return k_red;
  return status == Status::passed ? k_green : k_yellow;
}

/// Whole lines, below the line of their test.
std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size());
    text += fmt::format("      {}\n", lines.substr(0, size));
    lines.remove_prefix(std::min(size + 1, lines.size()));
  }
  return text;
}

/// What of `targets` failed: a result does not tell which one.
std::string name_targets(const std::vector<std::string>& targets) {
  return fmt::format("{} {}", targets.size() == 1 ? "target" : "one of the targets", join(targets, ", "));
}

}  // namespace

void Console::on(const Event& event) {
  if (options_.progress) progress_.on(event);
  std::visit(Overloaded{
                 [this](const RunStarted& e) { run_started(e); },
                 [this](const BuildOutput& e) { build_output(e); },
                 [this](const StepFinished& e) { step_finished(e); },
                 [this](const BuildFinished& e) { build_finished(e); },
                 [this](const ResultKept& e) { count(e.result); },
                 [this](const TestStarted& e) { test_started(e); },
                 [this](const CasesListed& e) { cases_listed(e); },
                 [this](const AttemptFinished& e) { attempt_finished(e); },
                 [this](const TestFinished& e) { test_finished(e.result); },
                 [this](const TestRequeued& e) { test_requeued(e); },
                 [this](const Notice& e) { print(with_newline(e.text)); },
                 [this](const RunFinished& e) { run_finished(e); },
                 [](const auto&) {},
             },
             event);
  if (!std::holds_alternative<TestFinished>(event)) flush();
}

void Console::flush() {
  constexpr std::string_view k_clear_line = "\r\x1b[K";
  std::string progress = options_.progress && !is_over_ ? progress_.text(options_.columns - 1) : "";
  if (held_.empty() && progress == shown_progress_) return;
  if (!shown_progress_.empty()) held_.insert(0, k_clear_line);
  held_ += progress;
  options_.write(held_);
  held_.clear();
  shown_progress_ = std::move(progress);
}

std::string Console::coloured(std::string text, std::string_view code) const {
  return options_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

void Console::print(std::string_view text) {
  held_ += text;
  after_empty_line_ = text == "\n" || text.ends_with("\n\n");
}

void Console::print_line(std::string_view line) { print(fmt::format("{}\n", line)); }

void Console::separate() {
  if (!after_empty_line_) print("\n");
}

/// "n/N Test #k: name ....   Passed    0.00 sec"; a longer name pushes its own line only.
void Console::fit_columns(const std::vector<const Test*>& tests) {
  for (const Test* test : tests) {
    name_width_ = std::max(name_width_, test->name.size());
    number_width_ = std::max(number_width_, decimal_width(test->number));
  }
  count_width_ = std::max(count_width_, decimal_width(static_cast<int>(total_.value())));
  const int others = 2 * count_width_ + number_width_ + 36;
  if (options_.columns > 0) name_width_ = std::min(name_width_, static_cast<std::size_t>(std::max(30, options_.columns - others)));
}

void Console::cases_listed(const CasesListed& event) {
  total_.on(event);
  fit_columns(event.cases);
}

void Console::run_started(const RunStarted& event) {
  tree_ = event.tree;
  total_.on(event);
  fit_columns(event.tests);
  print(fmt::format("Test project {}\n", event.tree->build_directory));
  if (!event.resumes.empty())
    print(fmt::format("Run {} goes on: {} of {} tests have a result.\n", event.resumes, event.kept, total_.value()));
}

void Console::step_finished(const StepFinished& event) {
  if (event.failure.empty()) return;
  const BuildStep& step = *event.what;
  std::string output = step.output;
  if (step.kind == BuildStep::Kind::link && tree_ != nullptr) {
    // A linker is told of a name in the directory of its target.
    for (const Executable& executable : tree_->executables)
      if (executable.target == step.target) output = fs::path(executable.file).lexically_relative(tree_->build_directory).string();
  }
  failures_[step.target].push_back({std::move(output), event.failure});
}

/// What its targets' compilers and linkers said, as far as that stands in `words`, need not be shown when the build tool says it too.
void Console::words_told(const std::vector<std::string>& targets, std::string_view words) {
  for (const std::string& target : targets) {
    const auto found = failures_.find(target);
    if (found == failures_.end()) continue;
    for (const StepFailure& failure : found->second)
      if (words.find(failure.text) != words.npos) told_outputs_.insert(failure.output);
  }
}

/// Whether what the rule prints that makes this file stands at a test; said once, since a build inside the build may have such a file too.
bool Console::take_told(const std::string& output) {
  const auto is_same = [&](const std::string& told) {
    // Compilers are told of objects in the directory of their target, whose name is in there.
    return output == told || (told.starts_with("CMakeFiles/") && output.ends_with("/" + told));
  };
  const auto found = std::find_if(told_outputs_.begin(), told_outputs_.end(), is_same);
  if (found == told_outputs_.end()) return false;
  told_outputs_.erase(found);
  return true;
}

/// Ninja's "FAILED: x.o", the command and its words, up to the next line of progress. Of make, what is between "Building x.o" and the
/// error, which stand together by -Otarget.
bool Console::is_told(const BuildOutput& event) {
  if (const auto outputs = ninja_failed_outputs(event.line)) {
    inside_told_failure_ = take_told(std::string(*outputs));
  } else if (const auto output = make_rule_output(event.line)) {
    inside_told_failure_ = take_told(*output);
    return false;
  } else if (event.is_progress || event.line.starts_with("ninja: ")) {
    inside_told_failure_ = false;
  }
  return is_make_error(event.line) ? std::exchange(inside_told_failure_, false) : inside_told_failure_;
}

void Console::build_output(const BuildOutput& event) {
  if (is_told(event)) return;
  const bool is_chatter = event.line.starts_with("ninja: no work to do") || event.line.starts_with("ninja: Entering directory");
  // The line at the bottom says as much.
  if (is_chatter || (options_.progress && event.is_progress)) return;
  print_line(options_.colour ? event.line : without_escapes(event.line));
  build_shown_ = true;
}

void Console::build_finished(const BuildFinished& event) {
  if (event.ok) return;
  if (!event.error.empty()) {
    print_line(event.error);
    build_shown_ = true;
  }
  print_line(coloured("The build failed; the tests that need what is missing do not run.", k_red));
}

void Console::test_started(const TestStarted& event) {
  print(fmt::format(FMT_COMPILE("{:{}}Start {:>{}}: {}\n"), "", 2 * count_width_ + 2, event.test->number, number_width_, event.test->name));
}

void Console::count(const TestResult& result) {
  total_.on(result);
  ++done_;
  const Status status = result.outcome.status;
  const Test& test = *result.test;
  if (status != Status::disabled) ++(is_failure(status) ? failed_ : passed_);
  if (status != Status::passed) listed_.push_back({test.number, test.name, list_word(result), list_of(status)});
  for (const std::string& label : test.labels) {
    labels_[label].seconds += result.duration.count() * test.requirements.processors;
    ++labels_[label].tests;
  }
}

void Console::test_finished(const TestResult& result) {
  count(result);
  const Status status = result.outcome.status;
  const Test& test = *result.test;
  print(fmt::format(FMT_COMPILE("{:>{}}/{} Test {:>{}}: {:.<{}}{}{:6.2f} sec\n"), done_, count_width_, total_.value(),
                    fmt::format(FMT_COMPILE("#{}"), test.number), number_width_ + 1, test.name + " ", name_width_ + 4,
                    coloured(result_column(result), colour_of(status)), result.duration.count()));
  if (is_failure(status) || status == Status::quarantined) {
    show_details(result);
  } else if (status != Status::passed) {
    print(indented(left_lines(result)));
  }
}

void Console::attempt_finished(const AttemptFinished& event) {
  const TestResult& result = event.result;
  const std::string when = event.delay.count() > 0 ? fmt::format("again in {:.2f} sec", event.delay.count()) : "again";
  print(fmt::format("{:{}}Retry {:>{}}: {}, attempt {} {}: {}\n", "", 2 * count_width_ + 2, result.test->number, number_width_,
                    result.test->name, result.attempt, coloured(list_word(result), colour_of(result.outcome.status)), when));
  if (is_failure(result.outcome.status)) show_details(result);
}

void Console::test_requeued(const TestRequeued& event) {
  print(fmt::format("{:{}}Requeued {:>{}}: {}, to run alone later ({})\n", "", 2 * count_width_ + 2, event.test->number, number_width_,
                    event.test->name, on_one_line(event.reason)));
}

void Console::show_details(const TestResult& result) {
  const std::vector<std::string>& targets = result.test->targets;
  const bool is_told = std::any_of(targets.begin(), targets.end(), [&](const std::string& target) { return failures_.contains(target); });
  if (result.outcome.status == Status::build_failed && build_shown_ && !is_told) {
    print(fmt::format("      {}: {}; see the build's output above\n\n", result.outcome.reason, name_targets(result.test->targets)));
    return;
  }
  if (!result.outcome.reason.empty()) print(fmt::format("      {}\n", on_one_line(result.outcome.reason)));
  if (!result.build_output.empty()) print(with_newline(options_.colour ? result.build_output : without_escapes(result.build_output)));
  words_told(targets, result.build_output);
  if (result.log_size > 0) show_file(result.log);
  if (file_size_or_zero(result.error_log) > 0) show_file(result.error_log);
  print(indented(end_details(result)));
  if (!result.log.empty()) print(fmt::format("      Log: {}\n", result.log));
  if (!result.error_log.empty()) print(fmt::format("      Error log: {}\n", result.error_log));
  print("\n");
}

void Console::show_file(const std::string& path) {
  const Result<std::string> output = read_ends(path, options_.most_output);
  print(with_newline(output ? *output : output.error().message));
}

void Console::show_labels() {
  if (labels_.empty()) return;
  std::size_t width = 0;
  for (const auto& [label, time] : labels_) width = std::max(width, label.size());
  print("\nLabel Time Summary:\n");
  for (const auto& [label, time] : labels_)
    print(fmt::format("{:<{}} = {:6.2f} sec*proc ({} test{})\n", label, width, time.seconds, time.tests, time.tests == 1 ? "" : "s"));
}

Console::List Console::list_of(Status status) {
  if (is_failure(status)) return List::failed;
  switch (status) {
    case Status::leaked: return List::leaked;
    case Status::flaky: return List::flaky;
    case Status::quarantined: return List::quarantined;
    default: return List::did_not_run;
  }
}

void Console::show_list(std::string_view title, List list) {
  if (std::none_of(listed_.begin(), listed_.end(), [&](const Listed& line) { return line.list == list; })) return;
  print(fmt::format("\n{}\n", title));
  for (const Listed& line : listed_) {
    if (line.list != list) continue;
    const std::string text = fmt::format("\t{:>3} - {} ({})", line.number, line.name, line.word);
    print_line(list == List::failed ? coloured(text, k_red) : text);
  }
}

void Console::show_early_end(const RunFinished& event) {
  if (event.signal == 0 && event.stopped_by.empty()) return;
  const std::string why = event.stopped_by.empty() ? fmt::format("Interrupted by {}", signal_name(event.signal))
                                                   : fmt::format("Stopped {}", on_one_line(event.stopped_by));
  separate();
  print_line(coloured(fmt::format("{}: {} of {} tests have a result.", why, done_, total_.value()), k_red));
}

void Console::run_finished(const RunFinished& event) {
  is_over_ = true;
  std::sort(listed_.begin(), listed_.end(), [](const Listed& a, const Listed& b) { return a.number < b.number; });
  const int counted = passed_ + failed_;
  if (counted > 0) {
    // As ctest says it: rounded, but never 100 % of less than all.
    const auto rounded = static_cast<int>(std::lround(100.0 * passed_ / counted));
    const int percent = failed_ > 0 ? std::min(rounded, 99) : 100;
    const std::string line = fmt::format("{}% tests passed, {} tests failed out of {}", percent, failed_, counted);
    separate();
    print_line(coloured(line, failed_ > 0 ? k_red : k_green));
  }
  show_labels();
  print(fmt::format("\nTotal Test time (real) = {:6.2f} sec\n", event.duration.count()));
  show_list("The following tests did not run:", List::did_not_run);
  show_list("The following tests left processes running:", List::leaked);
  show_list("The following tests passed on a retry only:", List::flaky);
  show_list("The following tests failed and are quarantined:", List::quarantined);
  show_list("The following tests FAILED:", List::failed);
  show_early_end(event);
}

}  // namespace ptests
