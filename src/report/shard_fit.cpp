#include "report/shard_fit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

namespace ptests {

namespace {

using Journals = std::vector<const ShardJournal*>;

/// Shards that were divided in the same way.
struct Division {
  ShardPart part;  ///< of the first of them
  std::map<int, Journals> shards;
  std::unordered_set<std::string_view> tests;

  bool has_all_tests() const { return tests.size() >= part.tests; }
  bool is_whole() const {
    return has_all_tests() && std::all_of(shards.begin(), shards.end(), [](const auto& shard) { return shard.second.size() == 1; });
  }
  const ShardJournal& first() const { return *shards.begin()->second.front(); }
};

bool fit_together(const ShardPart& a, const ShardPart& b) {
  return a.count == b.count && a.selection == b.selection && a.division == b.division;
}

std::vector<Division> find_divisions(const std::vector<ShardJournal>& journals) {
  std::vector<Division> divisions;
  for (const ShardJournal& journal : journals) {
    if (!journal.run.shard) continue;
    const ShardPart& part = *journal.run.shard;
    auto place = std::find_if(divisions.begin(), divisions.end(), [&](const Division& known) { return fit_together(known.part, part); });
    if (place == divisions.end()) place = divisions.insert(place, Division{part, {}, {}});
    place->shards[part.index].push_back(&journal);
    for (const JournalTest& test : journal.tests) place->tests.insert(test.name);
  }
  return divisions;
}

std::string show(const ShardJournal& journal) {
  return fmt::format("{} (shard {} of {})", journal.name, journal.run.shard->index, journal.run.shard->count);
}

std::string describe_missing(const Division& division) {
  constexpr std::size_t k_most = 10;
  std::vector<int> missing;
  for (int index = 1; index <= division.part.count && missing.size() < k_most; ++index)
    if (!division.shards.contains(index)) missing.push_back(index);
  const std::size_t lost = division.part.tests - division.tests.size();
  const std::string tests = fmt::format("{} of {} tests", lost, division.part.tests);
  if (missing.empty()) return fmt::format("The shards lack {}: run them all anew.", tests);
  const std::size_t count = static_cast<std::size_t>(division.part.count) - division.shards.size();
  if (count == 1)
    return fmt::format("Shard {} of {} is missing, and with it {}: name its events.jsonl too.", missing[0], division.part.count, tests);
  return fmt::format("Shards {}{} of {} are missing, and with them {}: name their events.jsonl too.", fmt::join(missing, ", "),
                     count > missing.size() ? fmt::format(" and {} more", count - missing.size()) : "", division.part.count, tests);
}

void describe_each_once(const Division& division, std::vector<std::string>& misfits) {
  for (const auto& [index, journals] : division.shards) {
    if (journals.size() == 1) continue;
    std::vector<std::string_view> names;
    for (const ShardJournal* const journal : journals) names.emplace_back(journal->name);
    misfits.push_back(fmt::format("Shard {} of {} is there {} times ({}): name one events.jsonl of each shard.", index, division.part.count,
                                  journals.size(), fmt::join(names, ", ")));
  }
}

std::string describe_difference(const Division& one, const Division& other) {
  const std::string both = fmt::format("{} and {}", show(one.first()), show(other.first()));
  if (one.part.count != other.part.count)
    return fmt::format("{} do not belong together: run all shards with the same number of them.", both);
  if (one.part.selection != other.part.selection)
    return fmt::format("{} divided different tests, {} and {}: run all shards with the same selection, of the same project.", both,
                       one.part.tests, other.part.tests);
  return fmt::format(
      "{} divided the tests in different ways, so some may be in no shard: run all shards without --history, or give each its own copy of "
      "the same one.",
      both);
}

}  // namespace

std::vector<std::string> describe_misfits(const std::vector<ShardJournal>& journals) {
  std::vector<Division> divisions = find_divisions(journals);
  std::erase_if(divisions, [](const Division& division) { return division.is_whole(); });
  std::vector<std::string> misfits;
  for (const Division& division : divisions) {
    describe_each_once(division, misfits);
    // What shards that do not fit lack is in others of them.
    if (&division != &divisions.front())
      misfits.push_back(describe_difference(divisions.front(), division));
    else if (divisions.size() == 1 && !division.has_all_tests())
      misfits.push_back(describe_missing(division));
  }
  return misfits;
}

}  // namespace ptests
