#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "schedule/shard.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Tests = std::vector<TestId>;

std::vector<Forecast> forecasts_of(const std::vector<double>& seconds) {
  std::vector<Forecast> forecasts(seconds.size());
  for (std::size_t i = 0; i < seconds.size(); ++i) forecasts[i].duration = Seconds(seconds[i]);
  return forecasts;
}

std::vector<Tests> all_shards(const Suite& suite, const Tests& selected, const std::vector<Forecast>& forecasts, HistoryKnown history,
                              int count) {
  std::vector<Tests> shards;
  for (int index = 1; index <= count; ++index) shards.push_back(shard_tests(suite, selected, forecasts, history, {index, count}).tests);
  return shards;
}

/// The names in each shard: "a c | b".
std::string show(const Suite& suite, const std::vector<Tests>& shards) {
  Words texts;
  for (const Tests& shard : shards) {
    Words names;
    for (const TestId id : shard) names.push_back(suite.tests[id].name);
    texts.push_back(fmt::format("{}", fmt::join(names, " ")));
  }
  return fmt::format("{}", fmt::join(texts, " | "));
}

std::string balanced(const Suite& suite, const std::vector<double>& seconds, int count) {
  return show(suite, all_shards(suite, all_of(suite), forecasts_of(seconds), HistoryKnown::yes, count));
}

Requirements& wants(Suite& suite, TestId id) { return suite.tests[id].requirements; }

bool holds(const Tests& shard, TestId id) { return std::binary_search(shard.begin(), shard.end(), id); }

/// Edges go from lower to higher numbers, so that there is no cycle.
Suite random_suite(Dice& dice) {
  Suite suite = make_suite({});
  const int size = 1 + dice.roll(30);
  for (int i = 0; i < size; ++i) {
    Test test = make_test(i + 1, fmt::format("t{}", i));
    Requirements& wanted = test.requirements;
    if (i > 0 && dice.roll(5) == 0) wanted.depends.push_back(fmt::format("t{}", dice.roll(i)));
    if (dice.roll(20) == 0) wanted.depends.emplace_back("nobody");
    const std::string fixture(1, static_cast<char>('f' + dice.roll(3)));
    // Set-ups stand in the first third, clean-ups in the last; some of these require the fixture above theirs.
    if (dice.roll(4) == 0)
      (3 * i < size ? wanted.fixtures_setup : 3 * i < 2 * size ? wanted.fixtures_required : wanted.fixtures_cleanup) = {fixture};
    if (dice.roll(10) == 0 && fixture != "h") wanted.fixtures_required = {std::string(1, static_cast<char>(fixture[0] + 1))};
    suite.tests.push_back(std::move(test));
  }
  return suite;
}

std::vector<double> random_seconds(Dice& dice, std::size_t size) {
  std::vector<double> seconds(size);
  for (double& duration : seconds) duration = dice.roll(4) == 0 ? 0 : dice.roll(100) / 10.0;
  return seconds;
}

/// Whether something among `selected` requires a fixture that `id` sets up or cleans up.
bool is_of_fixture(const Suite& suite, const Tests& selected, TestId id) {
  const Requirements& own = suite.tests[id].requirements;
  return std::any_of(selected.begin(), selected.end(), [&](TestId other) {
    const Words& required = suite.tests[other].requirements.fixtures_required;
    return other != id && std::any_of(required.begin(), required.end(), [&](const std::string& fixture) {
             return std::count(own.fixtures_setup.begin(), own.fixtures_setup.end(), fixture) > 0 ||
                    std::count(own.fixtures_cleanup.begin(), own.fixtures_cleanup.end(), fixture) > 0;
           });
  });
}

