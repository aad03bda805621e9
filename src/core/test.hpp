#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/launch.hpp"
#include "core/resource_groups.hpp"

namespace ptests {

struct SourceLocation {
  std::string file;
  int line = 0;  ///< 1-based; 0 when not known
};

/// One element of ENVIRONMENT_MODIFICATION, applied in order after ENVIRONMENT.
/// Source: cmake-properties, ENVIRONMENT_MODIFICATION.
struct EnvironmentChange {
  enum class Operation {
    reset,  ///< back to the value after ENVIRONMENT
    set,
    unset,
    string_append,
    string_prepend,
    path_list_append,
    path_list_prepend,
    cmake_list_append,
    cmake_list_prepend,
  };
  std::string name;
  Operation operation = Operation::set;
  std::string value;

  bool operator==(const EnvironmentChange&) const = default;
};

/// At most `most` tests of the group `name` run at the same time.
struct GroupUse {
  std::string name;
  int most = 1;
};

/// How often a test that failed runs again.
struct Retries {
  int count = 0;       ///< besides the first attempt
  Seconds delay{};     ///< before the first retry
  double backoff = 1;  ///< each further delay is so many times as long
};

/// What must hold before a test may start.
struct Requirements {
  int processors = 1;
  bool run_serial = false;
  double cost = 0;   ///< seconds, in place of what earlier runs took; 0 = not given
  int priority = 2;  ///< P0..P3: a test of a lower one starts earlier
  std::vector<std::string> locks;
  std::vector<GroupUse> groups;
  ResourceGroups resource_groups;    ///< slots of CTest's resource specification
  std::vector<std::string> depends;  ///< names of tests that end first, whatever their outcome
  std::vector<std::string> fixtures_setup;
  std::vector<std::string> fixtures_required;
  std::vector<std::string> fixtures_cleanup;
  std::vector<std::string> required_files;  ///< relative ones count from the working directory
};

/// What a test's end means. Regular expressions are in CMake's syntax and were checked by the reader.
struct Expectations {
  bool will_fail = false;
  std::optional<int> skip_return_code;
  std::vector<std::string> pass_regexes;
  std::vector<std::string> fail_regexes;
  std::vector<std::string> skip_regexes;
};

/// What it means when a test that passed left processes behind. They are killed in any case.
enum class LeakPolicy : std::uint8_t {
  report,  ///< Status::leaked, which counts as passed
  fail,    ///< it fails
  ignore,  ///< nothing is said
};

/// One of the sources that BUNDLE links into one executable. Its cases are tests as if it were an executable of its own.
struct BundledSource {
  std::string file;                 ///< absolute
  std::string name;                 ///< what the test of that executable would be called: "unit.net"
  std::vector<std::string> labels;  ///< what it says about its tests, besides what the suite does
  std::string level;
  std::string skip_reason;
  std::optional<Retries> retries;
};

/// With CTEST_CASES ctest has the cases of an executable as tests.
struct CTestCases {
  std::string file;        ///< where it finds them, as CMake code
  std::string executable;  ///< whose they are
};

/// One CTest test, from our manifest or imported.
struct Test {
  int number = 0;  ///< CTest's, 1-based
  std::string name;
  std::string suite;
  std::vector<std::string> targets;  ///< build targets it needs; empty when none is known
  std::vector<std::string> command;  ///< empty when CTest found no executable
  std::string working_directory;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::vector<EnvironmentChange> environment_changes;
  std::vector<std::string> sources;
  std::vector<std::string> labels;  ///< CTest's; what people call tags
  std::string level;                ///< "unit", "integration", "system"; "" when nobody said
  SourceLocation location;
  bool disabled = false;
  std::string skip_reason;         ///< not to be started, as its source says; "" = run it
  std::optional<Retries> retries;  ///< the run's win; nothing = none
  Requirements requirements;
  Expectations expectations;
  Limits limits;
  Capture capture = Capture::file;
  std::string framework;              ///< whose cases its executable has: "doctest", "gtest", ...; "" = none that we know of
  bool isolate_cases = false;         ///< each of them has a process of its own
  std::vector<BundledSource> bundle;  ///< empty unless its sources are bundled
  std::optional<CTestCases> ctest_cases;
  std::optional<LeakPolicy> leak;     ///< nothing = the run's
  std::optional<Seconds> leak_grace;  ///< how long what it left may take to end by itself; nothing = the run's
  std::string defect;                 ///< why it cannot run, when CTest gave it a property that makes no sense
  std::string declared_in;            ///< of an imported one: the file whose commands made it, as far as CTest knows
  /// The properties as they were read, by CTest's names, as JSON: for listings and for those we pass on only.
  std::map<std::string, std::string> properties;
  std::vector<std::string> suite_properties;  ///< those of them whose value is its suite's: an annotation in a source beats it
};

}  // namespace ptests
