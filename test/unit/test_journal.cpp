#include <doctest/doctest.h>
#include <fmt/chrono.h>
#include <sys/resource.h>

#include <csignal>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"
#include "build_steps.hpp"
#include "fakes.hpp"
#include "report/event_json.hpp"
#include "report/journal.hpp"
#include "report/journal_run.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr auto k_now = FakeClock::k_start + std::chrono::microseconds(123456);

TestResult full_result(const Test& test) {
  TestResult result{&test, {Status::crashed, "SIGSEGV (core dumped)"}};
  result.exit = ExitStatus{ExitStatus::Kind::signaled, SIGSEGV, true};
  result.usage = {std::chrono::microseconds(1'250'000), std::chrono::microseconds(1), 1048576, 2, 3, 4, 5, 6, 7, 8, 1.5,
                  std::chrono::microseconds(250'000)};
  result.started = k_now - std::chrono::seconds(2);
  result.duration = Seconds(2.0000004);
  result.log = "/b/a.log";
  result.log_size = 9;
  result.error_log = "/b/a.err";
  result.left = {{4711, "sleep 1000"}};
  result.stacks = "#0 main\n";
  result.core_file = "/b/core";
  result.kept_temporary = "/b/tmp/a";
  result.attempt = 2;
  result.slot = 1;
  return result;
}

/// A compiler's end, with all that is known of one. Its BuildStep lives on.
StepFinished full_step() {
  static const BuildStep step = compiles("app", "a.cpp");
  StepResult result = failed_after(2.5, {ExitStatus::Kind::signaled, SIGKILL});
  result.usage = {std::chrono::microseconds(1'250'000), std::chrono::microseconds(1), 1048576, 2, 3, 4, 5, 6, 7, 8, 1.5,
                  std::chrono::microseconds(250'000)};
  result.output = "a.cpp:1: warning: w\n";
  result.warnings = 1;
  result.limit_hit = LimitKind::memory;
  return {3, &step, result, k_now - std::chrono::seconds(3)};
}

StepFinished lost_step() {
  static const BuildStep step = links("app");
  return {4, &step, lost(), k_now};
}

/// The first of a suite, with every limit that there is.
Test limited_test() {
  Test test = make_suite({"a"}).tests[0];
  for (const LimitInfo& info : k_limits) test.limits[info.kind] = 1;
  return test;
}

/// One of every kind, some of them twice.
std::vector<Event> every_event(const Suite& suite) {
  const Test& a = suite.tests[0];
  static const Test limited = limited_test();
  TestResult missing{&suite.tests[1], {Status::build_failed, "build failed"}};
  missing.build_output = "a.cpp:1: error\n";
  return {
      RunStarted{
          "7.1", &suite.tree, {&a, &suite.tests[1]}, 2, FakeClock::k_start, "7.0", 0, "host", "1.2", ShardPart{2, 3, 9, "5e1", "d17"}, 40},
      BuildStarted{"ninja a"},
      BuildMeasured{2},
      BuildOutput{"[1/2] Building"},
      StepStarted{3, full_step().what},
      full_step(),
      lost_step(),
      BuildFinished{false, Seconds(1.5), "no ninja"},
      Notice{"2 tests run:\n  a"},
      TestStarted{&limited, 1, 0, FakeClock::k_start},
      CasesListed{&suite.tests[0], {&suite.tests[1]}},
      AttemptFinished{full_result(a), Seconds(0.5)},
      TestRequeued{&a, "memory: 1.0 MiB available"},
      TestFinished{full_result(a)},
      TestFinished{missing},
      RunFinished{Seconds(3), FakeClock::k_start, SIGINT, "disk"}};
}

std::string text_of(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) append_event(text, event, k_now);
  return text;
}

Json json_of(const Event& event) {
  const std::string text = text_of({event});
  const Result<JsonDocument> document = parse_json(text);
  REQUIRE_MESSAGE(document, message(document));
  return Json::parse(text);
}

/// The names of an object's members, as they follow each other.
Words keys_of(const nlohmann::ordered_json& object) {
  Words keys;
  for (const auto& [key, member] : object.items()) keys.push_back(key);
  return keys;
}

/// The schema of events.jsonl, as far as its words go: what it has no rule for is a fault, and so is a member it does not list.
class Schema {
 public:
  Schema() : root_(Json::parse(read(fs::path(PTESTS_SHARE_DIRECTORY) / "events-v1.schema.json"))) {}

  /// "" or what is wrong with this event.
  std::string fault_of(const Json& event) const {
    const std::string name = event.value("event", "");
    const Json& choices = root_.at("oneOf");
    const bool listed = std::any_of(choices.begin(), choices.end(), [&](const Json& c) { return c.at("$ref") == "#/$defs/" + name; });
    return listed ? fault(root_.at("$defs").at(name), event, name) : "no event " + name;
  }
  const Json& definition(const std::string& name) const { return root_.at("$defs").at(name); }
  std::size_t events() const { return root_.at("oneOf").size(); }

 private:
  static bool has_type(const Json& type, const Json& value) {
    if (type.is_array()) return std::any_of(type.begin(), type.end(), [&](const Json& t) { return has_type(t, value); });
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == value.type_name();
  }
  std::string fault(const Json& schema, const Json& value, const std::string& path) const {
    if (schema.contains("$ref")) {
      const std::string name = schema.at("$ref").get<std::string>().substr(std::string("#/$defs/").size());
      return fault(definition(name), value, path);
    }
    if (schema.contains("const") && schema.at("const") != value) return path + " is another constant";
    if (schema.contains("enum") && std::count(schema.at("enum").begin(), schema.at("enum").end(), value) != 1)
      return path + " is not listed";
    if (schema.contains("type") && !has_type(schema.at("type"), value)) return path + " has another type";
    if (!schema.contains("const") && !schema.contains("enum") && !schema.contains("type")) return path + " has no rule";
    if (value.is_object()) return fault_of_members(schema, value, path);
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
      if (std::string found = fault(schema.at("items"), value[i], path + "[]"); !found.empty()) return found;
    return "";
  }
  std::string fault_of_members(const Json& schema, const Json& value, const std::string& path) const {
    if (schema.at("additionalProperties") != false) return path + " is open";
    const Json& properties = schema.at("properties");
    std::set<std::string> listed;
    for (const auto& [key, rule] : properties.items()) listed.insert(key);
    const auto required = schema.at("required").get<std::set<std::string>>();
    // All are there, or each may be absent.
    if (!required.empty() && required != listed) return path + " has members that may be absent";
    for (const std::string& key : required)
      if (!value.contains(key)) return fmt::format("{}.{} is missing", path, key);
    for (const auto& [key, member] : value.items()) {
      if (!properties.contains(key)) return fmt::format("{}.{} is not in the schema", path, key);
      if (std::string found = fault(properties.at(key), member, fmt::format("{}.{}", path, key)); !found.empty()) return found;
    }
    return "";
  }

  Json root_;
};

/// No file of ours can grow beyond `bytes` as long as this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uint64_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("every kind of event has exactly the members its schema lists") {
  const Suite suite = make_suite({"a", "b"});
  const Schema schema;
  std::set<std::size_t> kinds;
  for (const Event& event : every_event(suite)) {
    const Json json = json_of(event);
    CAPTURE(dump_json(json));
    CHECK(schema.fault_of(json) == "");
    kinds.insert(event.index());
  }
  // A result that is kept stands in the file already.
  CHECK(kinds.size() == std::variant_size_v<Event> - 1);
  CHECK(schema.events() == std::variant_size_v<Event> - 1);
}

TEST_CASE("the schema's check finds what is too much, missing or of another type") {
  const Suite suite = make_suite({"a", "b"});
  const Schema schema;
  const Json good = json_of(TestFinished{full_result(suite.tests[0])});
  struct Row {
    std::function<void(Json&)> change;
    std::string fault;
  };
  for (const Row& row : {
           Row{[](Json& j) { j["more"] = 1; }, "test_finished.more is not in the schema"},
           Row{[](Json& j) { j.erase("slot"); }, "test_finished.slot is missing"},
           Row{[](Json& j) { j["usage"].erase("peak_cpu"); }, "test_finished.usage.peak_cpu is missing"},
           Row{[](Json& j) { j["left"][0]["more"] = 1; }, "test_finished.left[].more is not in the schema"},
           Row{[](Json& j) { j["log_size"] = "9"; }, "test_finished.log_size has another type"},
           Row{[](Json& j) { j["status"] = "fine"; }, "test_finished.status is not listed"},
           Row{[](Json& j) { j["v"] = 2; }, "test_finished.v is another constant"},
           Row{[](Json& j) { j["event"] = "other"; }, "no event other"},
       }) {
    Json changed = good;
    row.change(changed);
    CHECK(schema.fault_of(changed) == row.fault);
  }
}

TEST_CASE("the schema lists every limit") {
  const Schema schema;
  Words names;
  for (const LimitInfo& info : k_limits) names.emplace_back(info.name);
  const auto listed = schema.definition("limits").at("properties").items();
  Words in_schema;
  for (const auto& [key, rule] : listed) in_schema.push_back(key);
  std::sort(names.begin(), names.end());
  CHECK(show(in_schema) == show(names));
}

TEST_CASE("the schema lists every status") {
  const Schema schema;
  Json names = Json::array();
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Status::interrupted); ++i) names.push_back(status_name(static_cast<Status>(i)));
  CHECK(schema.definition("status").at("enum") == names);
}