/// "" or which rule the shards break.
std::string fault_of(const Suite& suite, const Tests& selected, const std::vector<Tests>& shards) {
  std::set<TestId> seen;
  for (const Tests& shard : shards) {
    if (!std::is_sorted(shard.begin(), shard.end())) return "not in order";
    if (std::adjacent_find(shard.begin(), shard.end()) != shard.end()) return "twice in a shard";
    for (const TestId id : shard) {
      const bool is_new = seen.insert(id).second;
      if (!is_new && !is_of_fixture(suite, selected, id)) return suite.tests[id].name + " is in two shards";
    }
    for (const TestId id : selected) {
      for (const TestId other : shard) {
        const Requirements& wanted = suite.tests[other].requirements;
        const Requirements& own = suite.tests[id].requirements;
        const auto meets = [&](const Words& fixtures) {
          return std::any_of(fixtures.begin(), fixtures.end(), [&](const std::string& fixture) {
            return std::count(wanted.fixtures_required.begin(), wanted.fixtures_required.end(), fixture) > 0;
          });
        };
        const bool needed = meets(own.fixtures_setup) || meets(own.fixtures_cleanup) ||
                            std::count(wanted.depends.begin(), wanted.depends.end(), suite.tests[id].name) > 0;
        if (needed && !holds(shard, id)) return fmt::format("{} is without {}", suite.tests[other].name, suite.tests[id].name);
      }
    }
  }
  return seen == std::set<TestId>(selected.begin(), selected.end()) ? "" : "the union is another";
}

/// What the tests take that are in this shard alone.
double seconds_of(const Tests& shard, const std::vector<double>& seconds, const Suite& suite, const Tests& selected) {
  double sum = 0;
  for (const TestId id : shard)
    if (!is_of_fixture(suite, selected, id)) sum += seconds[id];
  return sum;
}

}  // namespace

TEST_CASE("a shard is K/N") {
  const Result<Shard> shard = parse_shard("2/5");
  REQUIRE(shard);
  CHECK(shard->index == 2);
  CHECK(shard->count == 5);
  CHECK(parse_shard("1/1"));
  for (const char* text : {"", "2", "/", "2/", "/5", "2/5/6", "a/5", "2/b", "2.0/5", " 2/5"}) {
    CAPTURE(text);
    CHECK(message(parse_shard(text)) == fmt::format("--shard: expected K/N, got \"{}\"", text));
  }
  CHECK(message(parse_shard("1/0")) == "--shard: \"1/0\": there must be at least one shard");
  CHECK(message(parse_shard("0/5")) == "--shard: there is no shard 0 of 5");
  CHECK(message(parse_shard("6/5")) == "--shard: there is no shard 6 of 5");
  CHECK(message(parse_shard("-1/5")) == "--shard: there is no shard -1 of 5");
  CHECK(hint(parse_shard("6/5")) == "they are 1/5 to 5/5");
}

TEST_CASE("the longest goes first to the shard that has the least to do") {
  const Suite suite = make_suite({"a", "b", "c", "d", "e"});
  CHECK(balanced(suite, {1, 5, 3, 2, 4}, 2) == "a b d | c e");
  CHECK(balanced(suite, {1, 5, 3, 2, 4}, 1) == "a b c d e");
  CHECK(balanced(suite, {1, 5, 3, 2, 4}, 7) == "b | e | c | d | a |  | ");
}

TEST_CASE("tests that take no time are spread too") {
  const Suite suite = make_suite({"a", "b", "c", "d"});
  CHECK(balanced(suite, {0, 0, 0, 0}, 2) == "a c | b d");
}

TEST_CASE("tests connected by DEPENDS stay together") {
  Suite suite = make_suite({"a", "b", "c", "d", "e"});
  wants(suite, 0).depends = {"c"};
  wants(suite, 4).depends = {"c", "nobody"};
  CHECK(balanced(suite, {1, 1, 1, 1, 1}, 2) == "a c e | b d");
}

TEST_CASE("tests of fixtures are in every shard that needs them") {
  Suite suite = make_suite({"setup", "x", "y", "z", "cleanup", "other", "lonely"});
  wants(suite, 0).fixtures_setup = {"db"};
  for (const TestId id : {TestId{1}, TestId{2}}) wants(suite, id).fixtures_required = {"db"};
  wants(suite, 4).fixtures_cleanup = {"db"};
  wants(suite, 6).fixtures_setup = {"nobody's"};
  CHECK(balanced(suite, {9, 5, 4, 3, 9, 2, 1}, 2) == "setup x cleanup other lonely | setup y z cleanup");
  CHECK(balanced(suite, {9, 5, 4, 3, 9, 2, 1}, 5) == "setup x cleanup | setup y cleanup | z | other | lonely");
}

