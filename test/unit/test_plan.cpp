#include <doctest/doctest.h>

#include <map>

#include "schedule/plan.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Drives a plan by hand, with names for tests.
class Drive {
 public:
  explicit Drive(Suite suite, int processors = 4) : Drive(std::move(suite), Budget{processors}, {}) {}
  Drive(Suite suite, Budget budget, std::vector<Forecast> forecasts, std::optional<ResourcePool> pool = std::nullopt)
      : suite_(std::move(suite)), forecasts_(std::move(forecasts)), resources_(budget, std::move(pool)), plan_(make()) {}

  /// Starts all that may start; their names in order.
  std::string start() {
    Words names;
    while (const std::optional<TestId> id = plan_.next(resources_)) {
      names.push_back(suite_.tests[*id].name);
      running_.emplace(names.back(), Run{*id, resources_.take(plan_.claim(*id))});
    }
    return show(names);
  }
  /// Ends an attempt of a running test.
  void pause(const std::string& name) {
    const auto found = running_.find(name);
    REQUIRE(found != running_.end());
    const TestId id = found->second.id;
    running_.erase(found);
    plan_.pause(id);
  }
  /// What waits, and why.
  std::string waiting() {
    Words words;
    for (const Waiting& waiting : plan_.waiting(resources_))
      words.push_back(fmt::format("{} {}", suite_.tests[waiting.test].name, waiting.reason));
    return lines(words);
  }
  /// Ends a running test.
  void end(const std::string& name, Status status = Status::passed) {
    const auto found = running_.find(name);
    REQUIRE(found != running_.end());
    const TestId id = found->second.id;
    running_.erase(found);
    plan_.finished(id, status);
  }
  /// All refusals in order, each taken and finished.
  std::string refusals() {
    Words words;
    while (const std::optional<Refusal> refusal = plan_.next_refusal()) {
      const Outcome& outcome = refusal->outcome;
      words.push_back(fmt::format("{} {}{}{}", suite_.tests[refusal->test].name, status_name(outcome.status),
                                  outcome.reason.empty() ? "" : ": ", outcome.reason));
      plan_.finished(refusal->test, outcome.status);
    }
    return show(words);
  }
  Plan& plan() { return plan_; }

 private:
  struct Run {
    TestId id;
    Lease lease;
  };
  Plan make() {
    Result<Plan> plan = Plan::make(suite_, all_of(suite_), forecasts_);
    REQUIRE_MESSAGE(plan, message(plan));
    return std::move(*plan);
  }

  Suite suite_;
  std::vector<Forecast> forecasts_;
  Resources resources_;
  Plan plan_;
  std::map<std::string, Run> running_;
};

std::string cycle_of(const Suite& suite) { return message(Plan::make(suite, all_of(suite))); }

/// Tests sleeps0, ... that need no processor and come first, as they are longer, and burns0, ... that need one.
Drive sleeping_and_burning(int sleeping, int burning, const Budget& budget) {
  Words names;
  std::vector<Forecast> forecasts;
  for (int i = 0; i < sleeping; ++i) {
    names.push_back(fmt::format("sleeps{}", i));
    forecasts.push_back({.duration = Seconds(9), .demand = {0, 0}});
  }
  for (int i = 0; i < burning; ++i) {
    names.push_back(fmt::format("burns{}", i));
    forecasts.push_back({.duration = Seconds(1), .demand = {1000, 0}});
  }
  return {make_suite(names), budget, forecasts};
}

}  // namespace

TEST_CASE("tests start in CTest's order, dear ones first, serial ones last and alone") {
  Suite suite = make_suite({"a", "serial", "b", "dear", "cheap"});
  suite.tests[1].requirements.run_serial = true;
  suite.tests[1].requirements.cost = 100;
  suite.tests[3].requirements.cost = 5;
  suite.tests[4].requirements.cost = -1;
  Drive drive(std::move(suite), 3);
  CHECK(drive.start() == "[dear][a][b]");
  drive.end("a");
  CHECK(drive.start() == "[cheap]");
  drive.end("dear");
  drive.end("cheap");
  CHECK(drive.start().empty());
  drive.end("b");
  CHECK(drive.start() == "[serial]");
  drive.end("serial");
  CHECK(drive.plan().done());
}

