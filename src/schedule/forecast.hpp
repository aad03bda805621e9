#pragma once

#include <vector>

#include "core/history.hpp"
#include "core/suite.hpp"
#include "schedule/resources.hpp"

namespace ptests {

/// What is expected of a test before it runs.
struct Forecast {
  Seconds duration{};          ///< COST where that is given; of one that nobody knows as long as the longest, so that it starts early
  bool failed_before = false;  ///< the last time it ran
  Demand demand;
};

/// For every test of the suite, by TestId. A test takes what it took before, rounded up; PROCESSORS above 1 is what people ask
/// for and counts always; a test without history takes its PROCESSORS and as much memory as its limit MEMORY allows.
std::vector<Forecast> forecast(const Suite& suite, const TestHistories& histories);

}  // namespace ptests
