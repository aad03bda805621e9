#include "report/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/xml.hpp"
#include "report/ctest_words.hpp"

namespace ptests {

namespace {

/// A test that failed by itself is a failure; one that could not run is an error.
enum class Kind { passed, failure, error, skipped };

Kind kind_of(Status status) {
  if (!is_failure(status)) return status == Status::passed ? Kind::passed : Kind::skipped;
  return did_run(status) && status != Status::interrupted ? Kind::failure : Kind::error;
}

std::string_view ctest_status(Status status) {
  if (status == Status::disabled) return "disabled";
  if (status == Status::passed) return "run";
  return kind_of(status) == Kind::failure ? "fail" : "notrun";
}

std::string message_of(const TestResult& result) {
  if (!result.outcome.reason.empty()) return result.outcome.reason;
  return list_word(result);
}

std::string location_attributes(const SourceLocation& location) {
  std::string text;
  if (!location.file.empty()) text += fmt::format(" file=\"{}\"", xml_attribute(location.file));
  if (location.line > 0) text += fmt::format(" line=\"{}\"", location.line);
  return text;
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
                 [this](const RunStarted& e) { started_ = e.time; },
                 [this](const TestFinished& e) { results_.push_back(e.result); },
                 [this](const RunFinished& e) { duration_ = e.duration; },
                 [](const auto&) {},
             },
             event);
}

Result<void> JUnit::finish() {
  Result<AtomicFile> file = AtomicFile::create(options_.path);
  if (!file) return tl::unexpected(file.error());
  std::sort(results_.begin(), results_.end(), [](const TestResult& a, const TestResult& b) { return a.test->number < b.test->number; });
  std::map<std::string, std::vector<const TestResult*>> suites;
  Totals totals;
  for (const TestResult& result : results_) {
    suites[result.test->suite].push_back(&result);
    totals.add(result);
  }
  file->write(fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n", totals.attributes(duration_.count())));
  for (const auto& [name, results] : suites) write_suite(*file, name, results);
  file->write("</testsuites>\n");
  return file->commit();
}

void JUnit::write_suite(AtomicFile& file, const std::string& name, const std::vector<const TestResult*>& results) const {
  Totals totals;
  for (const TestResult* result : results) totals.add(*result);
  file.write(fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\" hostname=\"{}\">\n", xml_attribute(name),
                         totals.attributes(totals.seconds), iso_time(started_), xml_attribute(options_.hostname)));
  for (const TestResult* result : results) write_case(file, *result);
  file.write("  </testsuite>\n");
}

void JUnit::write_case(AtomicFile& file, const TestResult& result) const {
  const Test& test = *result.test;
  const Status status = result.outcome.status;
  file.write(fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.6f}\" status=\"{}\"{}>\n", xml_attribute(test.name),
                         xml_attribute(test.suite), result.duration.count(), ctest_status(status), location_attributes(test.location)));
  const std::string message = xml_attribute(message_of(result));
  switch (kind_of(status)) {
    case Kind::passed: break;
    case Kind::skipped: file.write(fmt::format("      <skipped message=\"{}\"/>\n", message)); break;
    case Kind::failure: file.write(fmt::format("      <failure message=\"{}\" type=\"{}\"/>\n", message, status_name(status))); break;
    case Kind::error:
      file.write(fmt::format("      <error message=\"{}\" type=\"{}\"", message, status_name(status)));
      file.write(result.build_output.empty() ? "/>\n" : fmt::format(">{}</error>\n", xml_escaped(without_escapes(result.build_output))));
      break;
  }
  write_output(file, result);
  file.write("    </testcase>\n");
}

void JUnit::write_output(AtomicFile& file, const TestResult& result) const {
  if (result.log_size == 0) return;
  const Result<std::string> output = read_ends(result.log, options_.most_output);
  file.write(fmt::format("      <system-out>{}</system-out>\n", xml_escaped(output ? without_escapes(*output) : output.error().message)));
}

}  // namespace ptests
