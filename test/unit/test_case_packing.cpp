#include "run/case_packing.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using Choice = Adapter::Choice;
using Cases = CasePacking::Cases;
using Expected = std::vector<std::optional<Seconds>>;

std::vector<TestCase> make_cases(std::size_t count, const Cases& disabled = {}) {
  std::vector<TestCase> cases(count);
  for (const std::size_t index : disabled) cases[index].disabled = true;
  return cases;
}

Cases first(std::size_t count) {
  Cases cases(count);
  std::iota(cases.begin(), cases.end(), std::size_t{0});
  return cases;
}

std::string show(const std::vector<Cases>& packed) {
  Words words;
  for (const Cases& cases : packed) words.push_back(fmt::format("{}", fmt::join(cases, " ")));
  return fmt::format("{}", fmt::join(words, "|"));
}

std::string show_sizes(const std::vector<Cases>& packed) {
  Words words;
  for (const Cases& cases : packed) words.push_back(fmt::format("{}", cases.size()));
  return fmt::format("{}", fmt::join(words, " "));
}

/// All of so many cases, each of them taking `each` seconds.
std::string sizes(std::size_t count, double each, int processes, const BatchOptions& options = {}) {
  const CasePacking packing(make_cases(count), Expected(count, Seconds(each)), processes, Choice::any, options);
  return show_sizes(packing.pack(first(count)));
}

std::string pack(const Expected& expected, int processes, double target) {
  const CasePacking packing(make_cases(expected.size()), expected, processes, Choice::any, {.target = Seconds(target)});
  return show(packing.pack(first(expected.size())));
}

constexpr auto in_seconds = [](double seconds) { return std::optional(Seconds(seconds)); };

}  // namespace

TEST_CASE("case packing: without durations each slot gets an equal part") {
  const auto sizes_of = [](std::size_t count, int processes) {
    const CasePacking packing(make_cases(count), {}, processes, Choice::any, {});
    return show_sizes(packing.pack(first(count)));
  };
  CHECK(sizes_of(0, 4).empty());
  CHECK(sizes_of(1, 4) == "1");
  CHECK(sizes_of(3, 4) == "1 1 1");
  CHECK(sizes_of(100, 4) == "25 25 25 25");
  CHECK(sizes_of(10, 4) == "3 2 3 2");
  CHECK(sizes_of(5, 0) == "5");
}

TEST_CASE("case packing: processes take about the target, and keep all slots busy to the end") {
  CHECK(sizes(1000, 0.000015, 2) == "1000");  // not worth a second process
  CHECK(sizes(30, 0.001, 2) == "30");         // the same
  CHECK(sizes(60, 0.001, 2) == "30 30");      // two of 30 ms
  CHECK(sizes(60, 0.001, 8) == "20 20 20");   // none below 20 ms
  CHECK(sizes(10, 0.1, 2) == "5 5");          // 0.5 s each
  CHECK(sizes(12, 0.1, 2) == "3 3 3 3");      // three would leave a slot idle
  CHECK(sizes(3, 10, 2) == "1 1 1");          // no more than there are cases
  CHECK(sizes(4, 0.1, 2, {.target = Seconds(0)}) == "1 1 1 1");
  CHECK(sizes(4, 0, 2) == "4");
  CHECK(sizes(4, 0.1, 2, {.target = Seconds(1e9)}) == "2 2");
  CHECK(sizes(3, 0.001, 2, {.mode = BatchOptions::Mode::isolated}) == "1 1 1");
  CHECK(sizes(3, 10, 2, {.mode = BatchOptions::Mode::whole}) == "3");
}

TEST_CASE("case packing: parts are balanced and neighbours stay together") {
  const auto s = in_seconds;
  CHECK(pack({s(3), s(1), s(1), s(1)}, 2, 3) == "0|1 2 3");
  CHECK(pack({s(1), s(1), s(1), s(3)}, 2, 3) == "0 1 2|3");
  CHECK(pack({s(1), s(9), s(1), s(1)}, 2, 6) == "0 1|2 3");
  CHECK(pack({s(0.1), s(9), s(0.1), s(0.1), s(0.1)}, 3, 5) == "0|1|2 3 4");
  CHECK(pack({s(0), s(0), s(0), s(1), s(1)}, 2, 1) == "0 1 2 3|4");
}

