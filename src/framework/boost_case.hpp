#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ptests {

/// What TestCase::id says of a case of Boost.Test: its path, and in lines behind it what no other member of TestCase can say.
struct BoostCase {
  std::string path;                ///< "suite/sub/case"
  int expected_failures = 0;       ///< so many assertions may fail
  std::vector<std::string> needs;  ///< paths of cases and suites on which it, or a suite it is in, depends
};

std::string boost_id(const BoostCase& of);
BoostCase parse_boost_id(std::string_view id);

/// Whether `path` is `unit` or stands in that suite.
bool is_at_or_below(std::string_view path, std::string_view unit);

/// The digits of a number that Boost may have written in the manner of a locale: "1.234".
int boost_number(std::string_view text);

}  // namespace ptests
