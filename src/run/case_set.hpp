#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_tail.hpp"
#include "core/fact.hpp"
#include "core/test_case.hpp"
#include "framework/adapter.hpp"
#include "framework/tap.hpp"
#include "run/case_list.hpp"
#include "run/case_run.hpp"

namespace ptests {

/// The executable of one test whose cases are tests: what the Runner keeps of it.
struct CaseSet {
  TestId parent = 0;
  std::string folder;  ///< of its logs and what its processes say
  std::unique_ptr<Adapter> adapter;
  std::string identity;         ///< what the list of its cases depends on
  bool has_listener = false;    ///< the executable has one of ours
  std::vector<TestCase> cases;  ///< in the order of the framework
  std::string stamp;            ///< file_stamp() of the executable from before it listed them, with CTEST_CASES
  std::vector<Test*> tests;     ///< what reporters hear of them
  std::optional<CaseRun> run;   ///< once they are listed
  bool is_offered = false;      ///< the plan may give it out for one more process
  bool any_failed = false;
  int delayed = 0;                ///< cases that run again, but not yet
  std::optional<Outcome> fault;   ///< of the executable itself
  std::vector<ProcessInfo> left;  ///< what its processes left running
  /// Of cases that run more than once.
  struct Past {
    int attempts = 0;
    std::vector<TestResult> earlier;
    std::vector<TestResult> retries;  ///< those of them that were followed by a retry
  };
  std::map<std::size_t, Past> past;
};

/// The points of one attempt of a program that speaks TAP.
struct PointSet {
  CaseSet cases;  ///< one a point
  TapStream stream;
};

/// Of attempts before the one that counts, by the names of cases.
using EarlierResults = std::map<std::string, std::vector<TestResult>>;

/// A process that lists the cases of an executable, or runs some of them. It is a test to whatever starts, watches and kills it.
struct CaseProcess {
  CaseSet* set = nullptr;
  Test test;                         ///< what is started
  std::optional<std::size_t> batch;  ///< nothing: it lists the cases
  CasePlaces places;
  std::string events;  ///< the file our listener writes
  std::string log;
  std::unique_ptr<CaseReader> reader;
  std::optional<FileTail> stream;    ///< that `reader` reads
  std::optional<std::size_t> shown;  ///< the case whose start reporters heard of
  int slot = 0;
  std::chrono::steady_clock::time_point started;
  std::chrono::system_clock::time_point started_wall;
};

/// Whether the test can be told of one of its cases, not only of the whole.
bool can_have_cases(const Test& test);

/// A process of `set`, whose files begin with `name` in its folder; nothing is set that depends on what it does.
std::unique_ptr<CaseProcess> make_case_process(CaseSet& set, const Test& parent, std::string_view name);

/// What all tests that stand for a case of `parent` have in common.
Test make_case_pattern(const Test& parent);
/// A test that stands for a case.
Test make_case_test(const Test& pattern, const TestCase& of);

/// What of the output of `process` belongs to a case, in a file of its own, besides its framework's words when these stand elsewhere. The
/// whole log when nobody tells which part it is and the case did not pass. "" when there is nothing.
std::string cut_case_log(const CaseProcess& process, const CaseVerdict& verdict, int attempt);

}  // namespace ptests
