#include "report/journal_run.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <ctime>

#include "base/json.hpp"
#include "base/text.hpp"
#include "report/event_json.hpp"
#include "report/limit_figures.hpp"

namespace ptests {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

/// The inverse of utc_time().
Result<TimePoint> read_time(const JsonAt& at) {
  const Result<std::string> text = at.text();
  if (!text) return tl::unexpected(text.error());
  std::tm parts{};
  const char* rest = ::strptime(text->c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string_view fraction = rest == nullptr ? "" : rest;
  const bool is_whole = fraction.size() == 8 && fraction.starts_with('.') && fraction.ends_with('Z');
  const std::optional<int> micros = is_whole ? parse_int(fraction.substr(1, 6)) : std::nullopt;
  if (!micros || *micros < 0) return at.expected("a time in UTC");
  return std::chrono::system_clock::from_time_t(::timegm(&parts)) + std::chrono::microseconds(*micros);
}

Result<Status> read_status(const JsonAt& at) {
  const Result<std::string> name = at.text();
  const std::optional<Status> status = name ? parse_status(*name) : std::nullopt;
  if (!status) return at.expected("the name of a status");
  return *status;
}

Result<Seconds> read_seconds(const JsonAt& at) {
  const Result<double> number = at.cmake_number();
  if (!number) return tl::unexpected(number.error());
  return Seconds(*number);
}

Result<bool> read_bool(const JsonAt& at) {
  if (!at.exists() || !at.value().is_boolean()) return at.expected("true or false");
  return at.value().boolean();
}

template <class Integer>
Result<Integer> read_integer(const JsonAt& at) {
  if (!at.exists() || !at.value().is_whole_number()) return at.expected("a whole number");
  return at.value().whole_number<Integer>();
}

Result<std::optional<ExitStatus>> read_exit(const JsonAt& at) {
  if (!at.exists()) return std::optional<ExitStatus>();
  ExitStatus exit;
  std::string kind;
  JsonMembers members(at);
  members.text("kind", kind);
  members.number("code", exit.code);
  members.take("core_dumped", exit.core_dumped, read_bool);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  exit.kind = kind == "signaled" ? ExitStatus::Kind::signaled : ExitStatus::Kind::exited;
  return exit;
}

Result<std::chrono::microseconds> read_micros(const JsonAt& at) {
  const Result<Seconds> seconds = read_seconds(at);
  if (!seconds) return tl::unexpected(seconds.error());
  return std::chrono::round<std::chrono::microseconds>(*seconds);
}

Result<Usage> read_usage(const JsonAt& at) {
  Usage usage;
  JsonMembers members(at);
  members.take("user_seconds", usage.user, read_micros);
  members.take("system_seconds", usage.system, read_micros);
  members.take("peak_rss_bytes", usage.peak_rss_bytes, read_integer<std::uint64_t>);
  members.take("read_bytes", usage.read_bytes, read_integer<std::uint64_t>);
  members.take("written_bytes", usage.written_bytes, read_integer<std::uint64_t>);
  members.take("voluntary_switches", usage.voluntary_switches, read_integer<std::int64_t>);
  members.take("involuntary_switches", usage.involuntary_switches, read_integer<std::int64_t>);
  members.number("most_processes", usage.most_processes);
  members.number("most_threads", usage.most_threads);
  members.number("most_open_files", usage.most_open_files);
  members.take("peak_cpu", usage.peak_cpu, &JsonAt::cmake_number);
  // Older journals lack it.
  if (JsonAt(at, "cpu_wait_seconds").exists()) members.take("cpu_wait_seconds", usage.cpu_wait, read_micros);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return usage;
}

Result<ProcessInfo> read_process(const JsonAt& at) {
  ProcessInfo process;
  JsonMembers members(at);
  members.number("pid", process.pid);
  members.text("command", process.command);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return process;
}

Result<std::vector<ProcessInfo>> read_left(const JsonAt& at) { return read_elements(at, read_process); }

Result<JournalTest> read_test(const JsonAt& at) {
  JournalTest test;
  JsonMembers members(at);
  members.number("number", test.number);
  members.text("name", test.name);
  members.text("suite", test.suite);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return test;
}

Result<std::vector<JournalTest>> read_tests(const JsonAt& at) { return read_elements(at, read_test); }

Result<std::optional<ShardPart>> read_shard(const JsonAt& at) {
  if (!at.exists()) return std::optional<ShardPart>();
  ShardPart shard;
  JsonMembers members(at);
  members.number("index", shard.index);
  members.number("count", shard.count);
  members.take("tests", shard.tests, read_integer<std::size_t>);
  members.text("selection", shard.selection);
  members.text("division", shard.division);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return shard;
}

/// "" where there is none: older journals lack some members.
Result<std::string> read_text_if_any(const JsonAt& at) { return at.exists() ? at.text() : ""; }

/// The run that this file is of, or the one that goes on in it.
Result<void> read_run_started(JournalRun& run, const JsonAt& line) {
  run.finished = false;
  run.duration = {};
  run.signal = 0;
  run.stopped_by.clear();
  JsonMembers members(line);
  members.text("run_id", run.run_id);
  members.take("resumes", run.resumes, read_text_if_any);
  members.take("host", run.host, read_text_if_any);
  members.take("version", run.version, read_text_if_any);
  members.take("time", run.started, read_time);
  members.number("jobs", run.jobs);
  members.take("shard", run.shard, read_shard);
  run.project_tests = 0;
  if (JsonAt(line, "project_tests").exists()) members.take("project_tests", run.project_tests, read_integer<std::size_t>);
  members.text("build_directory", run.build_directory);
  members.text("configuration", run.configuration);
  members.take("tests", run.tests, read_tests);
  return members.result();
}

/// Older journals have none, and those that a later version may have are left out.
Result<Limits> read_limits(const JsonAt& at) {
  Limits limits;
  if (!at.exists()) return limits;
  if (const auto object = at.object(); !object) return tl::unexpected(object.error());
  JsonMembers members(at);
  for (const LimitInfo& info : k_limits)
    if (JsonAt(at, info.name).exists()) members.take(info.name, limits[info.kind], &JsonAt::cmake_number);
  if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
  return limits;
}

Result<void> read_test_started(JournalRun& run, const JsonAt& line) {
  std::string name;
  Limits limits;
  JsonMembers members(line);
  members.text("name", name);
  members.take("limits", limits, read_limits);
  if (Result<void> done = members.result(); !done) return done;
  run.limits.insert_or_assign(std::move(name), std::move(limits));
  return {};
}

/// They take the place of the test of their executable.
Result<void> read_cases_listed(JournalRun& run, const JsonAt& line) {
  std::string parent;
  std::vector<JournalTest> cases;
  JsonMembers members(line);
  members.text("name", parent);
  members.take("cases", cases, read_tests);
  if (Result<void> done = members.result(); !done) return done;
  std::erase_if(run.tests, [&](const JournalTest& test) { return test.name == parent; });
  for (JournalTest& test : cases) {
    run.parents.insert_or_assign(test.name, parent);
    run.tests.push_back(std::move(test));
  }
  return {};
}

Result<void> read_result(std::vector<JournalResult>& results, const JsonAt& line) {
  JournalResult read;
  TestResult& result = read.result;
  JsonMembers members(line);
  members.number("number", read.number);
  members.text("name", read.name);
  members.number("attempt", result.attempt);
  members.number("slot", result.slot);
  members.take("status", result.outcome.status, read_status);
  members.text("reason", result.outcome.reason);
  members.take("exit", result.exit, read_exit);
  members.take("usage", result.usage, read_usage);
  members.take("started", result.started, read_time);
  members.take("duration", result.duration, read_seconds);
  members.text("log", result.log);
  members.take("log_size", result.log_size, read_integer<std::uint64_t>);
  members.text("error_log", result.error_log);
  members.text("build_output", result.build_output);
  members.take("left", result.left, read_left);
  members.text("stacks", result.stacks);
  members.text("core_file", result.core_file);
  members.text("kept_temporary", result.kept_temporary);
  if (Result<void> done = members.result(); !done) return done;
  results.push_back(std::move(read));
  return {};
}

Result<BuildStep::Kind> read_kind(const JsonAt& at) {
  const Result<std::string> name = at.text();
  for (const BuildStep::Kind kind : {BuildStep::Kind::compile, BuildStep::Kind::link})
    if (name && *name == kind_name(kind)) return kind;
  return at.expected("compile or link");
}

Result<void> read_step(std::vector<JournalStep>& steps, const JsonAt& line) {
  JournalStep step;
  std::optional<ExitStatus> exit;
  JsonMembers members(line);
  members.text("target", step.what.target);
  members.take("kind", step.what.kind, read_kind);
  members.text("language", step.what.language);
  members.text("output", step.what.output);
  members.text("source", step.what.source);
  members.take("exit", exit, read_exit);
  members.take("usage", step.result.usage, read_usage);
  members.take("started", step.started, read_time);
  members.take("duration", step.result.duration, read_seconds);
  members.number("warnings", step.result.warnings);
  if (Result<void> done = members.result(); !done) return done;
  step.result.is_lost = !exit;
  step.result.exit = exit.value_or(ExitStatus());
  steps.push_back(std::move(step));
  return {};
}

Result<void> read_run_finished(JournalRun& run, const JsonAt& line) {
  run.finished = true;
  JsonMembers members(line);
  members.take("duration", run.duration, read_seconds);
  members.number("signal", run.signal);
  members.text("stopped_by", run.stopped_by);
  return members.result();
}

Result<void> read_line(JournalRun& run, const JsonDocument& json) {
  const JsonAt line(json);
  const JsonAt version(line, "v");
  if (!version.is(k_journal_version)) return version.expected(fmt::format("version {}", k_journal_version));
  const Result<std::string> event = JsonAt(line, "event").text();
  if (!event) return tl::unexpected(event.error());
  if (*event == "run_started") return read_run_started(run, line);
  if (*event == "cases_listed") return read_cases_listed(run, line);
  if (*event == "test_started") return read_test_started(run, line);
  if (*event == "test_finished") return read_result(run.results, line);
  if (*event == "attempt_finished") return read_result(run.attempts, line);
  if (*event == "step_finished") return read_step(run.steps, line);
  if (*event == "run_finished") return read_run_finished(run, line);
  return {};
}

}  // namespace

Result<JournalRun> parse_events(std::string_view text) {
  JournalRun run;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool cut = end == text.npos;
    const Result<JsonDocument> json = parse_json(text.substr(0, end));
    text = cut ? std::string_view() : text.substr(end + 1);
    if (!json && cut) break;
    const Result<void> read = json ? read_line(run, *json) : tl::unexpected(json.error());
    if (!read) return fail(fmt::format("line {}: {}", number, read.error().message));
  }
  return run;
}

}  // namespace ptests
