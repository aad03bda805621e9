#pragma once

#include <algorithm>
#include <cmath>
#include <csignal>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "stage.hpp"

namespace ptests::unit {

/// How a case ends, and in some ways its process too.
struct CaseEnd {
  enum class Kind { passes, fails, is_skipped, crashes, exits, hangs };
  Kind kind = Kind::passes;
  int code = 0;         ///< signal number or exit code
  std::string message;  ///< what the framework says; of a crash what our listener tells of it, a while before the process ends
};
inline CaseEnd passes(std::string message = "") { return {CaseEnd::Kind::passes, 0, std::move(message)}; }
inline CaseEnd fails(std::string message) { return {CaseEnd::Kind::fails, 0, std::move(message)}; }
inline CaseEnd is_skipped(std::string message) { return {CaseEnd::Kind::is_skipped, 0, std::move(message)}; }
inline CaseEnd crashes(std::string message = "") { return {CaseEnd::Kind::crashes, SIGSEGV, std::move(message)}; }
inline CaseEnd exits(int code) { return {CaseEnd::Kind::exits, code, ""}; }
inline CaseEnd hangs() { return {CaseEnd::Kind::hangs, 0, ""}; }

struct FakeCase {
  std::string id;  ///< "S.a"
  CaseEnd ends;
  double lasts = 1;                 ///< seconds
  std::optional<CaseEnd> alone;     ///< in a process that runs no other one, in place of `ends`
  std::deque<CaseEnd> first_ends;   ///< of the first times that it runs, before these
  std::string prints;               ///< when it begins
  std::string file = "/src/x.cpp";  ///< where it stands
};

/// An executable that uses GoogleTest.
struct FakeProgram {
  std::vector<FakeCase> cases;
  bool has_listener = true;
  // Its listing.
  double listing_lasts = 0.5;
  double listing_goes_on = 0;  ///< seconds behind its list
  ExitStatus listing_ends;
  std::optional<std::string> list;  ///< in place of a true one as JSON
  std::string listing_prints;
  std::string listing_error;  ///< it cannot be started to list its cases
  // A process that runs cases.
  std::string start_error;
  double set_up = 0;                    ///< seconds before its first case
  std::deque<ExitStatus> silent_ends;   ///< of the first processes: they end where their first case would begin
  double tear_down = 0;                 ///< seconds behind its last case
  std::optional<ExitStatus> last_ends;  ///< behind its last case; nothing = 1 after a failure, else 0
  bool ends_suites = true;              ///< prints a line behind each suite
  int leaves = 0;                       ///< processes that outlive it
  bool ends_of_signals = true;
};

/// Cases that pass after a second each.
inline FakeProgram program_of(const Words& ids) {
  FakeProgram program;
  for (const std::string& id : ids) program.cases.push_back({.id = id});
  return program;
}

/// What one process of a FakeProgram does, line by line.
class CaseScript {
 public:
  CaseScript(FakeProgram& program, const FakeClock& clock, std::string log, std::string events)
      : program_(&program), clock_(&clock), log_(std::move(log)), events_(std::move(events)) {
    if (program.has_listener) append(events_, "ptests 1 gtest 1.12\n");
  }

  Behaviour list(const std::string& results) {
    at_ = program_->listing_lasts;
    append(results, program_->list.value_or(list_as_json()));
    at_ += program_->listing_goes_on;
    behaviour_.output = program_->listing_prints;
    behaviour_.start_error = program_->listing_error;
    return ended(program_->listing_ends);
  }

