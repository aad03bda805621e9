#pragma once

#include <set>

#include "core/event.hpp"

namespace ptests {

/// How many results a run will have, as far as that is known: cases take the place of the test of their executable.
class TestTotal {
 public:
  void on(const RunStarted& event) { total_ = event.tests.size() + event.kept; }
  void on(const CasesListed& event) {
    total_ += event.cases.size();
    if (replaced_.insert(event.parent).second) --total_;
  }
  /// The executable itself failed, besides what its cases did.
  void on(const TestResult& result) { total_ += replaced_.erase(result.test); }

  std::size_t value() const { return total_; }

 private:
  std::size_t total_ = 0;
  std::set<const Test*> replaced_;
};

}  // namespace ptests