TEST_CASE("members stand in the schema's order") {
  const Suite suite = make_suite({"a", "b"});
  const Schema schema;
  const auto listed = [&](const std::string& name) { return show(schema.definition(name).at("required").get<Words>()); };
  for (const Event& event : every_event(suite)) {
    const auto json = nlohmann::ordered_json::parse(text_of({event}));
    const auto name = json.at("event").get<std::string>();
    CHECK(show(keys_of(json)) == listed(name));
    if (name == "run_started") CHECK(show(keys_of(json.at("tests").at(0))) == listed("test"));
    if (name == "run_started") CHECK(show(keys_of(json.at("shard"))) == listed("shard"));
    if (name != "test_finished" && name != "attempt_finished" && name != "step_finished") continue;
    CHECK(show(keys_of(json.at("usage"))) == listed("usage"));
    if (!json.at("exit").is_null()) CHECK(show(keys_of(json.at("exit"))) == listed("exit"));
    if (name != "step_finished" && !json.at("left").empty()) CHECK(show(keys_of(json.at("left").at(0))) == listed("process"));
  }
}

TEST_CASE("a result says all that is known") {
  const Suite suite = make_suite({"a"});
  CHECK(text_of({TestFinished{full_result(suite.tests[0])}}) ==
        R"({"v":1,"event":"test_finished","time":"2026-11-21T04:43:27.123456Z","number":1,"name":"a","attempt":2,"slot":1,)"
        R"~("status":"crashed","reason":"SIGSEGV (core dumped)","exit":{"kind":"signaled","code":11,"core_dumped":true},)~"
        R"("usage":{"user_seconds":1.25,"system_seconds":0.000001,"peak_rss_bytes":1048576,"read_bytes":2,"written_bytes":3,)"
        R"("voluntary_switches":4,"involuntary_switches":5,"most_processes":6,"most_threads":7,"most_open_files":8,"peak_cpu":1.5,)"
        R"("cpu_wait_seconds":0.25},)"
        R"("started":"2026-11-21T04:43:25.123456Z","duration":2.0,"log":"/b/a.log","log_size":9,"error_log":"/b/a.err",)"
        R"("build_output":"","left":[{"pid":4711,"command":"sleep 1000"}],"stacks":"#0 main\n","core_file":"/b/core",)"
        R"("kept_temporary":"/b/tmp/a"})"
        "\n");
}

