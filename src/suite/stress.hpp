#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"

namespace ptests {

/// --stress: how often each test runs.
struct Stress {
  int copies = 1;  ///< of each test; when a time is given, of all tests together, at the most
  Seconds time{};  ///< nothing starts after it; 0 = all copies run

  /// How many copies each of so many tests has, at least one.
  int copies_of_each(std::size_t tests) const;
};

/// "100": so many copies; "30s", "5m": as many as start in that time.
Result<Stress> parse_stress(const std::string& text);

/// A suite in which tests stand several times.
struct Stressed {
  Suite suite;
  std::vector<TestId> tests;
  std::vector<TestId> originals;  ///< by TestId of `suite`: what it is a copy of

  /// What was known by TestId of the original suite, for this one.
  template <class T>
  std::vector<T> take_from(const std::vector<T>& known) const {
    std::vector<T> result;
    result.reserve(originals.size());
    for (const TestId original : originals) result.push_back(known[original]);
    return result;
  }
};

/// `copies` of each of the `selected` tests, one after the other of all tests, so that every test runs early: "net.t1 (17)". Those that set
/// up or clean up a fixture of another one run once. A copy that depends on a test waits for that one's first copy.
Stressed stress(const Suite& suite, const std::vector<TestId>& selected, int copies);
/// The name of the test that `copy` is a copy of.
std::string original_name(const Test& copy);

}  // namespace ptests
