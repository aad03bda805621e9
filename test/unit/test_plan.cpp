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
  explicit Drive(Suite suite, int processors = 4) : suite_(std::move(suite)), resources_(processors), plan_(make()) {}

  /// Starts all that may start; their names in order.
  std::string start() {
    Words names;
    while (const std::optional<TestId> id = plan_.next(resources_)) {
      names.push_back(suite_.tests[*id].name);
      running_.emplace(names.back(), Run{*id, resources_.take(suite_.tests[*id].requirements)});
    }
    return show(names);
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
    Result<Plan> plan = Plan::make(suite_, all_of(suite_));
    REQUIRE_MESSAGE(plan, message(plan));
    return std::move(*plan);
  }

  Suite suite_;
  Resources resources_;
  Plan plan_;
  std::map<std::string, Run> running_;
};

std::string cycle_of(const Suite& suite) { return message(Plan::make(suite, all_of(suite))); }

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
  drive.plan().target_ready("x");
  CHECK(drive.start() == "[b]");
  drive.plan().target_ready("nobody's");
  drive.plan().target_ready("x");
  CHECK(drive.start().empty());
  drive.plan().target_ready("y");
  CHECK(drive.start() == "[a]");
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
  drive.plan().target_ready("y");
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

TEST_CASE("a stuck plan says what each test waits for") {
  Suite suite = make_suite({"a", "b", "c"});
  suite.tests[0].targets = {"x"};
  suite.tests[1].requirements.depends = {"a", "c"};
  Drive drive(std::move(suite));
  CHECK(lines(drive.plan().explain_waiting()) ==
        "a waits for 0 test(s) and 1 target(s)\n"
        "b waits for 2 test(s) and 0 target(s)\n"
        "c is ready and waits for processors or locks\n");
  drive.start();
  CHECK(drive.plan().explain_waiting().size() == 2);
}
