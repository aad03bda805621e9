#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/test_case.hpp"

namespace ptests {

/// What an executable told of its cases.
struct CaseList {
  std::vector<TestCase> cases;
  bool has_listener = false;  ///< the executable has one of ours
};

/// What the list of the cases of `test` depends on: its framework, its command, its environment, and the files of the command with the
/// shared libraries of the project that they load, each by path, size, time and inode. "" when that cannot be told: its program is not
/// named by its path.
std::string identity_of_cases(const Test& test);

/// Where the list of the test whose output goes to `log` is kept: beside it.
std::string case_list_file(const std::string& log);
/// Nothing when there is none of that identity.
std::optional<CaseList> read_case_list(const std::string& file, const std::string& identity);
/// Without a word about errors: the cases are listed again then.
void write_case_list(const std::string& file, const std::string& identity, const CaseList& list);

}  // namespace ptests