TEST_CASE("a step says all that is known") {
  CHECK(text_of({full_step()}) ==
        R"({"v":1,"event":"step_finished","time":"2026-11-21T04:43:27.123456Z","step":3,"target":"app","kind":"compile",)"
        R"("language":"CXX","output":"app.dir/a.cpp.o","source":"a.cpp","command":"c++ -c a.cpp",)"
        R"("exit":{"kind":"signaled","code":9,"core_dumped":false},)"
        R"("usage":{"user_seconds":1.25,"system_seconds":0.000001,"peak_rss_bytes":1048576,"read_bytes":2,"written_bytes":3,)"
        R"("voluntary_switches":4,"involuntary_switches":5,"most_processes":6,"most_threads":7,"most_open_files":8,"peak_cpu":1.5,)"
        R"("cpu_wait_seconds":0.25},)"
        R"("started":"2026-11-21T04:43:24.123456Z","duration":2.5,"warnings":1,"limit_hit":"memory",)"
        R"("printed":"a.cpp:1: warning: w\n"})"
        "\n");
}

TEST_CASE("times are UTC, on every day") {
  const auto text_at = [](std::chrono::system_clock::time_point time) {
    return json_of(RunFinished{Seconds(0), time})["time"].get<std::string>();
  };
  const std::chrono::system_clock::time_point epoch;
  CHECK(text_at(epoch - std::chrono::nanoseconds(1)) == "1969-12-31T23:59:59.999999Z");
  CHECK(text_at(epoch + std::chrono::seconds(951'825'600)) == "2000-02-29T12:00:00.000000Z");
  Dice dice(7);
  for (int i = 0; i < 2000; ++i) {
    const auto seconds = std::int64_t{dice.roll(1 << 30)} * 4;
    const std::string expected = fmt::format("{:%Y-%m-%dT%H:%M:%S}.000000Z", fmt::gmtime(static_cast<std::time_t>(seconds)));
    REQUIRE(text_at(epoch + std::chrono::seconds(seconds)) == expected);
  }
}

