// Several reporters as one: who hears what when, and how they end.
#include <doctest/doctest.h>

#include <chrono>
#include <future>

#include "fakes.hpp"
#include "report/multi.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Writes what it hears, and that it is flushed and finished.
struct Ear final : Reporter {
  Ear(Words& l, std::string n, std::string e = "") : log(&l), name(std::move(n)), error(std::move(e)) {}
  void on(const Event& event) override {
    std::string what = fmt::format("{}", event.index());
    if (const auto* notice = std::get_if<Notice>(&event)) what = notice->text;
    if (const auto* start = std::get_if<TestStarted>(&event)) what = "start " + start->test->name;
    if (const auto* end = std::get_if<TestFinished>(&event)) what = "end " + end->result.test->name;
    log->push_back(name + " " + what);
  }
  void flush() override { log->push_back(name + " flush"); }
  Result<void> finish() override {
    log->push_back(name + " finish");
    return error.empty() ? Result<void>{} : fail(error);
  }
  Words* log;
  std::string name;
  std::string error;
};

struct Hearing {
  Suite suite = make_suite({"a", "b"});
  Words log;
  MultiReporter reporters;

  void start(std::size_t test) { reporters.on(TestStarted{&suite.tests[test]}); }
  void end(std::size_t test, Status status = Status::passed, std::uint64_t log_size = 0) {
    TestResult result{&suite.tests[test], {status, ""}};
    result.log_size = log_size;
    reporters.on(TestFinished{result});
  }
  std::string take() { return show(std::exchange(log, {})); }
};

}  // namespace

TEST_CASE("all reporters hear everything and are finished, and all errors are told") {
  Hearing hearing;
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "1"));
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "2", "first"));
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "3", "second"));
  hearing.start(0);
  CHECK(hearing.take() == "[1 start a][2 start a][3 start a]");
  hearing.reporters.on(RunFinished{});
  CHECK(message(hearing.reporters.finish()) == "first\nsecond");
  CHECK(hearing.take() == "[1 14][2 14][3 14][1 finish][2 finish][3 finish]");
}

TEST_CASE("with a prompt one, the others hear of starts and ends before anything else, and when there is time") {
  Hearing hearing;
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "1"));
  hearing.reporters.add_prompt(std::make_unique<Ear>(hearing.log, "prompt"));
  hearing.start(0);
  hearing.end(0);
  hearing.start(1);
  CHECK(hearing.take() == "[prompt start a][prompt end a][prompt start b]");
  SUBCASE("there is time") {
    hearing.reporters.flush();
    CHECK(hearing.take() == "[prompt flush][1 start a][1 end a][1 start b][1 flush]");
    hearing.reporters.flush();
    CHECK(hearing.take() == "[prompt flush][1 flush]");
  }
  SUBCASE("something else happens") {
    hearing.reporters.on(Notice{"else"});
    CHECK(hearing.take() == "[prompt else][1 start a][1 end a][1 start b][1 else]");
  }
  SUBCASE("the run ends without a word") {
    CHECK(message(hearing.reporters.finish()) == "ok");
    CHECK(hearing.take() == "[1 start a][1 end a][1 start b][1 finish][prompt finish]");
  }
}

TEST_CASE("an end that takes its time to tell is told at once, behind what waits") {
  Hearing hearing;
  hearing.reporters.add_prompt(std::make_unique<Ear>(hearing.log, "prompt"));
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "1"));
  hearing.start(0);
  SUBCASE("a failure") { hearing.end(0, Status::failed); }
  SUBCASE("much output") { hearing.end(0, Status::passed, 100'000); }
  CHECK(hearing.take() == "[prompt start a][prompt end a][1 start a][1 end a]");
  hearing.end(1, Status::passed, 1'000);
  CHECK(hearing.take() == "[prompt end b]");
}

TEST_CASE("what the others have not heard does not pile up") {
  Hearing hearing;
  hearing.reporters.add_prompt(std::make_unique<Ear>(hearing.log, "prompt"));
  hearing.reporters.add(std::make_unique<Ear>(hearing.log, "1"));
  constexpr std::ptrdiff_t k_ends = 1000;
  for (std::ptrdiff_t i = 0; i < k_ends; ++i) hearing.end(0);
  const auto heard = std::count(hearing.log.begin(), hearing.log.end(), "1 end a");
  CHECK(std::count(hearing.log.begin(), hearing.log.end(), "prompt end a") == k_ends);
  CHECK(heard < k_ends);
  CHECK(heard > k_ends - 100);
  hearing.reporters.flush();
  CHECK(std::count(hearing.log.begin(), hearing.log.end(), "1 end a") == k_ends);
}

TEST_CASE("a reporter beside the others writes its end from the end of the run on, once, and its error is told") {
  struct Beside final : Reporter {
    explicit Beside(std::promise<void>& b) : begun(&b) {}
    void on(const Event& /*event*/) override {}
    Result<void> finish() override {
      begun->set_value();
      return fail("beside");
    }
    std::promise<void>* begun;
  };
  std::promise<void> begun;
  MultiReporter reporters;
  reporters.add_beside(std::make_unique<Beside>(begun));
  std::future<void> has_begun = begun.get_future();
  reporters.on(Notice{"before"});
  CHECK(has_begun.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  reporters.on(RunFinished{});
  CHECK(has_begun.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  CHECK(message(reporters.finish()) == "beside");
}