  enum class Order { listed, random };
  Behaviour run(const Words& ids, Order order) {
    behaviour_.start_error = program_->start_error;
    behaviour_.leaves = program_->leaves;
    at_ = program_->set_up;
    if (!program_->silent_ends.empty()) {
      const ExitStatus end = program_->silent_ends.front();
      program_->silent_ends.pop_front();
      return ended(end);
    }
    if (order == Order::random) append(log_, "Note: Randomizing tests' orders with a seed of 7 .\n");
    bool any_failed = false;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i == 0 || suite_of(ids[i]) != suite_of(ids[i - 1])) begin_suite(ids, i);
      const auto& [ends, process_ends] = run_one(ids[i], ids.size() == 1);
      if (process_ends) return ended(*process_ends);
      any_failed |= ends == CaseEnd::Kind::fails;
      const bool is_last = i + 1 == ids.size() || suite_of(ids[i]) != suite_of(ids[i + 1]);
      if (is_last && program_->ends_suites) append(log_, "[----------] " + suite_size_ + " (0 ms total)\n\n");
    }
    at_ += program_->tear_down;
    return ended(program_->last_ends.value_or(ExitStatus{ExitStatus::Kind::exited, any_failed ? 1 : 0}));
  }

 private:
  static std::string suite_of(const std::string& id) { return id.substr(0, id.find('.')); }
  static std::string test_of(const std::string& id) { return id.substr(id.find('.') + 1); }

  std::string list_as_json() const {
    Words suites;
    for (const FakeCase& one : program_->cases)
      suites.push_back(fmt::format(R"({{"name": "{}", "testsuite": [{{"name": "{}", "file": "{}", "line": 7}}]}})", suite_of(one.id),
                                   test_of(one.id), one.file));
    return fmt::format(R"({{"testsuites": [{}]}})", fmt::join(suites, ", "));
  }

  void begin_suite(const Words& ids, std::size_t first) {
    const auto is_of_it = [&](const std::string& id) { return suite_of(id) == suite_of(ids[first]); };
    const auto count = std::count_if(ids.begin(), ids.end(), is_of_it);
    suite_size_ = fmt::format("{} test{} from {}", count, count == 1 ? "" : "s", suite_of(ids[first]));
    append(log_, "[----------] " + suite_size_ + "\n");
  }

  /// How the case ends, and how its process does where it ends that.
  std::pair<CaseEnd::Kind, std::optional<ExitStatus>> run_one(const std::string& id, bool alone) {
    const auto found = std::find_if(program_->cases.begin(), program_->cases.end(), [&](const FakeCase& one) { return one.id == id; });
    REQUIRE_MESSAGE(found != program_->cases.end(), "no such case: " << id);
    FakeCase& one = *found;
    append(log_, "[ RUN      ] " + id + "\n");
    tell("start", fmt::format("7 {} {}", one.file, id));
    append(log_, one.prints);
    CaseEnd end = alone && one.alone ? *one.alone : one.ends;
    if (!one.first_ends.empty()) {
      end = one.first_ends.front();
      one.first_ends.pop_front();
    }
    constexpr double k_ever = 1e6;
    at_ += end.kind == CaseEnd::Kind::hangs ? k_ever : one.lasts;
    if (end.kind == CaseEnd::Kind::crashes) {
      if (!end.message.empty()) {
        tell("note", fmt::format("{} {}", id, encoded(end.message)));
        at_ += 0.25;
      }
      return {end.kind, ExitStatus{ExitStatus::Kind::signaled, end.code}};
    }
    if (end.kind == CaseEnd::Kind::exits) return {end.kind, ExitStatus{ExitStatus::Kind::exited, end.code}};
    end_one(id, end, one.lasts);
    return {end.kind, std::nullopt};
  }

  void end_one(const std::string& id, const CaseEnd& end, double lasts) {
    std::string word = "passed";
    std::string marker = "[       OK ]";
    if (end.kind == CaseEnd::Kind::fails) {
      word = "failed";
      marker = "[  FAILED  ]";
    } else if (end.kind == CaseEnd::Kind::is_skipped) {
      word = "skipped";
      marker = "[  SKIPPED ]";
    }
    if (!end.message.empty()) append(log_, end.message + "\n");
    tell("end", fmt::format("{} {} {}", word, id, encoded(end.message)));
    append(log_, fmt::format("{} {} ({} ms)\n", marker, id, std::lround(lasts * 1000)));
  }

  static std::string encoded(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == ' ' || c == '\n' || c == '%' ? fmt::format("%{:02X}", static_cast<int>(c)) : std::string(1, c);
    return result.empty() ? "%" : result;
  }

  /// What our listener tells: include/paralleltests/events.hpp.
  void tell(const std::string& word, const std::string& rest) {
    if (!program_->has_listener) return;
    behaviour_.appends.push_back({at_, events_, [clock = clock_, log = log_, word, rest] {
                                    const auto now = std::llround(clock->seconds * 1e9);
                                    return fmt::format("{} {} {} {}\n", word, now, fs::exists(log) ? fs::file_size(log) : 0, rest);
                                  }});
  }
  void append(const std::string& file, std::string text) {
    if (!text.empty()) behaviour_.appends.push_back({at_, file, [text = std::move(text)] { return text; }});
  }
  Behaviour ended(const ExitStatus& status) {
    behaviour_.lasts = at_;
    behaviour_.ends = status;
    behaviour_.ends_of_signals = program_->ends_of_signals;
    return std::move(behaviour_);
  }

  FakeProgram* program_;
  const FakeClock* clock_;
  std::string log_;
  std::string events_;
  double at_ = 0;  ///< seconds since its start
  Behaviour behaviour_;
  std::string suite_size_;  ///< "2 tests from S"
};

