#include "framework/judge.hpp"

#include <fmt/format.h>

#include <csignal>
#include <optional>

#include "base/files.hpp"
#include "base/regex.hpp"
#include "base/text.hpp"
#include "framework/tap_cases.hpp"

namespace ptests {

namespace {

/// The first of `sources` found in one of `outputs`, or nullptr. They compiled when the suite was read.
const std::string* first_found(const std::vector<std::string>& sources, const std::vector<MappedFile>& outputs) {
  for (const std::string& source : sources) {
    const Result<Regex> regex = Regex::compile(source);
    for (const MappedFile& output : outputs)
      if (regex && regex->found_in(output.text())) return &source;
  }
  return nullptr;
}

Result<std::vector<MappedFile>> open_all(const std::vector<std::string>& files) {
  std::vector<MappedFile> all;
  for (const std::string& file : files) {
    Result<MappedFile> one = MappedFile::open(file);
    if (!one) return tl::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

/// What the regular expressions say about the output.
struct Verdict {
  bool forced_fail = false;
  bool forced_skip = false;
  std::string reason;
};

Verdict check_output(const Expectations& expectations, const std::vector<std::string>& output_files) {
  if (expectations.pass_regexes.empty() && expectations.fail_regexes.empty() && expectations.skip_regexes.empty()) return {};
  const Result<std::vector<MappedFile>> output = open_all(output_files);
  if (!output) return {.forced_fail = true, .forced_skip = false, .reason = output.error().message};

  Verdict verdict;
  if (!expectations.pass_regexes.empty()) {
    const std::string* found = first_found(expectations.pass_regexes, *output);
    verdict.forced_fail = found == nullptr;
    verdict.reason = found != nullptr
                         ? fmt::format("Required regular expression found. Regex=[{}]", *found)
                         : fmt::format("Required regular expression not found. Regex=[{}]", join(expectations.pass_regexes, ";"));
  }
  if (const std::string* found = first_found(expectations.fail_regexes, *output)) {
    verdict.forced_fail = true;
    verdict.reason = fmt::format("Error regular expression found in output. Regex=[{}]", *found);
  }
  if (const std::string* found = first_found(expectations.skip_regexes, *output)) {
    verdict.forced_skip = true;
    verdict.reason = fmt::format("Skip regular expression found in output. Regex=[{}]", *found);
  }
  return verdict;
}

/// Adds what a program that speaks TAP says of itself.
Verdict check_points(const Test& test, int exit_code, const std::vector<std::string>& output_files, Verdict verdict) {
  if (test.framework != "tap" || test.capture == Capture::none || output_files.empty()) return verdict;
  const Result<TapStream> stream = read_tap(output_files.front());
  // A PASS_REGULAR_EXPRESSION counts in its place.
  const int counted = test.expectations.pass_regexes.empty() ? exit_code : 0;
  Outcome outcome = stream ? judge_tap(*stream, counted) : Outcome{Status::failed, stream.error().message};
  // Output that is buffered is cut anywhere by what goes to stderr, and its lines are lost.
  const bool may_be_mixed = test.capture != Capture::split && stream && !stream->faults.empty() && stream->others > 0;
  if (may_be_mixed && exit_code == 0)
    outcome.reason += fmt::format("; {} line{} no TAP: CAPTURE split keeps stderr out of the stream", stream->others,
                                  stream->others == 1 ? " is" : "s are");
  if (outcome.status == Status::passed || verdict.forced_fail || verdict.forced_skip) return verdict;
  return {outcome.status == Status::failed, outcome.status == Status::skipped, std::move(outcome.reason)};
}

Outcome judge_exit_code(const Expectations& expectations, int code, Verdict verdict) {
  if (verdict.forced_skip) return {Status::skipped, std::move(verdict.reason)};
  if (expectations.skip_return_code == code) return {Status::skipped, fmt::format("SKIP_RETURN_CODE={}", code)};
  const bool success = !verdict.forced_fail && (code == 0 || !expectations.pass_regexes.empty());
  if (success != expectations.will_fail) return {Status::passed, std::move(verdict.reason)};
  if (verdict.reason.empty())
    verdict.reason = expectations.will_fail ? "WILL_FAIL, but it exited with code 0" : fmt::format("exit code {}", code);
  return {Status::failed, std::move(verdict.reason)};
}

/// What was measured, and what is allowed.
std::string describe_limit_hit(LimitKind kind, double measured, double limit) {
  const std::string allowed = describe_limit(kind, limit);
  const std::string found = measured > 0 ? describe_limit(kind, measured) : "";
  const auto used = [&](std::string_view what) {
    return found.empty() ? fmt::format("more {}", what) : fmt::format("{} of {}", found, what);
  };
  switch (kind) {
    case LimitKind::timeout: return fmt::format("no end within {}", found.empty() ? allowed : found);
    case LimitKind::idle_timeout: return fmt::format("no output for {}", allowed);
    case LimitKind::cpu_time: return fmt::format("used {}, the limit is {}", used("CPU time"), allowed);
    case LimitKind::memory: return fmt::format("used {}, the limit is {}", used("memory"), allowed);
    case LimitKind::processes: return fmt::format("had {} processes, the limit is {}", found.empty() ? "more" : found, allowed);
    case LimitKind::file_size: return fmt::format("wrote a larger file, the limit is {}", allowed);
    case LimitKind::output_size: return fmt::format("printed {}, the limit is {}", found.empty() ? "more" : found, allowed);
    default: return fmt::format("{}: the limit is {}", limit_info(kind).name, allowed);
  }
}

Outcome limit_outcome(const Limits& limits, LimitKind kind, double measured) {
  return {status_of_limit(kind), describe_limit_hit(kind, measured, limits[kind].value_or(0))};
}

/// The signal by which the kernel enforces a limit of ours.
std::optional<LimitKind> limit_of_signal(const Limits& limits, int signal_number) {
  if (signal_number == SIGXFSZ && limits.positive(LimitKind::file_size)) return LimitKind::file_size;
  if (signal_number == SIGXCPU && limits.positive(LimitKind::cpu_time)) return LimitKind::cpu_time;
  return std::nullopt;
}

}  // namespace

bool output_matches(const std::vector<std::string>& regexes, const std::vector<std::string>& output_files) {
  const Result<std::vector<MappedFile>> output = open_all(output_files);
  return output && first_found(regexes, *output) != nullptr;
}

Outcome judge(const Test& test, const ExitStatus& exit, const Ended& ended, const std::vector<std::string>& output_files) {
  if (ended.by == Ended::By::interrupt) return {Status::interrupted, "the run was interrupted"};
  if (ended.by == Ended::By::limit) return limit_outcome(test.limits, ended.limit, ended.measured);
  if (exit.kind == ExitStatus::Kind::signaled) {
    if (const auto limit = limit_of_signal(test.limits, exit.code)) return limit_outcome(test.limits, *limit, 0);
    return {Status::crashed, fmt::format("{}{}", signal_name(exit.code), exit.core_dumped ? ", core dumped" : "")};
  }
  Verdict verdict = check_points(test, exit.code, output_files, check_output(test.expectations, output_files));
  return judge_exit_code(test.expectations, exit.code, std::move(verdict));
}

}  // namespace ptests
