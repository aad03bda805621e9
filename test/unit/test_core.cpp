#include <doctest/doctest.h>

#include <csignal>
#include <set>

#include "core/event.hpp"
#include "core/outcome.hpp"
#include "support.hpp"

using namespace ptests;

namespace {

constexpr Status k_all[] = {Status::passed,   Status::failed,  Status::timed_out,    Status::crashed,    Status::skipped,
                            Status::disabled, Status::not_run, Status::build_failed, Status::interrupted};

}  // namespace

TEST_CASE("every status has a name, counts as failure or not, and ran or did not") {
  struct Row {
    Status status;
    std::string name;
    bool failure;
    bool ran;
  };
  for (const Row& row : {
           Row{Status::passed, "passed", false, true},
           Row{Status::failed, "failed", true, true},
           Row{Status::timed_out, "timed_out", true, true},
           Row{Status::crashed, "crashed", true, true},
           Row{Status::skipped, "skipped", false, true},
           Row{Status::disabled, "disabled", false, false},
           Row{Status::not_run, "not_run", true, false},
           Row{Status::build_failed, "build_failed", true, false},
           Row{Status::interrupted, "interrupted", true, true},
       }) {
    CAPTURE(row.name);
    CHECK(status_name(row.status) == row.name);
    CHECK(is_failure(row.status) == row.failure);
    CHECK(did_run(row.status) == row.ran);
  }
}

TEST_CASE("no two statuses share a name") {
  std::set<std::string_view> names;
  for (const Status status : k_all) names.insert(status_name(status));
  CHECK(names.size() == std::size(k_all));
}

TEST_CASE("signals have the names of signal.h") {
  CHECK(signal_name(SIGSEGV) == "SIGSEGV");
  CHECK(signal_name(SIGKILL) == "SIGKILL");
  CHECK(signal_name(35) == "SIG35");
  CHECK(signal_name(0) == "SIG0");
  CHECK(signal_name(-1) == "SIG-1");
}

TEST_CASE("fatal signals have CTest's names in its reports") {
  CHECK(ctest_exception_name(SIGSEGV) == "SEGFAULT");
  CHECK(ctest_exception_name(SIGILL) == "ILLEGAL");
  CHECK(ctest_exception_name(SIGINT) == "INTERRUPT");
  CHECK(ctest_exception_name(SIGFPE) == "NUMERICAL");
  CHECK(ctest_exception_name(SIGABRT) == "Subprocess aborted");
  CHECK(ctest_exception_name(SIGKILL) == "Subprocess killed");
  CHECK(ctest_exception_name(SIGTERM) == "Subprocess terminated");
  CHECK(ctest_exception_name(SIGUSR1) == "SIGUSR1");
}

TEST_CASE("a reporter that knows one event hears the others without a word") {
  int heard = 0;
  const auto listen = Overloaded{[&](const TestFinished&) { ++heard; }, [](const auto&) {}};
  for (const Event& event : {Event{RunStarted{}}, Event{TestFinished{}}, Event{BuildOutput{"x"}}, Event{RunFinished{}}})
    std::visit(listen, event);
  CHECK(heard == 1);
}