/// One run of tests whose executables are FakePrograms, each with the name of its test. The log tells of processes: `process p --list`,
/// `process p S.a S.b`.
struct CaseStage : Stage {
  explicit CaseStage(FakeProgram p, int jobs = 1) : CaseStage(std::map<std::string, FakeProgram>{{"p", std::move(p)}}, jobs) {}
  explicit CaseStage(std::map<std::string, FakeProgram> all, int jobs = 1) : Stage(suite_of(all), jobs), programs(std::move(all)) {
    executor.make_case_process = [this](const LaunchSpec& spec) { return start(spec); };
    // All looks at round times.
    options.cases.first_look = Seconds(0.1);
  }

  FakeProgram& p() { return programs.at("p"); }
  /// The result of `name`, which has one.
  const TestResult& result(const std::string& name) const {
    const auto found =
        std::find_if(recorder.results.begin(), recorder.results.end(), [&](const TestResult& result) { return result.test->name == name; });
    REQUIRE_MESSAGE(found != recorder.results.end(), "no result: " << name);
    return *found;
  }
  /// The output that `result` has.
  static std::string output(const TestResult& result) { return result.log.empty() ? "" : read(result.log); }

  std::map<std::string, FakeProgram> programs;

 private:
  static Suite suite_of(const std::map<std::string, FakeProgram>& programs) {
    Words names;
    for (const auto& [name, program] : programs) names.push_back(name);
    Suite suite = make_suite(names);
    for (Test& test : suite.tests) test.framework = "gtest";
    return suite;
  }

  /// The text behind `prefix` in the word that begins with it.
  static std::optional<std::string> behind(const Words& words, const std::string& prefix) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const std::string& word) { return word.starts_with(prefix); });
    if (found == words.end()) return std::nullopt;
    return found->substr(prefix.size());
  }

  /// ".../p.cases/batch1.events": "p".
  static std::string program_of(const fs::path& events) {
    for (const fs::path& part : events)
      if (part.extension() == ".cases") return part.stem().string();
    return "";
  }

  FakeExecutor::CaseProcess start(const LaunchSpec& spec) {
    const std::string events = behind(spec.environment, "PTESTS_CASE_EVENTS=").value_or("");
    const std::string name = program_of(events);
    REQUIRE_MESSAGE(programs.contains(name), "no such program: " << events);
    CaseScript script(programs.at(name), clock, spec.output_file, events);
    if (const auto results = behind(spec.command, "--gtest_output=json:")) return {name + " --list", script.list(*results)};
    const Words flags = split(read(behind(spec.command, "--gtest_flagfile=").value_or("")), '\n');
    Words ids = split(behind(flags, "--gtest_filter=").value_or(""), ':');
    const bool is_random = behind(flags, "--gtest_shuffle=") == "1";
    // Random enough.
    if (is_random) std::reverse(ids.begin(), ids.end());
    return {fmt::format("{} {}", name, fmt::join(ids, " ")),
            script.run(ids, is_random ? CaseScript::Order::random : CaseScript::Order::listed)};
  }
};

/// The processes that a log tells of.
inline Words processes_in(const Log& log) {
  Words processes;
  for (const std::string& line : log)
    if (line.starts_with("    process ")) processes.push_back(line.substr(12));
  return processes;
}

/// How the log of one run of the test "p" begins, up to the list of its cases.
inline std::string listed(int cases) { return fmt::format("\n@0 run 1 tests -j1\n    process p --list\n@0.5 cases of p: {}\n", cases); }

inline MachineSampled machine_with(std::uint64_t available) { return {{.memory_total = 1000, .memory_available = available}}; }

/// Nothing starts below 300 bytes, and below 200 the youngest is killed.
inline ProtectionThresholds memory_thresholds() {
  ProtectionThresholds thresholds;
  thresholds.hold.memory_available = 300;
  thresholds.shed.memory_available = 200;
  return thresholds;
}

}  // namespace ptests::unit
