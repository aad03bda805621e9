#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/outcome.hpp"

namespace ptests {

/// What earlier runs tell of a test. Means give the latest run half the weight, the one before it a quarter, and so on.
struct TestHistory {
  int runs = 0;                      ///< results that are known of it, those without a process left out
  Seconds duration{};                ///< mean wall time of an attempt; of those that passed, if one did
  double processors = 1;             ///< mean CPU time / wall time of these: 0.01 = it sleeps, 4.0 = it keeps four busy
  std::uint64_t peak_rss_bytes = 0;  ///< the greatest of the last ten runs
  Status last = Status::passed;      ///< how it ended the last time
  int failures = 0;                  ///< results that counted as failures
  int flaky = 0;                     ///< results that passed on a retry only
  bool outstanding = false;          ///< a run that was to run it ended before it had a result

  /// Whether any is known. Who passed has run; without a process a test ends in another way, and `last` is that.
  bool has_result() const { return runs > 0 || last != Status::passed; }
};

/// What earlier builds tell of a target: the sums of the latest times of each of its sources and of its link.
struct TargetHistory {
  Seconds compile{};
  Seconds link{};
  std::uint64_t compile_rss_bytes = 0;  ///< of its hungriest compiler
  std::uint64_t link_rss_bytes = 0;     ///< of its linker
  std::uint64_t peak_rss_bytes() const { return std::max(compile_rss_bytes, link_rss_bytes); }
  int warnings = 0;  ///< of the latest builds of its sources
};

/// By the names of targets.
using TargetHistories = std::unordered_map<std::string, TargetHistory>;

/// By the names of tests.
using TestHistories = std::unordered_map<std::string, TestHistory>;

}  // namespace ptests