TEST_CASE("an event's own time counts, else the clock's") {
  const Suite suite = make_suite({"a"});
  const auto time_of = [](const Event& event) { return json_of(event)["time"].get<std::string>(); };
  const auto earlier = FakeClock::k_start - std::chrono::microseconds(1);
  CHECK(time_of(RunStarted{"", &suite.tree, {}, 1, FakeClock::k_start}) == "2026-11-21T04:43:27.000000Z");
  CHECK(time_of(TestStarted{&suite.tests[0], 1, 0, earlier}) == "2026-11-21T04:43:26.999999Z");
  CHECK(time_of(RunFinished{Seconds(0), FakeClock::k_start}) == "2026-11-21T04:43:27.000000Z");
  CHECK(time_of(Notice{""}) == "2026-11-21T04:43:27.123456Z");
}

TEST_CASE("a text with line breaks and bad bytes is one line of valid JSON") {
  const std::string line = text_of({Notice{"a\xff\nb"}});
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(json_of(Notice{"a\xff\nb"}).at("text") == "a\xef\xbf\xbd\nb");
}

TEST_CASE("what was written is read") {
  const Suite suite = make_suite({"a", "b"});
  const Result<JournalRun> run = parse_events(text_of(every_event(suite)));
  REQUIRE_MESSAGE(run, message(run));
  CHECK(run->run_id == "7.1");
  CHECK(run->resumes == "7.0");
  CHECK(run->host == "host");
  CHECK(run->version == "1.2");
  CHECK(run->project_tests == 40);
  REQUIRE(run->shard);
  CHECK(std::pair(run->shard->index, run->shard->count) == std::pair(2, 3));
  CHECK(run->shard->tests == 9);
  CHECK(run->shard->selection == "5e1");
  CHECK(run->shard->division == "d17");
  CHECK(run->build_directory == "/b");
  CHECK(run->configuration == "");
  CHECK(run->started == FakeClock::k_start);
  CHECK(run->jobs == 2);
  REQUIRE(run->tests.size() == 2);
  CHECK(run->tests[1].number == 2);
  CHECK(run->tests[1].name == "b");
  CHECK(run->tests[1].suite == "s");
  REQUIRE(run->results.size() == 2);
  const JournalResult& result = run->results[0];
  CHECK(result.number == 1);
  CHECK(result.name == "a");
  TestResult again = result.result;
  again.test = &suite.tests[0];
  CHECK(text_of({TestFinished{again}}) == text_of({TestFinished{full_result(suite.tests[0])}}));
  REQUIRE(run->attempts.size() == 1);
  CHECK(run->attempts[0].name == "a");
  CHECK(run->results[1].result.outcome.status == Status::build_failed);
  CHECK(run->results[1].result.build_output == "a.cpp:1: error\n");
  CHECK_FALSE(run->results[1].result.exit);
  REQUIRE(run->steps.size() == 2);
  StepFinished step{3, &run->steps[0].what, run->steps[0].result, run->steps[0].started};
  StepFinished written = full_step();
  CHECK_FALSE(step.result.is_lost);
  // These are of no use to whoever reads it.
  BuildStep without_command = *written.what;
  without_command.command = written.result.output = "";
  written.what = &without_command;
  written.result.limit_hit.reset();
  CHECK(text_of({step}) == text_of({written}));
  CHECK(run->steps[1].what.kind == BuildStep::Kind::link);
  CHECK(run->steps[1].result.is_lost);
  CHECK(run->finished);
  CHECK(run->signal == SIGINT);
  CHECK(run->stopped_by == "disk");
}

