#include "framework/tap_cases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "framework/adapter.hpp"

namespace ptests {

Result<TapStream> read_tap(const std::string& file) {
  const Result<MappedFile> mapped = MappedFile::open(file);
  if (!mapped) return tl::unexpected(mapped.error());
  TapReader reader;
  reader.read(mapped->text());
  return reader.finish();
}

std::vector<TestCase> tap_cases(const TapStream& stream) {
  std::vector<TestCase> cases(stream.points.size());
  // A parent stands behind its children.
  for (std::size_t i = cases.size(); i-- > 0;) {
    const TapPoint& point = stream.points[i];
    const std::string& path = point.parent ? cases[*point.parent].name : point.subtest;
    cases[i].name = fmt::format("{}{}{}", path, path.empty() ? "" : "/",
                                point.description.empty() ? fmt::format("{}", point.number) : point.description);
  }
  make_names_unique(cases);
  return cases;
}

std::optional<std::string> tap_fault(const TapStream& stream, int exit_code) {
  const bool any_failed =
      std::any_of(stream.points.begin(), stream.points.end(), [](const TapPoint& point) { return point.status == Status::failed; });
  // Producers exit so after a failure, and after Bail out!.
  const bool is_unexplained = exit_code != 0 && !any_failed && !stream.is_cut;
  if (!stream.faults.empty()) return join(stream.faults, "; ") + (is_unexplained ? fmt::format("; exit code {}", exit_code) : "");
  if (is_unexplained) return fmt::format("exit code {}, though no test point failed", exit_code);
  return std::nullopt;
}

Outcome judge_tap(const TapStream& stream, int exit_code) {
  if (std::optional<std::string> fault = tap_fault(stream, exit_code)) return {Status::failed, std::move(*fault)};
  std::vector<std::string> failed;
  const std::vector<TestCase> cases = tap_cases(stream);
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (stream.points[i].status == Status::failed) failed.push_back(cases[i].name);
  if (!failed.empty()) return {Status::failed, describe_failed_points(failed, cases.size())};
  if (stream.skipped) return {Status::skipped, stream.skipped->empty() ? "its plan is 1..0" : *stream.skipped};
  return {Status::passed, ""};
}

}  // namespace ptests
