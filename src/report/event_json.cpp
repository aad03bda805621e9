#include "report/event_json.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <ctime>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "report/limit_figures.hpp"
#include "report/usage_figures.hpp"

namespace ptests {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

constexpr int k_version = 1;

/// "2026-11-21T04:43:27.123456Z"
std::string utc_time(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::microseconds>(time - day));
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&text](std::size_t end, std::int64_t value) {
    for (; value > 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, static_cast<int>(date.year()));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
  put(26, clock.subseconds().count());
  return text;
}

void write_head(JsonWriter& json, std::string_view name, TimePoint time) {
  json.number("v", k_version);
  json.text("event", name);
  json.text("time", utc_time(time));
}

void write_test(JsonWriter& json, const Test& test) {
  json.number("number", test.number);
  json.text("name", test.name);
}

void write_exit(JsonWriter& json, const std::optional<ExitStatus>& exit) {
  if (!exit) return json.null("exit");
  json.open_object("exit");
  json.text("kind", exit->kind == ExitStatus::Kind::exited ? "exited" : "signaled");
  json.number("code", exit->code);
  json.boolean("core_dumped", exit->core_dumped);
  json.close_object();
}

void write_usage(JsonWriter& json, const Usage& usage) {
  json.open_object("usage");
  tell_usage(usage, [&json](std::string_view name, auto figure) { json.number(name, figure); });
  json.close_object();
}

void write_left(JsonWriter& json, const std::vector<ProcessInfo>& left) {
  json.open_array("left");
  for (const ProcessInfo& process : left) {
    json.open_object();
    json.number("pid", process.pid);
    json.text("command", process.command);
    json.close_object();
  }
  json.close_array();
}

void write_shard(JsonWriter& json, const std::optional<ShardPart>& shard) {
  if (!shard) return json.null("shard");
  json.open_object("shard");
  json.number("index", shard->index);
  json.number("count", shard->count);
  json.number("tests", shard->tests);
  json.text("selection", shard->selection);
  json.text("division", shard->division);
  json.close_object();
}

void write_members(JsonWriter& json, const RunStarted& event, TimePoint /*now*/) {
  write_head(json, "run_started", event.time);
  json.text("run_id", event.run_id);
  json.text("resumes", event.resumes);
  json.text("host", event.host);
  json.text("version", event.version);
  json.text("build_directory", event.tree->build_directory);
  json.text("configuration", event.tree->configuration);
  json.number("jobs", event.jobs);
  write_shard(json, event.shard);
  json.number("project_tests", event.project_tests);
  json.open_array("tests");
  for (const Test* test : event.tests) {
    json.open_object();
    write_test(json, *test);
    json.text("suite", test->suite);
    json.close_object();
  }
  json.close_array();
}

void write_members(JsonWriter& json, const BuildStarted& event, TimePoint now) {
  write_head(json, "build_started", now);
  json.text("command", event.command);
}

void write_members(JsonWriter& json, const BuildOutput& event, TimePoint now) {
  write_head(json, "build_output", now);
  json.text("line", event.line);
}

void write_members(JsonWriter& json, const BuildMeasured& event, TimePoint now) {
  write_head(json, "build_measured", now);
  json.number("commands", event.commands);
}

void write_step(JsonWriter& json, StepId id, const BuildStep& step) {
  json.number("step", id);
  json.text("target", step.target);
  json.text("kind", kind_name(step.kind));
  json.text("language", step.language);
  json.text("output", step.output);
  json.text("source", step.source);
}

void write_members(JsonWriter& json, const StepStarted& event, TimePoint now) {
  write_head(json, "step_started", now);
  write_step(json, event.step, *event.what);
}

void write_members(JsonWriter& json, const StepFinished& event, TimePoint now) {
  write_head(json, "step_finished", now);
  write_step(json, event.step, *event.what);
  json.text("command", event.what->command);
  const StepResult& result = event.result;
  write_exit(json, result.is_lost ? std::nullopt : std::optional(result.exit));
  write_usage(json, result.usage);
  json.text("started", utc_time(event.started));
  json.number("duration", rounded_seconds(result.duration));
  json.number("warnings", result.warnings);
  json.text("limit_hit", result.limit_hit ? limit_info(*result.limit_hit).name : "");
  json.text("printed", result.output);
}

void write_members(JsonWriter& json, const BuildFinished& event, TimePoint now) {
  write_head(json, "build_finished", now);
  json.boolean("ok", event.ok);
  json.number("duration", rounded_seconds(event.duration));
  json.text("error", event.error);
}

void write_members(JsonWriter& json, const TestStarted& event, TimePoint /*now*/) {
  write_head(json, "test_started", event.time);
  write_test(json, *event.test);
  json.number("attempt", event.attempt);
  json.number("slot", event.slot);
  json.open_object("limits");
  tell_limits(event.test->limits, [&json](std::string_view name, auto value) { json.number(name, value); });
  json.close_object();
}