TEST_CASE("case packing: unknown durations count as the mean when half of them are known") {
  const auto s = in_seconds;
  CHECK(pack({s(1), std::nullopt, s(3), std::nullopt}, 1, 4) == "0 1|2 3");            // 1 2 3 2
  CHECK(pack({s(1), std::nullopt, std::nullopt, std::nullopt}, 2, 0.1) == "0 1|2 3");  // as if none was known
  const double not_a_number = std::nan("");
  const double forever = std::numeric_limits<double>::infinity();
  CHECK(pack({s(not_a_number), s(-1), s(forever), std::nullopt}, 2, 0.1) == "0 1|2 3");
}

TEST_CASE("case packing: a range holds neighbours only, not counting disabled ones") {
  const auto pack_range = [](const Cases& disabled, const Cases& chosen, int processes) {
    const CasePacking packing(make_cases(10, disabled), {}, processes, Choice::range, {});
    return show(packing.pack(chosen));
  };
  CHECK(pack_range({}, first(10), 1) == "0 1 2 3 4 5 6 7 8 9");
  CHECK(pack_range({}, {0, 1, 2, 5, 6, 9}, 1) == "0 1 2|5 6|9");
  CHECK(pack_range({3, 4}, {1, 2, 5, 6, 9}, 1) == "1 2 5 6|9");
  CHECK(pack_range({3, 4}, {1, 2, 3, 5, 6}, 1) == "3|1 2 5 6");
  CHECK(pack_range({0, 9}, {0, 1, 9}, 1) == "0|9|1");
  CHECK(pack_range({3}, {0, 1, 2, 4, 5, 6, 7}, 2) == "0 1 2 4|5 6 7");
}

TEST_CASE("case packing: what is left is split only when it is long") {
  const auto split = [](double each, int free, Choice choice = Choice::any) {
    const CasePacking packing(make_cases(12, {5}), Expected(12, Seconds(each)), 4, choice, {});
    return show_sizes(packing.split({2, 3, 4, 6, 7, 8, 9, 10}, free));
  };
  CHECK(split(0.05, 4) == "8");
  CHECK(split(0.1, 4) == "4 4");
  CHECK(split(1, 4) == "2 2 2 2");
  CHECK(split(1, 1) == "8");
  CHECK(split(1, 0) == "8");
  CHECK(split(1, -3) == "8");
  CHECK(split(1, 2, Choice::range) == "4 4");
  CHECK(split(1, 2, Choice::all) == "4 4");

  CasePacking unknown(make_cases(100), {}, 4, Choice::any, {});
  CHECK(show_sizes(unknown.split(first(50), 4)) == "50");
  unknown.learn(99, Seconds(1));
  CHECK(show_sizes(unknown.split(first(50), 2)) == "25 25");
  CHECK(show_sizes(unknown.split({}, 2)).empty());
}

TEST_CASE("case packing: what a case took is expected of it again, and of others that are not known") {
  CasePacking packing(make_cases(3), {in_seconds(2)}, 1, Choice::any, {});
  CHECK(packing.expected({0, 1}) == Seconds(4));
  packing.learn(0, Seconds(1));
  CHECK(packing.expected({0}) == Seconds(2));
  packing.expect_at_least(0, Seconds(60));
  CHECK(packing.expected({0}) == Seconds(60));
  CHECK(packing.expected({1}) == Seconds(2));
  packing.learn(1, Seconds(1));
  CHECK(packing.expected({1}) == Seconds(1));
  CHECK(packing.expected({2}) == Seconds(1.5));
  packing.learn(2, Seconds(std::nan("")));
  CHECK(packing.expected({2}) == Seconds(1.5));
}
