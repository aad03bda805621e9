#include "report/junit.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <map>

#include "base/decimal_seconds.hpp"
#include "base/text.hpp"
#include "base/xml.hpp"
#include "report/ctest_words.hpp"
#include "report/end_details.hpp"
#include "report/limit_figures.hpp"
#include "report/usage_figures.hpp"

namespace ptests {

namespace {

/// A test that failed by itself or went beyond a limit is a failure; one that could not run is an error.
enum class Kind { passed, failure, error, skipped };

Kind kind_of(Status status) {
  if (!is_failure(status)) return counts_as_passed(status) ? Kind::passed : Kind::skipped;
  return did_run(status) && status != Status::interrupted ? Kind::failure : Kind::error;
}

std::string_view ctest_status(Status status) {
  if (status == Status::disabled) return "disabled";
  if (counts_as_passed(status)) return "run";
  return kind_of(status) == Kind::failure ? "fail" : "notrun";
}

std::string message_of(const TestResult& result) {
  if (!result.outcome.reason.empty()) return result.outcome.reason;
  return list_word(result);
}

/// `<property>` with a value that needs no escapes.
void add_plain_property(std::string& text, std::string_view name, std::string_view value) {
  text += "        <property name=\"";
  text += name;
  text += "\" value=\"";
  text += value;
  text += "\"/>\n";
}

void add_property(std::string& text, std::string_view name, std::string_view value) {
  add_plain_property(text, name, xml_attribute(value));
}

template <std::integral Integer>
void add_property(std::string& text, std::string_view name, Integer value) {
  const fmt::format_int digits(value);
  add_plain_property(text, name, {digits.data(), digits.size()});
}

void add_property(std::string& text, std::string_view name, double value) {
  add_plain_property(text, name, fmt::format(FMT_COMPILE("{}"), value));
}

void add_property(std::string& text, std::string_view name, Seconds value) { add_plain_property(text, name, DecimalSeconds(value).text()); }

/// The members of events.jsonl that say how a process ended, what it used and what it might use.
void add_process_properties(std::string& text, const TestResult& result) {
  const ExitStatus& exit = *result.exit;
  add_property(text, "attempt", result.attempt);
  add_property(text, "slot", result.slot);
  if (exit.kind == ExitStatus::Kind::exited) {
    add_property(text, "exit_code", exit.code);
  } else {
    add_property(text, "signal", signal_name(exit.code));
    add_plain_property(text, "core_dumped", exit.core_dumped ? "true" : "false");
  }
  if (!result.core_file.empty()) add_property(text, "core_file", result.core_file);
  if (!result.kept_temporary.empty()) add_property(text, "kept_temporary", result.kept_temporary);
  if (!result.left.empty()) add_property(text, "left_processes", result.left.size());
  tell_usage(result.usage, [&](std::string_view name, auto figure) {
    const bool is_unknown = name == "peak_rss_bytes" && result.usage.peak_rss_bytes == 0;
    if (!is_unknown) add_property(text, name, figure);
  });
  tell_limits(result.test->limits, [&](std::string_view name, auto value) { add_property(text, fmt::format("limit.{}", name), value); });
}

/// `<name attributes>text</name>`, or without content when there is none.
std::string element(std::string_view name, std::string_view attributes, std::string_view text) {
  if (text.empty()) return fmt::format("      <{}{}/>\n", name, attributes);
  return fmt::format("      <{0}{1}>{2}</{0}>\n", name, attributes, xml_escaped(without_escapes(text)));
}

/// What tells that a test did not pass: with its reason, and `text` about a failure.
std::string verdict(std::string_view name, const TestResult& result, std::string_view text) {
  const bool skipped = kind_of(result.outcome.status) == Kind::skipped;
  const std::string type = skipped ? "" : fmt::format(" type=\"{}\"", status_name(result.outcome.status));
  return element(name, fmt::format(" message=\"{}\"{}", xml_attribute(message_of(result)), type), text);
}

void add_attribute(std::string& text, std::string_view name, std::string_view value) {
  text += ' ';
  text += name;
  text += "=\"";
  text += xml_attribute(value);
  text += '"';
}

void add_location(std::string& text, const SourceLocation& location) {
  if (!location.file.empty()) add_attribute(text, "file", location.file);
  if (location.line > 0) text += fmt::format(" line=\"{}\"", location.line);
}

}  // namespace

struct JUnit::Totals {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double seconds = 0;

  void add(const TestResult& result) {
    const Kind kind = kind_of(result.outcome.status);
    ++tests;
    failures += kind == Kind::failure ? 1 : 0;
    errors += kind == Kind::error ? 1 : 0;
    skipped += kind == Kind::skipped ? 1 : 0;
    seconds += result.duration.count();
  }
  std::string attributes(double time) const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6f}\"", tests, failures, errors, skipped, time);
  }
};

