#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/build_step.hpp"
#include "core/outcome.hpp"
#include "core/suite.hpp"

namespace ptests {

/// Which part of the tests a run with --shard has. Parts make a whole when all but `index` is the same.
struct ShardPart {
  int index = 1;  ///< 1..count
  int count = 1;
  std::size_t tests = 0;  ///< names that were divided
  std::string selection;  ///< a hash of these
  std::string division;   ///< a hash of which name is in which shard
};

/// What the run does, as every Reporter hears it. Pointers live as long as the Suite.
struct RunStarted {
  std::string run_id;  ///< unique on this host
  const BuildTree* tree = nullptr;
  std::vector<const Test*> tests;  ///< the selected ones, in CTest's order
  int jobs = 1;
  std::chrono::system_clock::time_point time;
  std::string resumes;   ///< run_id of the interrupted run that this one continues; else ""
  std::size_t kept = 0;  ///< results of that: ResultKept follows for each
  std::string host;
  std::string version;  ///< of ptests
  std::optional<ShardPart> shard;
  std::size_t project_tests = 0;  ///< to choose from
};
/// A result of the interrupted run that this one continues: it stands in the reports of this one too.
struct ResultKept {
  TestResult result;
};
struct BuildStarted {
  std::string command;
};
struct BuildOutput {
  std::string line;
  bool is_progress = false;  ///< only tells how far the build is
};
/// How much there is to build, where the build tool tells that beforehand.
struct BuildMeasured {
  int commands = 0;
};
/// A compiler or linker was started. Commands without a launcher of ours are not told.
struct StepStarted {
  StepId step = 0;
  const BuildStep* what = nullptr;  ///< lives as long as the event
};
struct StepFinished {
  StepId step = 0;
  const BuildStep* what = nullptr;  ///< lives as long as the event
  StepResult result;
  std::chrono::system_clock::time_point started;
  std::string failure;  ///< why the tests of its target do not run, in whole lines; "" when it is not for this step
};
struct BuildFinished {
  bool ok = true;
  Seconds duration{};
  std::string error;
};
struct TestStarted {
  const Test* test = nullptr;
  int attempt = 1;
  int slot = 0;
  std::chrono::system_clock::time_point time;
};
/// The cases of a test's executable that will run are known: they are tests from here on, in place of `parent`. When the executable itself
/// fails besides, a TestFinished of `parent` follows, one more than was counted.
struct CasesListed {
  const Test* parent = nullptr;
  std::vector<const Test*> cases;  ///< live until the reporters have finished
  std::optional<TestResult> run;   ///< how the one process ended that ran them all, where that is so
};
/// A test was killed to protect the machine; it will run again, alone.
struct TestRequeued {
  const Test* test = nullptr;
  std::string reason;
};
/// Something people should know that is no test's result: tests are held back, leftovers of an earlier run were removed.
struct Notice {
  std::string text;
};
/// An attempt ended, and the test runs once more.
struct AttemptFinished {
  TestResult result;
  Seconds delay{};  ///< until the next one may start
};
struct TestFinished {
  TestResult result;
};
struct RunFinished {
  Seconds duration{};
  std::chrono::system_clock::time_point time;
  int signal = 0;          ///< the one that interrupted the run, else 0
  std::string stopped_by;  ///< why we stopped the run ourselves: "to protect the machine (disk: 1.0 MiB free)"; else ""
};

using Event = std::variant<RunStarted, ResultKept, BuildStarted, BuildMeasured, BuildOutput, StepStarted, StepFinished, BuildFinished,
                           TestStarted, CasesListed, AttemptFinished, TestFinished, TestRequeued, Notice, RunFinished>;

/// `std::visit` with lambdas; a reporter ends its list with one that takes any other event.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace ptests