TEST_CASE("a journal cut at any place tells what stands in its whole lines") {
  const Suite suite = make_suite({"a", "b"});
  const std::string text = text_of(every_event(suite));
  const std::size_t end_of_first = text.find("\"status\":\"crashed\"");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    CAPTURE(size);
    const Result<JournalRun> run = parse_events(std::string_view(text).substr(0, size));
    REQUIRE_MESSAGE(run, message(run));
    if (size < end_of_first) CHECK(run->results.empty());
    CHECK(run->finished == (size + 1 >= text.size()));
  }
}

TEST_CASE("a run that resumes another one has the results of both") {
  const Suite suite = make_suite({"a", "b"});
  const Result<JournalRun> run = parse_events(text_of(
      {RunStarted{"1", &suite.tree, {&suite.tests[0], &suite.tests[1]}, 2, FakeClock::k_start}, TestFinished{full_result(suite.tests[0])},
       RunFinished{Seconds(3), FakeClock::k_start, SIGINT}, RunStarted{"2", &suite.tree, {&suite.tests[1]}, 3, k_now, "1"},
       ResultKept{full_result(suite.tests[0])}, TestFinished{full_result(suite.tests[1])}}));
  REQUIRE_MESSAGE(run, message(run));
  CHECK(run->run_id == "2");
  CHECK(run->started == k_now);
  CHECK(run->tests.size() == 1);
  REQUIRE(run->results.size() == 2);
  CHECK(run->results[1].name == "b");
  CHECK_FALSE(run->finished);
  CHECK(run->signal == 0);
}

TEST_CASE("a run that is no shard, and a journal that is older") {
  const Suite suite = make_suite({"a"});
  Json whole = json_of(RunStarted{"2", &suite.tree, {&suite.tests[0]}, 2, FakeClock::k_start, "1", 0, "host", "1.2"});
  CHECK(Schema().fault_of(whole) == "");
  CHECK(whole["shard"].is_null());
  const std::string shard = text_of({RunStarted{"1", &suite.tree, {}, 2, FakeClock::k_start, "", 0, "", "", ShardPart{}}});
  const Result<JournalRun> run = parse_events(shard + whole.dump() + "\n");
  REQUIRE_MESSAGE(run, message(run));
  CHECK_FALSE(run->shard);
  CHECK(run->host == "host");
  for (const char* added : {"host", "version", "shard", "project_tests"}) whole.erase(added);
  const Result<JournalRun> older = parse_events(shard + whole.dump() + "\n");
  REQUIRE_MESSAGE(older, message(older));
  CHECK(older->run_id == "2");
  CHECK(older->resumes == "1");
  CHECK(older->host == "");
  CHECK_FALSE(older->shard);
  CHECK(older->project_tests == 0);
}