void JUnit::on(const Event& event) {
  std::visit(Overloaded{
                 [this](const RunStarted& e) { run_started(e); },
                 [this](const ResultKept& e) { results_.push_back(e.result); },
                 [this](const StepFinished& e) {
                   if (!e.failure.empty()) build_failures_[e.what->target].push_back(e.failure);
                 },
                 [this](const TestFinished& e) { results_.push_back(e.result); },
                 [this](const RunFinished& e) { duration_ = e.duration; },
                 [](const auto&) {},
             },
             event);
}

void JUnit::run_started(const RunStarted& event) {
  started_ = event.time;
  results_.reserve(event.tests.size() + event.kept);
}

Result<void> JUnit::finish() {
  Result<AtomicFile> file = AtomicFile::create(options_.path);
  if (!file) return tl::unexpected(file.error());
  std::vector<const TestResult*> ordered;
  ordered.reserve(results_.size());
  for (const TestResult& result : results_) ordered.push_back(&result);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const TestResult* a, const TestResult* b) { return a->test->number < b->test->number; });
  std::map<std::string_view, std::vector<const TestResult*>> suites;
  Totals totals;
  for (const TestResult* result : ordered) {
    suites[result->test->suite].push_back(result);
    totals.add(*result);
  }
  file->write(fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n", totals.attributes(duration_.count())));
  for (const auto& [name, results] : suites) write_suite(*file, name, results);
  file->write("</testsuites>\n");
  return file->commit();
}

void JUnit::write_suite(AtomicFile& file, std::string_view name, const std::vector<const TestResult*>& results) const {
  Totals totals;
  for (const TestResult* result : results) totals.add(*result);
  file.write(fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\" hostname=\"{}\">\n", xml_attribute(name),
                         totals.attributes(totals.seconds), iso_time(started_), xml_attribute(options_.hostname)));
  std::string text;
  for (const TestResult* result : results) write_case(file, *result, text);
  file.write("  </testsuite>\n");
}

/// `text` is room that was used before.
void JUnit::write_case(AtomicFile& file, const TestResult& result, std::string& text) const {
  const Test& test = *result.test;
  const Status status = result.outcome.status;
  text = "    <testcase";
  add_attribute(text, "name", test.name);
  add_attribute(text, "classname", test.suite);
  fmt::format_to(std::back_inserter(text), FMT_COMPILE(" time=\"{:.6f}\""), result.duration.count());
  add_attribute(text, "status", ctest_status(status));
  add_location(text, test.location);
  text += ">\n      <properties>\n";
  add_property(text, "status", status_name(status));
  if (result.exit) add_process_properties(text, result);
  for (const TestResult& attempt : result.earlier)
    add_property(text, fmt::format("attempt_{}", attempt.attempt),
                 fmt::format("{} in {:.6f} s", status_name(attempt.outcome.status), attempt.duration.count()));
  text += "      </properties>\n";
  switch (kind_of(status)) {
    case Kind::passed: break;
    case Kind::skipped: text += verdict("skipped", result, ""); break;
    case Kind::failure: text += verdict("failure", result, end_details(result)); break;
    case Kind::error: text += verdict("error", result, build_words(result) + end_details(result)); break;
  }
  file.write(text);
  for (const TestResult& attempt : result.earlier) write_attempt(file, attempt, counts_as_passed(status) ? "flaky" : "rerun");
  write_output(file, result);
  file.write("    </testcase>\n");
}

/// The test was told by the first source that failed, others may have failed later.
std::string JUnit::build_words(const TestResult& result) const {
  std::string words = result.build_output;
  if (result.outcome.status != Status::build_failed) return words;
  for (const std::string& target : result.test->targets) {
    const auto found = build_failures_.find(target);
    if (found == build_failures_.end()) continue;
    for (const std::string& failure : found->second) {
      if (words.find(failure) != words.npos) continue;
      words = with_newline(std::move(words));
      words += failure;
    }
  }
  return words;
}

/// As surefire tells of attempts that were followed by another one: flakyFailure when the test passed in the end, else rerunFailure.
void JUnit::write_attempt(AtomicFile& file, const TestResult& attempt, std::string_view prefix) {
  const Kind kind = kind_of(attempt.outcome.status);
  if (kind == Kind::passed) return;
  const std::string_view suffix = kind == Kind::error ? "Error" : "Failure";
  file.write(fmt::format("      <{}{} message=\"{}\" type=\"{}\">\n", prefix, suffix, xml_attribute(message_of(attempt)),
                         status_name(attempt.outcome.status)));
  file.write(element("stackTrace", "", end_details(attempt)));
  write_output(file, attempt);
  file.write(fmt::format("      </{}{}>\n", prefix, suffix));
}

void JUnit::write_output(AtomicFile& file, const TestResult& result) {
  const auto ends_of = [most = most_in_xml(result.outcome.status)](const std::string& path) {
    const Result<std::string> output = read_ends(path, most);
    return output ? *output : output.error().message;
  };
  if (result.log_size > 0) file.write(element("system-out", "", ends_of(result.log)));
  std::string errors = error_log_size(result) > 0 ? with_newline(ends_of(result.error_log)) : "";
  if (!is_failure(result.outcome.status)) errors += left_lines(result);
  if (!errors.empty()) file.write(element("system-err", "", errors));
}

}  // namespace ptests
