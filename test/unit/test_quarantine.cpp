#include <doctest/doctest.h>

#include "suite/quarantine.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

using std::chrono::year_month_day;

year_month_day day(std::string_view text) {
  const std::optional<year_month_day> date = parse_date(text);
  REQUIRE(date);
  return *date;
}

Quarantine two_tests() {
  Quarantine quarantine;
  quarantine.put({"net.slow", day("2026-12-31"), "issue 12"});
  quarantine.put({"db.lock", day("2026-01-31"), "fails at night"});
  return quarantine;
}

/// What reading a file with this text says.
std::string fault_of(std::string_view text) {
  const TempDir folder;
  write(quarantine_path(folder.path()), text);
  const std::string told = message(read_quarantine(folder.path()));
  const std::string path = quarantine_path(folder.path()).string() + ": ";
  return told.starts_with(path) ? told.substr(path.size()) : "not named: " + told;
}

std::string with_test(std::string_view test) { return fmt::format(R"({{"version": 1, "tests": [{}]}})", test); }

}  // namespace

TEST_CASE("a date is a day of the calendar in its one form") {
  CHECK(format_date(day("2026-12-31")) == "2026-12-31");
  CHECK(format_date(day("0999-01-01")) == "0999-01-01");
  CHECK(format_date(day("2028-02-29")) == "2028-02-29");
  for (const char* text : {"", "2026-12-32", "2026-13-01", "2026-00-10", "2026-02-29", "2026-1-01", "26-12-31", "2026/12/31", "2026-12-31 ",
                           " 2026-12-3", "-026-12-31", "2026--1-31", "2026-12--1", "tomorrow"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
  }
}

TEST_CASE("a time is of the day it has in UTC") {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  CHECK(format_date(date_of(system_clock::time_point(seconds(86399)))) == "1970-01-01");
  CHECK(format_date(date_of(system_clock::time_point(seconds(86400)))) == "1970-01-02");
}

TEST_CASE("a test is quarantined up to its last day") {
  const Quarantine quarantine = two_tests();
  const auto early = quarantine.active(day("2026-01-31"));
  REQUIRE(early.size() == 2);
  CHECK(early.at("db.lock") == "quarantined until 2026-01-31 (fails at night)");
  CHECK(early.at("net.slow") == "quarantined until 2026-12-31 (issue 12)");
  CHECK(quarantine.expired(day("2026-01-31")).empty());

  const auto late = quarantine.active(day("2026-02-01"));
  CHECK(late.size() == 1);
  CHECK(late.contains("net.slow"));
  const auto expired = quarantine.expired(day("2026-02-01"));
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].name == "db.lock");
  CHECK(format_date(expired[0].until) == "2026-01-31");
}

TEST_CASE("put and remove keep each name once, in order") {
  Quarantine quarantine = two_tests();
  REQUIRE(quarantine.entries.size() == 2);
  CHECK(quarantine.entries[0].name == "db.lock");
  quarantine.put({"db.lock", day("2027-01-01"), "still"});
  REQUIRE(quarantine.entries.size() == 2);
  CHECK(quarantine.find("db.lock")->reason == "still");
  quarantine.remove("db.lock");
  quarantine.remove("nobody");
  REQUIRE(quarantine.entries.size() == 1);
  CHECK(quarantine.entries[0].name == "net.slow");
  CHECK(quarantine.find("db.lock") == nullptr);
}

TEST_CASE("the file has a line a member, in the order of the names, and reads back") {
  const TempDir folder;
  REQUIRE(write_quarantine(folder.path(), two_tests()));
  CHECK(folder.names() == Words{"ptests-quarantine.json"});
  CHECK(read(quarantine_path(folder.path())) == R"({
  "version": 1,
  "tests": [
    {
      "name": "db.lock",
      "until": "2026-01-31",
      "reason": "fails at night"
    },
    {
      "name": "net.slow",
      "until": "2026-12-31",
      "reason": "issue 12"
    }
  ]
}
)");
  const Result<Quarantine> back = read_quarantine(folder.path());
  REQUIRE_MESSAGE(back, message(back));
  REQUIRE(back->entries.size() == 2);
  CHECK(back->entries[1].name == "net.slow");
  CHECK(back->entries[1].reason == "issue 12");
  CHECK(format_date(back->entries[1].until) == "2026-12-31");
}

