#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/launch.hpp"

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
};

/// What must hold before a test may start.
struct Requirements {
  int processors = 1;
  bool run_serial = false;
  double cost = 0;  ///< a test of higher COST starts earlier
  std::vector<std::string> locks;
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
  std::vector<std::string> labels;
  SourceLocation location;
  bool disabled = false;
  Requirements requirements;
  Expectations expectations;
  Limits limits;
  Capture capture = Capture::file;
  std::optional<LeakPolicy> leak;     ///< nothing = the run's
  std::optional<Seconds> leak_grace;  ///< how long what it left may take to end by itself; nothing = the run's
  std::string defect;                 ///< why it cannot run, when CTest gave it a property that makes no sense
  /// The properties as they were read, by CTest's names, as JSON: for listings and for those we pass on only.
  std::map<std::string, std::string> properties;
};

}  // namespace ptests
