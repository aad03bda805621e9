#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/event.hpp"
#include "core/fact.hpp"
#include "core/suite.hpp"
#include "schedule/forecast.hpp"

namespace ptests {

/// One of `count` runs that share the tests.
struct Shard {
  int index = 1;  ///< 1..count
  int count = 1;
};

/// "2/5": the second of five.
Result<Shard> parse_shard(std::string_view text);

/// Whether the forecasts come from earlier runs that all shards know of.
enum class HistoryKnown : std::uint8_t { no, yes };

struct ShardTests {
  std::vector<TestId> tests;
  ShardPart part;  ///< tells whether other shards belong to this one
};

/// Those of the `selected` tests that belong to this shard, in CTest's order.
/// - Tests that set up or clean up a fixture are in every shard that has a test requiring it; one whose fixture nobody requires is a test
///   like any other. Every other test is in one shard.
/// - Tests connected by DEPENDS stay together. Who depends on a fixture's test gets it as if he required the fixture; if a fixture's test
///   depends on another test, all that require the fixture are together with that.
/// - With a history the longest group goes first to the shard that has the least to do (LPT): a shard without its smallest group has
///   no more to do than any other. The result depends on the set of tests and their forecasts alone; shards on different machines fit
///   together when these have the same history.
/// - Without one nobody needs to know more than the names: the XXH3 hash of the alphabetically first name of a group, modulo `count`,
/// decides: a test stays in its shard while
///   others come and go.
ShardTests shard_tests(const Suite& suite, const std::vector<TestId>& selected, const std::vector<Forecast>& forecasts,
                       HistoryKnown history, Shard shard);

}  // namespace ptests