TEST_CASE("only selected tests run, and dependencies on others do not hold them") {
  Suite suite = make_suite({"a", "b", "c"});
  suite.tests[1].requirements.depends = {"a", "nobody"};
  Result<Plan> plan = Plan::make(suite, {1});
  REQUIRE(plan);
  const Resources resources(4);
  CHECK(plan->next(resources) == 1U);
  CHECK_FALSE(plan->next(resources));
  plan->finished(1, Status::passed);
  CHECK(plan->done());
}

TEST_CASE("a test waits for those it depends on, whatever their outcome") {
  Suite suite = make_suite({"last", "first", "second"});
  suite.tests[0].requirements.depends = {"first", "second"};
  suite.tests[2].requirements.depends = {"first"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[first]");
  drive.end("first", Status::failed);
  CHECK(drive.start() == "[second]");
  drive.end("second", Status::crashed);
  CHECK(drive.start() == "[last]");
  CHECK(drive.refusals().empty());
}

TEST_CASE("a dependency by a name that two tests have waits for both") {
  Suite suite = make_suite({"twin", "twin", "last"});
  suite.tests[2].requirements.depends = {"twin"};
  Result<Plan> plan = Plan::make(suite, all_of(suite));
  REQUIRE(plan);
  const Resources resources(4);
  CHECK(plan->next(resources) == 0U);
  CHECK(plan->next(resources) == 1U);
  plan->finished(0, Status::passed);
  CHECK_FALSE(plan->next(resources));
  plan->finished(1, Status::passed);
  CHECK(plan->next(resources) == 2U);
}

namespace {

/// cleanup, use, use too, setup: in an order that only the fixture can undo.
Suite fixture_suite() {
  Suite suite = make_suite({"cleanup", "use", "use too", "setup", "other"});
  suite.tests[0].requirements.fixtures_cleanup = {"f"};
  suite.tests[1].requirements.fixtures_required = {"f"};
  suite.tests[2].requirements.fixtures_required = {"f"};
  suite.tests[3].requirements.fixtures_setup = {"f"};
  return suite;
}

}  // namespace

TEST_CASE("a fixture is set up before and cleaned up after the tests that require it") {
  Drive drive(fixture_suite());
  CHECK(drive.start() == "[setup][other]");
  drive.end("setup");
  CHECK(drive.start() == "[use][use too]");
  drive.end("use");
  CHECK(drive.start().empty());
  drive.end("use too", Status::failed);
  CHECK(drive.start() == "[cleanup]");
}

TEST_CASE("a failed set-up refuses those that require it, and the clean-up still runs") {
  for (const Status status : {Status::failed, Status::timed_out, Status::crashed, Status::not_run, Status::build_failed}) {
    Drive drive(fixture_suite());
    drive.start();
    drive.end("setup", status);
    CHECK(drive.refusals() == "[use not_run: Failed test dependencies: setup][use too not_run: Failed test dependencies: setup]");
    CHECK(drive.start() == "[cleanup]");
    drive.end("cleanup");
    drive.end("other");
    CHECK(drive.plan().done());
  }
}

TEST_CASE("a set-up that was skipped or disabled counts as done") {
  for (const Status status : {Status::skipped, Status::disabled}) {
    Drive drive(fixture_suite());
    drive.start();
    drive.end("setup", status);
    CHECK(drive.start() == "[use][use too]");
  }
}

TEST_CASE("a refused set-up refuses the next one's requirers") {
  Suite suite = make_suite({"use", "second", "first"});
  suite.tests[2].requirements.fixtures_setup = {"1"};
  suite.tests[1].requirements.fixtures_setup = {"2"};
  suite.tests[1].requirements.fixtures_required = {"1"};
  suite.tests[0].requirements.fixtures_required = {"2"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[first]");
  drive.end("first", Status::failed);
  CHECK(drive.refusals() == "[second not_run: Failed test dependencies: first][use not_run: Failed test dependencies: second]");
  CHECK(drive.plan().done());
}

TEST_CASE("every failed set-up is named") {
  Suite suite = make_suite({"one", "two", "use"});
  suite.tests[0].requirements.fixtures_setup = {"f"};
  suite.tests[1].requirements.fixtures_setup = {"f"};
  suite.tests[2].requirements.fixtures_required = {"f"};
  Drive drive(std::move(suite));
  drive.start();
  drive.end("one", Status::failed);
  CHECK(drive.refusals().empty());
  drive.end("two", Status::failed);
  CHECK(drive.refusals() == "[use not_run: Failed test dependencies: one, two]");
}

TEST_CASE("a failed set-up of two fixtures is named once") {
  Suite suite = make_suite({"setup", "use"});
  suite.tests[0].requirements.fixtures_setup = {"f", "g"};
  suite.tests[1].requirements.fixtures_required = {"f", "g"};
  Drive drive(std::move(suite));
  drive.start();
  drive.end("setup", Status::failed);
  CHECK(drive.refusals() == "[use not_run: Failed test dependencies: setup]");
}

TEST_CASE("a test that sets up what it requires itself does not wait for itself") {
  Suite suite = make_suite({"both"});
  suite.tests[0].requirements.fixtures_setup = {"f"};
  suite.tests[0].requirements.fixtures_required = {"f"};
  CHECK(Drive(std::move(suite)).start() == "[both]");
}

TEST_CASE("disabled tests are refused in order, wait for no target and hold nobody") {
  Suite suite = make_suite({"one", "two", "after"});
  suite.tests[0].disabled = true;
  suite.tests[0].targets = {"t"};
  suite.tests[1].disabled = true;
  suite.tests[2].requirements.depends = {"one"};
  Drive drive(std::move(suite));
  CHECK(drive.plan().wanted_targets().empty());
  CHECK(drive.start().empty());
  CHECK(drive.refusals() == "[one disabled: Disabled][two disabled: Disabled]");
  CHECK(drive.start() == "[after]");
}

TEST_CASE("a test that its source says to skip is refused, waits for no target and holds nobody") {
  Suite suite = make_suite({"a", "after"});
  suite.tests[0].skip_reason = "planned";
  suite.tests[0].targets = {"x"};
  suite.tests[1].requirements.depends = {"a"};
  Drive drive(std::move(suite));
  CHECK(drive.plan().wanted_targets().empty());
  CHECK(drive.refusals() == "[a skipped: planned]");
  CHECK(drive.start() == "[after]");
}

TEST_CASE("a lock is never held twice, and its next holder is the next in order") {
  Suite suite = make_suite({"a", "b", "free", "c"});
  for (const std::size_t id : {0U, 1U, 3U}) suite.tests[id].requirements.locks = {"lock"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[a][free]");
  drive.end("free");
  CHECK(drive.start().empty());
  drive.end("a");
  CHECK(drive.start() == "[b]");
  drive.end("b");
  CHECK(drive.start() == "[c]");
}

TEST_CASE("a test that waits for one lock does not keep another one from the next") {
  Suite suite = make_suite({"holds a", "wants a and b", "wants b"});
  suite.tests[0].requirements.locks = {"a"};
  suite.tests[1].requirements.locks = {"b", "a"};
  suite.tests[2].requirements.locks = {"b"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[holds a][wants b]");
  drive.end("holds a");
  CHECK(drive.start().empty());
  drive.end("wants b");
  CHECK(drive.start() == "[wants a and b]");
}

TEST_CASE("smaller tests fill the gap beside a wide one, but only so often") {
  Words names{"first", "wide"};
  for (int i = 0; i < 40; ++i) names.push_back(fmt::format("small{}", i));
  Suite suite = make_suite(names);
  suite.tests[1].requirements.processors = 2;
  Drive drive(std::move(suite), 2);
  CHECK(drive.start() == "[first][small0]");
  int overtaken = 1;
  std::string last = "small0";
  for (std::string next; overtaken < 40; ++overtaken) {
    drive.end(last);
    next = drive.start();
    if (next.empty()) break;
    last = next.substr(1, next.size() - 2);
  }
  CHECK(overtaken > 1);
  CHECK(overtaken < 20);
  drive.end("first");
  CHECK(drive.start() == "[wide]");
}

TEST_CASE("targets are wanted once and their tests wait for them") {
  Suite suite = make_suite({"a", "b", "free"});
  suite.tests[0].targets = {"y", "x", "x"};
  suite.tests[1].targets = {"x"};
  Drive drive(std::move(suite));
  CHECK(show(drive.plan().wanted_targets()) == "[x][y]");
  CHECK(drive.start() == "[free]");
  drive.plan().target_ready("x", Plan::Made::before);
  CHECK(drive.start() == "[b]");
  drive.plan().target_ready("nobody's", Plan::Made::before);
  drive.plan().target_ready("x", Plan::Made::before);
  CHECK(drive.start().empty());
  drive.plan().target_ready("y", Plan::Made::before);
  CHECK(drive.start() == "[a]");
}

TEST_CASE("what this build has made goes before what was up to date, but not before what failed the last time") {
  Suite suite = make_suite({"old long", "made short", "failed", "made long", "old urgent"});
  for (Test& test : suite.tests) test.targets = {"t_" + test.name};
  suite.tests[4].requirements.priority = 0;
  std::vector<Forecast> forecasts(5);
  for (std::size_t id = 0; id < forecasts.size(); ++id) forecasts[id] = {.duration = Seconds(9), .demand = {1000, 0}};
  forecasts[1].duration = Seconds(1);
  forecasts[2].failed_before = true;
  forecasts[3].duration = Seconds(2);
  Drive drive(std::move(suite), Budget{1}, forecasts);
  CHECK(drive.waiting() ==
        "old urgent waits for its build\nfailed waits for its build\nold long waits for its build\nmade long waits for its build\n"
        "made short waits for its build\n");
  for (const std::string name : {"old long", "old urgent", "failed"}) drive.plan().target_ready("t_" + name, Plan::Made::before);
  for (const std::string name : {"made short", "made long"}) drive.plan().target_ready("t_" + name, Plan::Made::now);
  for (const std::string name : {"old urgent", "failed", "made long", "made short", "old long"}) {
    CHECK(drive.start() == "[" + name + "]");
    drive.end(name);
  }
}

TEST_CASE("a failed target refuses its tests and nobody else's") {
  Suite suite = make_suite({"a", "b", "both", "after a"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].targets = {"y"};
  suite.tests[2].targets = {"x", "y"};
  suite.tests[3].requirements.depends = {"a"};
  Drive drive(std::move(suite));
  drive.plan().target_failed("x");
  CHECK(drive.refusals() == "[a build_failed: build failed]");
  CHECK(drive.start() == "[after a]");
  drive.plan().target_ready("y", Plan::Made::before);
  CHECK(drive.refusals() == "[both build_failed: build failed]");
  CHECK(drive.start() == "[b]");
}

TEST_CASE("a cycle is an error that names its tests, and only those") {
  Suite suite = make_suite({"free", "a", "b", "c", "behind"});
  suite.tests[1].requirements.depends = {"c"};
  suite.tests[2].requirements.depends = {"a"};
  suite.tests[3].requirements.depends = {"b"};
  suite.tests[4].requirements.depends = {"c"};
  CHECK(hint(Plan::make(suite, all_of(suite))).starts_with("\"a -> b\": a waits for b; "));
  const std::string error = cycle_of(suite);
  CHECK(error.starts_with("tests depend on each other in a cycle: "));
  const bool in_order =
      error.ends_with(": a -> c -> b -> a") || error.ends_with(": c -> b -> a -> c") || error.ends_with(": b -> a -> c -> b");
  CHECK_MESSAGE(in_order, error);
}

TEST_CASE("a cycle through a fixture is an error too") {
  Suite suite = make_suite({"setup", "use"});
  suite.tests[0].requirements.fixtures_setup = {"f"};
  suite.tests[0].requirements.depends = {"use"};
  suite.tests[1].requirements.fixtures_required = {"f"};
  CHECK(cycle_of(suite).starts_with("tests depend on each other in a cycle: "));
}

TEST_CASE("whoever waits is told what for") {
  Suite suite = make_suite({"a", "b", "c", "holder", "locked", "grouped", "wide", "serial"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].requirements.depends = {"a", "c"};
  suite.tests[3].requirements.locks = {"db"};
  suite.tests[3].requirements.groups = {{"net", 1}};
  suite.tests[4].requirements.locks = {"db"};
  suite.tests[5].requirements.groups = {{"net", 1}};
  suite.tests[6].requirements.processors = 3;
  suite.tests[7].requirements.run_serial = true;
  Drive drive(std::move(suite), Budget{3, 4, 0}, {});
  CHECK(drive.start() == "[c][holder]");
  CHECK(drive.waiting() ==
        "a waits for its build\n"
        "b waits for a, c\n"
        "locked waits for lock db held by holder\n"
        "grouped waits for group net held by holder\n"
        "wide needs 3 processors, 1.3 are free\n"
        "serial runs alone, after the others\n");
  drive.end("c");
  drive.end("holder");
  CHECK(drive.start() == "[locked][grouped]");
  drive.end("locked");
  drive.end("grouped");
  CHECK(drive.start() == "[wide]");
  CHECK(drive.waiting() == "a waits for its build\nb waits for a\nserial runs alone, after the others\n");
  drive.end("wide");
  CHECK(drive.start() == "[serial]");
  drive.plan().target_ready("x", Plan::Made::before);
  CHECK(drive.waiting() == "a waits for serial, which runs alone\nb waits for a\n");
}

TEST_CASE("a group lets in as many as it may") {
  Suite suite = make_suite({"a", "b", "c", "d", "other"});
  for (const std::size_t id : {0U, 1U, 2U, 3U}) suite.tests[id].requirements.groups = {{"net", 2}};
  suite.tests[4].requirements.locks = {"net"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[a][b][other]");
  drive.end("b");
  CHECK(drive.start() == "[c]");
  drive.end("a");
  drive.end("c");
  CHECK(drive.start() == "[d]");
}

TEST_CASE("tests in two groups, named in any order, neither wait for ever nor spin") {
  Suite suite = make_suite({"holds both", "one", "two", "three"});
  suite.tests[0].requirements.locks = {"a", "b"};
  suite.tests[1].requirements.locks = {"a", "b"};
  suite.tests[2].requirements.locks = {"b", "a"};
  suite.tests[3].requirements.locks = {"b"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[holds both]");
  drive.end("holds both");
  CHECK(drive.start() == "[one]");
  drive.end("one");
  CHECK(drive.start() == "[two]");
  drive.end("two");
  CHECK(drive.start() == "[three]");
}

TEST_CASE("sooner: PRIORITY, what failed, the longest chain, COST") {
  Suite suite = make_suite({"short", "long", "setup", "uses", "failed", "p0", "needs p1", "p1", "costs"});
  suite.tests[2].requirements.fixtures_setup = {"f"};
  suite.tests[3].requirements.fixtures_required = {"f"};
  suite.tests[5].requirements.priority = 0;
  suite.tests[7].requirements.priority = 1;
  suite.tests[7].requirements.depends = {"needs p1"};
  suite.tests[8].requirements.cost = 4.5;
  TestHistories histories;
  for (const Test& test : suite.tests) histories[test.name] = {.runs = 3, .duration = Seconds(1)};
  histories["long"].duration = Seconds(4);
  histories["setup"].duration = Seconds(2);
  histories["uses"].duration = Seconds(3);
  histories["failed"].last = Status::failed;
  const std::vector<Forecast> forecasts = forecast(suite, histories);
  Drive drive(std::move(suite), Budget{8}, forecasts);
  CHECK(drive.start() == "[p0][needs p1][failed][setup][costs][long][short]");
}

TEST_CASE("tests whose times differ by what a measurement does keep CTest's order, those with COST do not") {
  Suite suite = make_suite({"a", "b", "c", "d"});
  TestHistories histories;
  const auto order = [&](double a, double b, double c, double d) {
    histories["a"] = {.runs = 3, .duration = Seconds(a)};
    histories["b"] = {.runs = 3, .duration = Seconds(b)};
    histories["c"] = {.runs = 3, .duration = Seconds(c)};
    histories["d"] = {.runs = 3, .duration = Seconds(d)};
    return Drive(suite, Budget{8}, forecast(suite, histories)).start();
  };
  CHECK(order(0.001, 0.004, 0.002, 0.009) == "[a][b][c][d]");
  CHECK(order(0.001, 0.004, 0.012, 0.009) == "[c][a][b][d]");
  CHECK(order(5.001, 5.004, 5.002, 5.2) == "[d][a][b][c]");
  suite.tests[1].requirements.cost = 0.001;
  suite.tests[3].requirements.cost = 0.002;
  CHECK(order(0, 0, 0, 0) == "[d][b][a][c]");
  suite.tests[1].requirements.cost = -1;
  suite.tests[3].requirements.cost = -0.5;
  CHECK(order(0, 0, 0, 0) == "[a][c][d][b]");
}

TEST_CASE("a chain of short tests counts what they take together") {
  Suite suite = make_suite({"a", "b", "c", "long", "about"});
  suite.tests[1].requirements.depends = {"a"};
  suite.tests[2].requirements.depends = {"b"};
  suite.tests[0].targets = {"x"};
  TestHistories histories;
  for (const char* name : {"a", "b", "c"}) histories[name] = {.runs = 1, .duration = Seconds(0.001)};
  histories["long"] = {.runs = 1, .duration = Seconds(0.02)};
  histories["about"] = {.runs = 1, .duration = Seconds(0.003)};
  Drive drive(suite, Budget{8}, forecast(suite, histories));
  CHECK(drive.plan().chain_behind("x").count() == doctest::Approx(0.003));
  drive.plan().target_ready("x", Plan::Made::before);
  CHECK(drive.start() == "[long][a][about]");
}

TEST_CASE("a new test starts as early as the longest one that is known") {
  Suite suite = make_suite({"short", "long", "new", "middle"});
  const TestHistories histories{{"short", {.runs = 1, .duration = Seconds(1)}},
                                {"long", {.runs = 1, .duration = Seconds(9)}},
                                {"middle", {.runs = 1, .duration = Seconds(5)}}};
  const std::vector<Forecast> forecasts = forecast(suite, histories);
  Drive drive(std::move(suite), Budget{4}, forecasts);
  CHECK(drive.start() == "[long][new][middle][short]");
}

TEST_CASE("tests that sleep run beside as many as there are processors, up to most_running") {
  Drive drive = sleeping_and_burning(6, 4, {2, 5});
  CHECK(drive.start() == "[sleeps0][sleeps1][sleeps2][sleeps3][sleeps4]");
  drive.end("sleeps0");
  drive.end("sleeps1");
  drive.end("sleeps2");
  drive.end("sleeps3");
  CHECK(drive.start() == "[sleeps5][burns0][burns1]");
  CHECK(drive.waiting() == "burns2 needs 1 processors, 0.2 are free\nburns3 needs 1 processors, 0.2 are free\n");
}

TEST_CASE("tests that sleep leave room for as many others as there are processors") {
  Drive drive = sleeping_and_burning(12, 9, {.processors = 1, .most_running = 3, .most_asleep = 2});
  CHECK(drive.start() == "[sleeps0][sleeps1][burns0]");
  CHECK(drive.waiting().starts_with("sleeps2 waits for one of the 3 that run\n"));
  // However often they go first, it is not for them that those wait which sleep.
  for (int i = 0; i < 8; ++i) {
    drive.end(fmt::format("burns{}", i));
    CHECK(drive.waiting().starts_with("sleeps2 waits for one of the 2 that sleep\n"));
    CHECK(drive.start() == fmt::format("[burns{}]", i + 1));
  }
  drive.end("sleeps1");
  CHECK(drive.start() == "[sleeps2]");
}

TEST_CASE("what this build has made does not wait until those have slept that were up to date") {
  Suite suite = make_suite({"old1", "old2", "old3", "made1", "made2", "made3", "burns", "urgent"});
  for (Test& test : suite.tests) test.targets = {"t_" + test.name};
  suite.tests[7].requirements.priority = 0;
  std::vector<Forecast> forecasts(8, Forecast{.duration = Seconds(1), .demand = {0, 0}});
  forecasts[6].demand = {1000, 0};
  Drive drive(std::move(suite), Budget{.processors = 1, .most_running = 4, .most_asleep = 2}, forecasts);
  for (const std::string name : {"old1", "old2", "old3"}) drive.plan().target_ready("t_" + name, Plan::Made::before);
  CHECK(drive.start() == "[old1][old2]");
  for (const std::string name : {"made1", "made2"}) drive.plan().target_ready("t_" + name, Plan::Made::now);
  // One more a processor, and no more: those that need one are to run too.
  CHECK(drive.start() == "[made1]");
  CHECK(drive.waiting().find("made2 waits for one of the 3 that sleep\nold3 waits for one of the 2 that sleep\n") != std::string::npos);
  drive.plan().target_ready("t_burns", Plan::Made::now);
  CHECK(drive.start() == "[burns]");
  drive.end("old1");
  CHECK(drive.start() == "[made2]");
  // Not before one that is more urgent, though that has to wait for a place.
  drive.plan().target_ready("t_made3", Plan::Made::now);
  drive.plan().target_ready("t_urgent", Plan::Made::before);
  drive.end("old2");
  CHECK(drive.start().empty());
  drive.end("made1");
  CHECK(drive.start() == "[urgent][made3]");
  drive.end("made2");
  drive.end("urgent");
  CHECK(drive.start() == "[old3]");
}

TEST_CASE("tests start together only as far as the memory goes; one may always") {
  constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
  const std::vector<Forecast> forecasts{{.duration = Seconds(4), .demand = {0, 6 * k_gib}},
                                        {.duration = Seconds(3), .demand = {0, 3 * k_gib}},
                                        {.duration = Seconds(2), .demand = {0, 2 * k_gib}},
                                        {.duration = Seconds(1), .demand = {0, 0}}};
  Drive drive(make_suite({"huge", "large", "middle", "small"}), Budget{2, 16, 4 * k_gib}, forecasts);
  CHECK(drive.start() == "[huge][small]");
  CHECK(drive.waiting() ==
        "large needs 3.0 GiB of memory, 0 B are free\n"
        "middle needs 2.0 GiB of memory, 0 B are free\n");
  drive.end("small");
  drive.end("huge");
  CHECK(drive.start() == "[large]");
  drive.end("large");
  CHECK(drive.start() == "[middle]");
}

TEST_CASE("tests wait for slots of the resource specification, smaller ones go first") {
  const Result<ResourceSpec> spec = parse_resource_spec(R"({"version":{"major":1,"minor":0},"local":[{"gpus":[{"id":"0","slots":3}]}]})");
  REQUIRE_MESSAGE(spec, message(spec));
  Suite suite = make_suite({"two", "three", "also two", "one", "none"});
  for (const auto& [id, slots] : {std::pair{0U, 2}, std::pair{1U, 3}, std::pair{2U, 2}, std::pair{3U, 1}})
    suite.tests[id].requirements.resource_groups = {{{"gpus", slots}}};
  Drive drive(std::move(suite), Budget{8}, {}, ResourcePool(*spec));
  CHECK(drive.start() == "[two][one][none]");
  CHECK(drive.waiting() == "three waits for slots of its RESOURCE_GROUPS\nalso two waits for slots of its RESOURCE_GROUPS\n");
  drive.end("two");
  CHECK(drive.start() == "[also two]");
  drive.end("one");
  CHECK(drive.start().empty());
  drive.end("also two");
  CHECK(drive.start() == "[three]");
}

TEST_CASE("a paused test frees its group, and runs again in its turn") {
  Suite suite = make_suite({"a", "b", "c"});
  for (Test& test : suite.tests) test.requirements.locks = {"l"};
  Drive drive(std::move(suite));
  CHECK(drive.start() == "[a]");
  drive.pause("a");
  CHECK(drive.start() == "[b]");
  drive.plan().retry(0);
  CHECK(drive.start().empty());
  drive.end("b");
  CHECK(drive.start() == "[a]");
  CHECK_FALSE(drive.plan().done());
  drive.end("a");
  CHECK(drive.start() == "[c]");
  drive.end("c");
  CHECK(drive.plan().done());
}