TEST_CASE("events and members of a later version are skipped") {
  const Result<JournalRun> run = parse_events(
      "{\"v\":1,\"event\":\"moon_rises\"}\n"
      "{\"v\":1,\"event\":\"run_finished\",\"duration\":1,\"signal\":0,\"stopped_by\":\"\",\"moon\":1}\n");
  REQUIRE_MESSAGE(run, message(run));
  CHECK(run->finished);
}

TEST_CASE("the words of every error of a journal") {
  const Suite suite = make_suite({"a"});
  const auto changed = [&](const std::function<void(Json&)>& change) {
    Json json = json_of(TestFinished{full_result(suite.tests[0])});
    change(json);
    return json.dump() + "\n";
  };
  const auto changed_step = [&](const std::function<void(Json&)>& change) {
    Json json = json_of(full_step());
    change(json);
    return json.dump() + "\n";
  };
  struct Row {
    std::string text;
    std::string error;
  };
  for (const Row& row : {
           Row{"{\"v\":1,\"event\":\"notice\"}\n{\"v\":2,\"event\":\"notice\"}\n", "line 2: v: expected version 1, got 2"},
           Row{"[]\n", "line 1: v: expected version 1, got nothing"},
           Row{"{\"v\":1}\n", "line 1: event: expected a string, got nothing"},
           Row{changed([](Json& j) { j["status"] = "x"; }), "line 1: status: expected the name of a status, got \"x\""},
           Row{changed([](Json& j) { j.erase("name"); }), "line 1: name: expected a string, got nothing"},
           Row{changed([](Json& j) { j["attempt"] = 1.5; }), "line 1: attempt: expected a whole number, got 1.5"},
           Row{changed([](Json& j) { j["duration"] = "long"; }), "line 1: duration: expected a number, got \"long\""},
           Row{changed([](Json& j) { j["started"] = "2026-11-21T04:43:27Z"; }),
               "line 1: started: expected a time in UTC, got \"2026-11-21T04:43:27Z\""},
           Row{changed([](Json& j) { j["started"] = "2026-11-21T04:43:27.12345xZ"; }),
               "line 1: started: expected a time in UTC, got \"2026-11-21T04:43:27.12345xZ\""},
           Row{changed_step([](Json& j) { j["kind"] = "archive"; }), "line 1: kind: expected compile or link, got \"archive\""},
           Row{changed_step([](Json& j) { j.erase("kind"); }), "line 1: kind: expected compile or link, got nothing"},
           Row{changed_step([](Json& j) { j.erase("target"); }), "line 1: target: expected a string, got nothing"},
           Row{changed_step([](Json& j) { j["usage"] = 1; }), "line 1: usage.user_seconds: expected a number, got nothing"},
           Row{"{\"v\":1,\"event\":\"run_started\",\"time\":\"2026-11-21T04:43:27.000000Z\",\"jobs\":1,\"run_id\":\"\",\"build_directory\":"
               "\"\",\"configuration\":\"\"}\n",
               "line 1: tests: expected an array, got nothing"},
           Row{"{\"v\":1,\"event\":\"run_started\",\"time\":\"2026-11-21T04:43:27.000000Z\",\"jobs\":1,\"run_id\":\"\",\"build_directory\":"
               "\"\",\"configuration\":\"\",\"tests\":[1]}\n",
               "line 1: tests[0].number: expected a whole number, got nothing"},
       }) {
    CHECK(message(parse_events(row.text)) == row.error);
  }
  CHECK(message(parse_events("{\n{}\n")).starts_with("line 1: parse error"));
}

TEST_CASE("each event but a result is in the file as soon as it was told") {
  const TempDir dir;
  const Suite suite = make_suite({"a", "b"});
  FakeClock clock;
  Result<std::unique_ptr<Journal>> journal = Journal::open(dir / "events.jsonl", clock);
  REQUIRE_MESSAGE(journal, message(journal));
  CHECK(read(dir / "events.jsonl") == "");
  std::string expected;
  for (const Event& event : every_event(suite)) {
    clock.seconds += 0.5;
    append_event(expected, event, clock.wall());
    (*journal)->on(event);
    if (std::holds_alternative<TestFinished>(event)) (*journal)->flush();
    CHECK(read(dir / "events.jsonl") == expected);
  }
  CHECK(message((*journal)->finish()) == "ok");
}