TEST_CASE("a fixture's fixture comes along") {
  Suite suite = make_suite({"net", "db", "x", "y"});
  wants(suite, 0).fixtures_setup = {"net"};
  wants(suite, 1).fixtures_setup = {"db"};
  wants(suite, 1).fixtures_required = {"net"};
  wants(suite, 3).fixtures_required = {"db"};
  CHECK(balanced(suite, {0, 0, 2, 1}, 2) == "x | net db y");
  // Nobody requires db then: it is a test like any other, and needs net itself.
  wants(suite, 3).fixtures_required.clear();
  CHECK(balanced(suite, {0, 3, 2, 1}, 2) == "net db | x y");
}

TEST_CASE("who depends on a fixture's test gets the fixture; what a fixture's test depends on keeps its users together") {
  Suite suite = make_suite({"make", "setup", "cleanup", "x", "y", "z"});
  wants(suite, 1).fixtures_setup = {"db"};
  wants(suite, 2).fixtures_cleanup = {"db"};
  wants(suite, 3).fixtures_required = {"db"};
  wants(suite, 4).depends = {"setup"};
  CHECK(balanced(suite, {1, 9, 9, 4, 4, 2}, 2) == "setup cleanup x z | make setup cleanup y");
  wants(suite, 1).depends = {"make"};
  CHECK(balanced(suite, {1, 9, 9, 4, 4, 2}, 2) == "make setup cleanup x y | z");
}

TEST_CASE("tests that only require each other's fixtures are in some shard all the same") {
  Suite suite = make_suite({"a", "b"});
  wants(suite, 0).fixtures_setup = {"f"};
  wants(suite, 0).fixtures_required = {"g"};
  wants(suite, 1).fixtures_setup = {"g"};
  wants(suite, 1).fixtures_required = {"f"};
  const std::vector<Tests> shards = all_shards(suite, {0, 1}, {}, HistoryKnown::no, 3);
  std::set<TestId> seen;
  for (const Tests& shard : shards) seen.insert(shard.begin(), shard.end());
  CHECK(seen.size() == 2);
}

TEST_CASE("a test that requires the fixture it sets up is no fixture's test for that alone") {
  Suite suite = make_suite({"own", "other", "x"});
  for (const TestId id : {TestId{0}, TestId{1}}) wants(suite, id).fixtures_setup = {"f"};
  wants(suite, 0).fixtures_required = {"f"};
  CHECK(balanced(suite, {1, 1, 1}, 3) == "own other | x | ");
}

TEST_CASE("without a history a name decides, whatever else there is") {
  Suite suite = make_suite({});
  for (int i = 0; i < 1000; ++i) suite.tests.push_back(make_test(i + 1, fmt::format("unit.case_{}", i)));
  const std::vector<Tests> shards = all_shards(suite, all_of(suite), {}, HistoryKnown::no, 4);
  for (const Tests& shard : shards) {
    CHECK(shard.size() > 200);
    CHECK(shard.size() < 300);
  }
  Tests some;
  for (const TestId id : all_of(suite))
    if (id % 3 != 0) some.push_back(id);
  const std::vector<Tests> of_some = all_shards(suite, some, {}, HistoryKnown::no, 4);
  for (std::size_t i = 0; i < shards.size(); ++i)
    for (const TestId id : of_some[i]) CHECK(holds(shards[i], id));
}

TEST_CASE("which shard a name is in never changes") {
  // XXH3 of these names: machines of different versions share the tests of one run.
  const Suite suite = make_suite({"a", "b", "c", "d", "unit.add", "net/slow"});
  CHECK(show(suite, all_shards(suite, all_of(suite), {}, HistoryKnown::no, 3)) == "c | a d unit.add | b net/slow");
}

