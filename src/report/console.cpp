#include "report/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/files.hpp"
#include "base/text.hpp"
#include "report/ctest_words.hpp"

namespace ptests {

namespace {

constexpr std::string_view k_red = "31";
constexpr std::string_view k_green = "32";
constexpr std::string_view k_yellow = "33";

std::string_view colour_of(Status status) {
  if (is_failure(status)) return k_red;
  return status == Status::passed ? k_green : k_yellow;
}

std::string on_one_line(std::string_view text) { return join(split(text, '\n'), "\\n"); }

/// What of `targets` failed: a result does not tell which one.
std::string name_targets(const std::vector<std::string>& targets) {
  return fmt::format("{} {}", targets.size() == 1 ? "target" : "one of the targets", join(targets, ", "));
}

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

void Console::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const RunStarted& e) { run_started(e); },
                 [this](const BuildOutput& e) { build_output(e); },
                 [this](const BuildFinished& e) { build_finished(e); },
                 [this](const TestStarted& e) { test_started(e); },
                 [this](const TestFinished& e) { test_finished(e.result); },
                 [this](const RunFinished& e) { run_finished(e); },
                 [](const auto&) {},
             },
             event);
}

std::string Console::coloured(std::string text, std::string_view code) const {
  return options_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

void Console::print(std::string_view text) {
  options_.write(text);
  after_empty_line_ = text == "\n" || text.ends_with("\n\n");
}

void Console::print_line(std::string_view line) { print(fmt::format("{}\n", line)); }

void Console::separate() {
  if (!after_empty_line_) print("\n");
}

void Console::run_started(const RunStarted& event) {
  int largest = 0;
  for (const Test* test : event.tests) {
    name_width_ = std::max(name_width_, test->name.size());
    largest = std::max(largest, test->number);
  }
  count_width_ = decimal_width(static_cast<int>(event.tests.size()));
  number_width_ = decimal_width(largest);
  total_ = static_cast<int>(event.tests.size());
  print(fmt::format("Test project {}\n", event.tree->build_directory));
}

void Console::build_output(const BuildOutput& event) {
  const bool is_chatter = event.line.starts_with("ninja: no work to do") || event.line.starts_with("ninja: Entering directory");
  if (is_chatter) return;
  print_line(event.line);
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
  print(fmt::format("{:{}}Start {:>{}}: {}\n", "", 2 * count_width_ + 2, event.test->number, number_width_, event.test->name));
}

void Console::test_finished(const TestResult& result) {
  ++done_;
  const Status status = result.outcome.status;
  const Test& test = *result.test;
  if (status != Status::disabled) ++(is_failure(status) ? failed_ : passed_);
  if (is_failure(status) || status == Status::skipped || status == Status::disabled)
    listed_.push_back({test.number, test.name, list_word(result), is_failure(status)});
  for (const std::string& label : test.labels) {
    labels_[label].seconds += result.duration.count() * test.requirements.processors;
    ++labels_[label].tests;
  }
  print(fmt::format("{:>{}}/{} Test {:>{}}: {:.<{}}{}{:6.2f} sec\n", done_, count_width_, total_, fmt::format("#{}", test.number),
                    number_width_ + 1, test.name + " ", name_width_ + 4, coloured(result_column(result), colour_of(status)),
                    result.duration.count()));
  if (is_failure(status)) show_details(result);
}

void Console::show_details(const TestResult& result) {
  if (result.outcome.status == Status::build_failed && build_shown_) {
    print(fmt::format("      {}: {}; see the build's output above\n\n", result.outcome.reason, name_targets(result.test->targets)));
    return;
  }
  if (!result.outcome.reason.empty()) print(fmt::format("      {}\n", on_one_line(result.outcome.reason)));
  if (!result.build_output.empty()) print(with_newline(result.build_output));
  if (result.log_size > 0) {
    const Result<std::string> output = read_ends(result.log, options_.most_output);
    print(with_newline(output ? *output : output.error().message));
  }
  if (!result.log.empty()) print(fmt::format("      Log: {}\n", result.log));
  print("\n");
}

void Console::show_labels() {
  if (labels_.empty()) return;
  std::size_t width = 0;
  for (const auto& [label, time] : labels_) width = std::max(width, label.size());
  print("\nLabel Time Summary:\n");
  for (const auto& [label, time] : labels_)
    print(fmt::format("{:<{}} = {:6.2f} sec*proc ({} test{})\n", label, width, time.seconds, time.tests, time.tests == 1 ? "" : "s"));
}

void Console::show_list(std::string_view title, bool failures) {
  if (std::none_of(listed_.begin(), listed_.end(), [&](const Listed& line) { return line.failure == failures; })) return;
  print(fmt::format("\n{}\n", title));
  for (const Listed& line : listed_) {
    if (line.failure != failures) continue;
    const std::string text = fmt::format("\t{:>3} - {} ({})", line.number, line.name, line.word);
    print_line(failures ? coloured(text, k_red) : text);
  }
}

void Console::run_finished(const RunFinished& event) {
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
  show_list("The following tests did not run:", false);
  show_list("The following tests FAILED:", true);
  if (event.signal != 0) {
    const std::string line = fmt::format("Interrupted by {}: {} of {} tests have a result.", signal_name(event.signal), done_, total_);
    separate();
    print_line(coloured(line, k_red));
  }
}

}  // namespace ptests