TEST_CASE("only results wait, until there is nothing else to do") {
  const TempDir dir;
  const Suite suite = make_suite({"a", "b"});
  FakeClock clock;
  Result<std::unique_ptr<Journal>> opened = Journal::open(dir / "events.jsonl", clock);
  REQUIRE_MESSAGE(opened, message(opened));
  Journal& journal = **opened;
  const auto lines = [&] { return split(read(dir / "events.jsonl"), '\n').size() - 1; };
  const TestFinished of_case{{&suite.tests[1], {Status::passed, ""}}};
  journal.on(of_case);
  journal.on(of_case);
  CHECK(lines() == 0);
  SUBCASE("or something else happens") {
    journal.on(TestFinished{full_result(suite.tests[0])});
    CHECK(lines() == 0);
    journal.on(Notice{"something"});
    CHECK(lines() == 4);
  }
  SUBCASE("or the end") {
    CHECK(message(journal.finish()) == "ok");
    CHECK(lines() == 2);
  }
  SUBCASE("or they are many") {
    for (int i = 0; i < 1000; ++i) journal.on(of_case);
    CHECK(lines() > 900);
    CHECK(lines() < 1002);
  }
  SUBCASE("and all that fit are written") {
    journal.flush();
    REQUIRE(lines() == 2);
    const std::uint64_t line = fs::file_size(dir / "events.jsonl") / 2;
    for (int i = 0; i < 3; ++i) journal.on(of_case);
    {
      const FileSizeLimit limit((line * 4) + 10);
      journal.flush();
    }
    CHECK(lines() == 4);
    CHECK(message(journal.finish()) == "writing " + (dir / "events.jsonl").string() + ": File too large");
    CHECK(fs::file_size(dir / "events.jsonl") == line * 4);
  }
}

TEST_CASE("the journal of the run before is kept, not the one before that") {
  const TempDir dir;
  FakeClock clock;
  for (const std::string text : {"first", "second", "third"}) {
    Result<std::unique_ptr<Journal>> journal = Journal::open(dir / "events.jsonl", clock);
    REQUIRE_MESSAGE(journal, message(journal));
    (*journal)->on(Notice{text});
  }
  CHECK(show(dir.names()) == "[events-previous.jsonl][events.jsonl]");
  CHECK(read(dir / "events-previous.jsonl").find("\"second\"") != std::string::npos);
  CHECK(read(dir / "events.jsonl").find("\"third\"") != std::string::npos);
  CHECK(split(read(dir / "events.jsonl"), '\n').size() == 2);
}

TEST_CASE("a journal that cannot be opened is an error that names it") {
  const TempDir dir;
  FakeClock clock;
  const fs::path path = dir / "no/events.jsonl";
  CHECK(message(Journal::open(path, clock)) == "writing " + path.string() + ": No such file or directory");
}

TEST_CASE("a line that could not be written leaves no piece, is told at the end, and the later ones are written") {
  const TempDir dir;
  FakeClock clock;
  const fs::path path = dir / "events.jsonl";
  Result<std::unique_ptr<Journal>> journal = Journal::open(path, clock);
  REQUIRE_MESSAGE(journal, message(journal));
  (*journal)->on(Notice{"first"});
  {
    const FileSizeLimit limit(fs::file_size(path) + 10);
    (*journal)->on(Notice{"second"});
  }
  (*journal)->on(Notice{"third"});
  CHECK(message((*journal)->finish()) == "writing " + path.string() + ": File too large");
  const Words written = split(read(path), '\n');
  REQUIRE(written.size() == 3);
  CHECK(written[0].find("\"first\"") != std::string::npos);
  CHECK(written[1].find("\"third\"") != std::string::npos);
  CHECK(parse_json(written[1]));
}
