// The test points of programs that speak TAP. Nobody can list them, so such a test runs as any other does; when the attempt that counts has
// ended its log is read, and the points are reported in its place.
#include <algorithm>

#include "base/files.hpp"
#include "base/remove_tree.hpp"
#include "framework/tap_cases.hpp"
#include "run/runner.hpp"

namespace ptests {

namespace {

PointSet read_points(TestId parent, std::string folder, const TestResult& attempt) {
  PointSet points;
  if (Result<TapStream> stream = read_tap(attempt.log)) points.stream = std::move(*stream);
  points.cases.parent = parent;
  points.cases.folder = std::move(folder);
  points.cases.has_listener = true;  // the log has all its words
  points.cases.cases = tap_cases(points.stream);
  return points;
}

bool ended_by_itself(const TestResult& attempt) {
  const Status status = attempt.outcome.status;
  const bool is_usual = status == Status::passed || status == Status::leaked || status == Status::failed;
  return is_usual && attempt.exit && attempt.exit->kind == ExitStatus::Kind::exited;
}

/// Whether the program failed besides its points.
bool has_fault(const TestResult& attempt, const TapStream& stream) {
  if (!is_failure(attempt.outcome.status)) return false;
  if (!ended_by_itself(attempt) || tap_fault(stream, attempt.exit->code)) return true;
  return std::none_of(stream.points.begin(), stream.points.end(), [](const TapPoint& point) { return point.status == Status::failed; });
}

/// What the program printed about a point that failed, or in front of one that did not; "" when that is nothing.
std::string cut_log(PointSet& points, std::size_t index, const TestResult& attempt) {
  const TapPoint& point = points.stream.points[index];
  if (point.status != Status::failed && !point.has_words) return "";
  if (!make_directories(points.cases.folder)) return attempt.log;
  CaseProcess process;
  process.set = &points.cases;
  process.log = attempt.log;
  CaseVerdict verdict;
  verdict.index = index;
  verdict.output_begin = point.begin;
  verdict.output_end = point.end;
  return cut_case_log(process, verdict, attempt.attempt);
}

TestResult result_of(PointSet& points, std::size_t index, const TestResult& attempt) {
  const TapPoint& point = points.stream.points[index];
  TestResult result;
  result.outcome = {point.status, point.reason};
  result.started = attempt.started;
  result.duration = point.duration.value_or(Seconds(0));
  result.attempt = attempt.attempt;
  result.slot = attempt.slot;
  result.log = cut_log(points, index, attempt);
  result.log_size = result.log.empty() ? 0 : file_size_or_zero(result.log);
  // What it says of itself may stand there, and nobody knows where.
  if (point.status == Status::failed && point.message.empty()) result.error_log = attempt.error_log;
  return result;
}

void add_results(EarlierResults& earlier, PointSet& points, const TestResult& attempt) {
  for (std::size_t i = 0; i < points.cases.cases.size(); ++i) earlier[points.cases.cases[i].name].push_back(result_of(points, i, attempt));
}

/// What became of a point before the attempt that counts, up to its last failure.
std::vector<TestResult> take_earlier(EarlierResults& earlier, const Test& test, const std::string& name) {
  std::vector<TestResult> results = std::move(earlier[name]);
  while (!results.empty() && !is_failure(results.back().outcome.status)) results.pop_back();
  for (TestResult& result : results) result.test = &test;
  return results;
}

}  // namespace

std::string Runner::case_folder(TestId parent) const {
  const std::string& log = options_.log_paths[parent];
  const std::string folder = log.substr(0, log.rfind('.')) + ".cases";
  // What the run before it left there is part of this one's reports.
  return options_.resumes.empty() ? folder : folder + "/" + options_.run_id;
}

bool Runner::tells_points(const Test& test, const TestResult& result) const {
  return test.framework == "tap" && can_have_cases(test) && options_.cases.batches.mode != BatchOptions::Mode::whole && result.exit &&
         result.outcome.status != Status::interrupted && !result.log.empty();
}

/// The end of a test, by its points where it tells some. It has a result of its own when it failed besides them, or left something behind.
Status Runner::report(TestId id, TestResult result) {
  const Test& test = suite_->tests[id];
  if (!tells_points(test, result)) return report_whole(id, std::move(result));
  const std::string folder = case_folder(id);
  remove_tree(folder);
  PointSet points = read_points(id, folder, result);
  if (points.cases.cases.empty()) return report_whole(id, std::move(result));

  EarlierResults earlier;
  bool had_fault = false;
  if (const auto past = past_.find(id); past != past_.end()) {
    for (const TestResult& attempt : past->second.earlier) {
      PointSet before = read_points(id, folder, attempt);
      had_fault |= has_fault(attempt, before.stream);
      add_results(earlier, before, attempt);
    }
  }
  const Status of_points = report_points(points, result, std::move(earlier));
  const bool has_failed = is_failure(result.outcome.status);
  const bool is_at_fault = has_fault(result, points.stream);
  if (!is_at_fault && result.left.empty() && (has_failed || !had_fault)) {
    past_.erase(id);
    return of_points;
  }
  // Of failures its points have told.
  if (!is_at_fault && has_failed) result.outcome = left_behind(test, result.left.size());
  const Status own = report_whole(id, std::move(result));
  return is_failure(own) ? own : of_points;
}

/// What the test counts as by its points. All that ran are told, whichever were asked for, but for those that an interrupted run told of.
Status Runner::report_points(PointSet& points, const TestResult& of_test, EarlierResults earlier) {
  CaseSet& set = points.cases;
  const Test& parent = suite_->tests[set.parent];
  const Test pattern = make_case_pattern(parent);
  for (const TestCase& one : set.cases) set.tests.push_back(&case_tests_.emplace_back(make_case_test(pattern, one)));
  std::vector<bool> wanted(set.tests.size(), true);
  if (!options_.resumes.empty() && options_.cases.is_wanted) wanted = options_.cases.is_wanted(parent, set.tests);
  CasesListed listed{&parent, {}, of_test};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) listed.cases.push_back(set.tests[i]);
  reporter_->on(listed);

  Status status = Status::passed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    const Test& test = *set.tests[i];
    TestResult result = retry_.verdict(test, result_of(points, i, of_test), take_earlier(earlier, test, set.cases[i].name));
    result.test = &test;
    const Status own = result.outcome.status;
    summary_.failed += is_failure(own) ? 1 : 0;
    if (is_failure(own) || (own == Status::quarantined && !is_failure(status))) status = own;
    reporter_->on(TestFinished{std::move(result)});
  }
  return status;
}

}  // namespace ptests