void write_result(JsonWriter& json, const TestResult& result) {
  write_test(json, *result.test);
  json.number("attempt", result.attempt);
  json.number("slot", result.slot);
  json.text("status", status_name(result.outcome.status));
  json.text("reason", result.outcome.reason);
  write_exit(json, result.exit);
  write_usage(json, result.usage);
  json.text("started", utc_time(result.started));
  json.number("duration", rounded_seconds(result.duration));
  json.text("log", result.log);
  json.number("log_size", result.log_size);
  json.text("error_log", result.error_log);
  json.text("build_output", result.build_output);
  write_left(json, result.left);
  json.text("stacks", result.stacks);
  json.text("core_file", result.core_file);
  json.text("kept_temporary", result.kept_temporary);
}

void write_members(JsonWriter& json, const TestFinished& event, TimePoint now) {
  write_head(json, "test_finished", now);
  write_result(json, event.result);
}

void write_members(JsonWriter& json, const AttemptFinished& event, TimePoint now) {
  write_head(json, "attempt_finished", now);
  write_result(json, event.result);
  json.number("delay", rounded_seconds(event.delay));
}

/// It stands in the file already.
void write_members(JsonWriter& /*json*/, const ResultKept& /*event*/, TimePoint /*now*/) {}

void write_members(JsonWriter& json, const TestRequeued& event, TimePoint now) {
  write_head(json, "test_requeued", now);
  write_test(json, *event.test);
  json.text("reason", event.reason);
}

void write_members(JsonWriter& json, const Notice& event, TimePoint now) {
  write_head(json, "notice", now);
  json.text("text", event.text);
}

void write_members(JsonWriter& json, const RunFinished& event, TimePoint /*now*/) {
  write_head(json, "run_finished", event.time);
  json.number("duration", rounded_seconds(event.duration));
  json.number("signal", event.signal);
  json.text("stopped_by", event.stopped_by);
}

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
  return at.value().get<bool>();
}

template <class Integer>
Result<Integer> read_integer(const JsonAt& at) {
  if (!at.exists() || !at.value().is_number_integer()) return at.expected("a whole number");
  return at.value().get<Integer>();
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

Result<std::vector<ProcessInfo>> read_left(const JsonAt& at) {
  const auto elements = at.array();
  if (!elements) return tl::unexpected(elements.error());
  std::vector<ProcessInfo> left;
  for (std::size_t i = 0; i < (*elements)->size(); ++i) {
    const JsonAt element(at, i);
    ProcessInfo process;
    JsonMembers members(element);
    members.number("pid", process.pid);
    members.text("command", process.command);
    if (Result<void> done = members.result(); !done) return tl::unexpected(done.error());
    left.push_back(std::move(process));
  }
  return left;
}

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
  run.tests.clear();
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
  if (Result<void> done = members.result(); !done) return done;
  const JsonAt list(line, "tests");
  const auto tests = list.array();
  if (!tests) return tl::unexpected(tests.error());
  for (std::size_t i = 0; i < (*tests)->size(); ++i) {
    const JsonAt at(list, i);
    JournalTest test;
    JsonMembers of_test(at);
    of_test.number("number", test.number);
    of_test.text("name", test.name);
    of_test.text("suite", test.suite);
    if (Result<void> done = of_test.result(); !done) return done;
    run.tests.push_back(std::move(test));
  }
  return {};
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

Result<void> read_line(JournalRun& run, const Json& json) {
  const JsonAt line(json);
  const JsonAt version(line, "v");
  if (!version.exists() || version.value() != k_version) return version.expected(fmt::format("version {}", k_version));
  const Result<std::string> event = JsonAt(line, "event").text();
  if (!event) return tl::unexpected(event.error());
  if (*event == "run_started") return read_run_started(run, line);
  if (*event == "test_started") return read_test_started(run, line);
  if (*event == "test_finished") return read_result(run.results, line);
  if (*event == "attempt_finished") return read_result(run.attempts, line);
  if (*event == "step_finished") return read_step(run.steps, line);
  if (*event == "run_finished") return read_run_finished(run, line);
  return {};
}

}  // namespace

void append_event(std::string& text, const Event& event, TimePoint now) {
  if (std::holds_alternative<ResultKept>(event)) return;
  JsonWriter json(text);
  json.open_object();
  std::visit([&](const auto& e) { write_members(json, e, now); }, event);
  json.close_object();
  text += '\n';
}

Result<JournalRun> parse_events(std::string_view text) {
  JournalRun run;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const bool cut = end == text.npos;
    const Result<Json> json = parse_json(text.substr(0, end));
    text = cut ? std::string_view() : text.substr(end + 1);
    if (!json && cut) break;
    const Result<void> read = json ? read_line(run, *json) : tl::unexpected(json.error());
    if (!read) return fail(fmt::format("line {}: {}", number, read.error().message));
  }
  return run;
}

}  // namespace ptests
