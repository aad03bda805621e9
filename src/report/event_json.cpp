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
  json.number("v", k_journal_version);
  json.text("event", name);
  json.text("time", utc_time(time));
}

void write_test(JsonWriter& json, const Test& test) {
  json.number("number", test.number);
  json.text("name", test.name);
}

void write_tests(JsonWriter& json, std::string_view key, const std::vector<const Test*>& tests) {
  json.open_array(key);
  for (const Test* test : tests) {
    json.open_object();
    write_test(json, *test);
    json.text("suite", test->suite);
    json.close_object();
  }
  json.close_array();
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
  write_tests(json, "tests", event.tests);
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
  json.number("duration", result.duration);
  json.number("warnings", result.warnings);
  json.text("limit_hit", result.limit_hit ? limit_info(*result.limit_hit).name : "");
  json.text("printed", result.output);
}

void write_members(JsonWriter& json, const BuildFinished& event, TimePoint now) {
  write_head(json, "build_finished", now);
  json.boolean("ok", event.ok);
  json.number("duration", event.duration);
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

void write_members(JsonWriter& json, const CasesListed& event, TimePoint now) {
  write_head(json, "cases_listed", now);
  write_test(json, *event.parent);
  write_tests(json, "cases", event.cases);
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
  json.number("duration", result.duration);
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
  json.number("delay", event.delay);
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
  json.number("duration", event.duration);
  json.number("signal", event.signal);
  json.text("stopped_by", event.stopped_by);
}

}  // namespace

void append_event(std::string& text, const Event& event, TimePoint now) {
  if (std::holds_alternative<ResultKept>(event)) return;
  {
    JsonWriter json(text);
    json.open_object();
    std::visit([&](const auto& e) { write_members(json, e, now); }, event);
    json.close_object();
  }
  text += '\n';
}

}  // namespace ptests