TEST_CASE("parts of one division tell the same, of another selection or division something else") {
  const Suite suite = make_suite({"a", "b", "c", "d"});
  const auto part = [&](const Tests& selected, const std::vector<double>& times, HistoryKnown history, Shard shard) {
    const ShardPart told = shard_tests(suite, selected, forecasts_of(times), history, shard).part;
    CHECK(told.index == shard.index);
    CHECK(told.count == shard.count);
    CHECK(told.tests == selected.size());
    return told;
  };
  const std::vector<double> seconds{4, 3, 2, 1};
  const ShardPart first = part({0, 1, 2, 3}, seconds, HistoryKnown::yes, {1, 2});
  // XXH3 of the names with a NUL behind each: machines of different versions share the tests of one run.
  CHECK(first.selection == "82f08685bb7daf93");
  CHECK(first.division.size() == 16);
  const ShardPart second = part({3, 2, 1, 0}, seconds, HistoryKnown::yes, {2, 2});
  CHECK(second.selection == first.selection);
  CHECK(second.division == first.division);

  const ShardPart of_less = part({0, 1, 2}, seconds, HistoryKnown::yes, {2, 2});
  CHECK(of_less.selection != first.selection);
  for (const ShardPart& other :
       {part({0, 1, 2, 3}, {1, 1, 1, 9}, HistoryKnown::yes, {2, 2}), part({0, 1, 2, 3}, seconds, HistoryKnown::no, {2, 2}),
        part({0, 1, 2, 3}, seconds, HistoryKnown::yes, {2, 3})}) {
    CHECK(other.selection == first.selection);
    CHECK(other.division != first.division);
  }
  // What is not used makes no difference.
  CHECK(part({0, 1, 2, 3}, {1, 1, 1, 9}, HistoryKnown::no, {2, 2}).division ==
        part({0, 1, 2, 3}, seconds, HistoryKnown::no, {1, 2}).division);
}

TEST_CASE("a name that several tests have is counted once") {
  const Suite suite = make_suite({"a", "b", "a"});
  CHECK(shard_tests(suite, all_of(suite), {}, HistoryKnown::no, {1, 2}).part.tests == 2);
}

TEST_CASE("random suites: every test in its shards, the same whoever asks, and even") {
  Dice dice(3);
  std::mt19937 engine(4);
  int several = 0;
  int even = 0;
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    const Suite suite = random_suite(dice);
    Tests selected;
    for (const TestId id : all_of(suite))
      if (dice.roll(8) != 0) selected.push_back(id);
    const std::vector<double> seconds = random_seconds(dice, suite.tests.size());
    const std::vector<Forecast> forecasts = forecasts_of(seconds);
    const int count = 1 + dice.roll(5);
    for (const HistoryKnown history : {HistoryKnown::no, HistoryKnown::yes}) {
      const std::vector<Tests> shards = all_shards(suite, selected, forecasts, history, count);
      CHECK(fault_of(suite, selected, shards) == "");
      Tests shuffled = selected;
      std::shuffle(shuffled.begin(), shuffled.end(), engine);
      CHECK(all_shards(suite, shuffled, forecasts, history, count) == shards);
      for (const TestId id : selected)
        several += std::count_if(shards.begin(), shards.end(), [id](const Tests& shard) { return holds(shard, id); }) > 1 ? 1 : 0;
      if (history == HistoryKnown::no) continue;
      // A group is what is together even when there are more shards than tests.
      const int many = static_cast<int>(suite.tests.size()) + 1;
      double longest = 0;
      std::vector<double> groups;
      for (const Tests& group : all_shards(suite, selected, forecasts, history, many)) {
        groups.push_back(seconds_of(group, seconds, suite, selected));
        longest = std::max(longest, groups.back());
      }
      const double mean = std::accumulate(groups.begin(), groups.end(), 0.0) / count;
      double largest = 0;
      double least = mean;
      for (const Tests& shard : shards) {
        const double sum = seconds_of(shard, seconds, suite, selected);
        largest = std::max(largest, sum);
        least = std::min(least, sum);
      }
      CHECK(largest <= least + longest + 1e-9);
      // 4/3 of the mean is out of reach for few long groups, two equal ones more than there are shards, say.
      if (longest <= mean / 3) {
        ++even;
        CHECK(largest <= 4 * mean / 3 + 1e-9);
      }
    }
  }
  CHECK(several > 1000);
  CHECK(even > 100);
}

TEST_CASE("10,000 tests of one fixture are sharded in no time") {
  Suite suite = make_suite({});
  for (int i = 0; i < 10'000; ++i) {
    suite.tests.push_back(make_test(i + 1, fmt::format("t{}", i)));
    suite.tests.back().requirements.fixtures_required = {"db"};
  }
  wants(suite, 0).fixtures_required.clear();
  wants(suite, 0).fixtures_setup = {"db"};
  const std::vector<Forecast> forecasts = forecasts_of(std::vector<double>(suite.tests.size(), 1));
  CHECK(shard_tests(suite, all_of(suite), forecasts, HistoryKnown::yes, {2, 10}).tests.size() == 1001);
}