TEST_CASE("names and reasons may be any text") {
  const TempDir folder;
  Quarantine quarantine;
  quarantine.put({"a \"b\"\\\n\t\x01;[x] ä", day("2026-12-31"), "{}\n%"});
  REQUIRE(write_quarantine(folder.path(), quarantine));
  const Result<Quarantine> back = read_quarantine(folder.path());
  REQUIRE_MESSAGE(back, message(back));
  CHECK(back->entries[0].name == quarantine.entries[0].name);
  CHECK(back->entries[0].reason == quarantine.entries[0].reason);
}

TEST_CASE("without a file, and in an empty one of ours, nothing is quarantined") {
  const TempDir folder;
  Result<Quarantine> none = read_quarantine(folder.path());
  REQUIRE(none);
  CHECK(none->entries.empty());
  REQUIRE(write_quarantine(folder.path(), *none));
  CHECK(read(quarantine_path(folder.path())) == "{\n  \"version\": 1,\n  \"tests\": []\n}\n");
  none = read_quarantine(folder.path());
  REQUIRE(none);
  CHECK(none->entries.empty());
}

TEST_CASE("a file in another order is sorted") {
  const TempDir folder;
  write(quarantine_path(folder.path()), with_test(R"({"name": "b", "until": "2026-01-01", "reason": ""},
                                                     {"name": "a", "until": "2026-01-01", "reason": ""})"));
  const Result<Quarantine> read = read_quarantine(folder.path());
  REQUIRE_MESSAGE(read, message(read));
  CHECK(read->entries[0].name == "a");
}

TEST_CASE("a broken file is an error that names the place") {
  CHECK(fault_of("").find("line 1, column 1") != std::string::npos);
  CHECK(fault_of("[]") == "expected an object, got []");
  CHECK(fault_of("{}") == "version: expected 1, got nothing");
  CHECK(fault_of(R"({"version": 2, "tests": []})") == "version: expected 1, got 2");
  CHECK(fault_of(R"({"version": 1})") == "tests: expected an array, got nothing");
  CHECK(fault_of(with_test("7")) == "tests[0]: expected an object, got 7");
  CHECK(fault_of(with_test(R"({"until": "2026-01-01", "reason": ""})")) == "tests[0].name: expected a string, got nothing");
  CHECK(fault_of(with_test(R"({"name": "a", "until": "2026-02-30", "reason": ""})")) ==
        R"(tests[0].until: expected a day as "2026-12-31", got "2026-02-30")");
  CHECK(fault_of(with_test(R"({"name": "a", "until": "2026-01-01"})")) == "tests[0].reason: expected a string, got nothing");
  const std::string_view once = R"({"name": "a", "until": "2026-01-01", "reason": ""})";
  CHECK(fault_of(with_test(fmt::format("{0}, {0}", once))) == "tests[1].name: \"a\" stands here twice");
}

TEST_CASE("a file that cannot be read is an error") {
  const TempDir folder;
  fs::create_directory(quarantine_path(folder.path()));
  CHECK_FALSE(read_quarantine(folder.path()));
}

TEST_CASE("a file cut anywhere is refused, or has lost nothing") {
  const TempDir folder;
  REQUIRE(write_quarantine(folder.path(), two_tests()));
  const std::string whole = read(quarantine_path(folder.path()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(quarantine_path(folder.path()), whole.substr(0, size));
    const Result<Quarantine> read = read_quarantine(folder.path());
    CAPTURE(size);
    CHECK((!read || read->entries.size() == 2));
  }
}
