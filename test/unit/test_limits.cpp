#include <doctest/doctest.h>

#include <set>

#include "base/text.hpp"
#include "core/limits.hpp"
#include "core/outcome.hpp"
#include "support.hpp"

using namespace ptests;

TEST_CASE("a limit's keyword is its name in capitals, and no two share one") {
  std::set<std::string_view> names;
  for (const LimitInfo& info : k_limits) {
    CAPTURE(info.name);
    CHECK(lower(info.keyword) == info.name);
    CHECK(&limit_info(info.kind) == &info);
    names.insert(info.name);
  }
  CHECK(names.size() == k_limits.size());
}

TEST_CASE("each limit counts in its unit") {
  CHECK(limit_info(LimitKind::timeout).unit == LimitUnit::seconds);
  CHECK(limit_info(LimitKind::cpu_time).unit == LimitUnit::seconds);
  CHECK(limit_info(LimitKind::memory).unit == LimitUnit::bytes);
  CHECK(limit_info(LimitKind::io_read_bps).unit == LimitUnit::bytes);
  CHECK(limit_info(LimitKind::io_read_iops).unit == LimitUnit::count);
  CHECK(limit_info(LimitKind::processes).unit == LimitUnit::count);
  CHECK(limit_info(LimitKind::cpus).unit == LimitUnit::number);
  CHECK(limit_info(LimitKind::nice).unit == LimitUnit::number);
}

TEST_CASE("no limit is set at first, and 0 is none") {
  Limits limits;
  for (const LimitInfo& info : k_limits) CHECK_FALSE(limits[info.kind]);
  CHECK_FALSE(limits.positive(LimitKind::memory));
  limits[LimitKind::memory] = 0;
  CHECK_FALSE(limits.positive(LimitKind::memory));
  limits[LimitKind::memory] = 5;
  CHECK(limits.positive(LimitKind::memory) == 5);
  limits[LimitKind::nice] = -5;
  CHECK_FALSE(limits.positive(LimitKind::nice));
}

TEST_CASE("defaults stand where nothing is set; 0 is set") {
  Limits defaults;
  defaults[LimitKind::memory] = 100;
  defaults[LimitKind::timeout] = 60;
  defaults[LimitKind::processes] = 7;
  Limits limits;
  limits[LimitKind::memory] = 0;
  limits[LimitKind::timeout] = 5;
  limits.take_defaults(defaults);
  CHECK(limits[LimitKind::memory] == 0);
  CHECK(limits[LimitKind::timeout] == 5);
  CHECK(limits[LimitKind::processes] == 7);
  CHECK_FALSE(limits[LimitKind::cpus]);
}

TEST_CASE("sizes have the powers of 1024") {
  struct Row {
    std::string text;
    std::optional<double> bytes;
  };
  constexpr double k_kib = 1024;
  for (const Row& row : {
           Row{"0", 0},
           Row{"1000", 1000},
           Row{"17B", 17},
           Row{"64k", 64 * k_kib},
           Row{"64K", 64 * k_kib},
           Row{"64KB", 64 * k_kib},
           Row{"64KiB", 64 * k_kib},
           Row{"64kib", 64 * k_kib},
           Row{"512M", 512 * k_kib * k_kib},
           Row{"2G", 2 * k_kib * k_kib * k_kib},
           Row{"1.5GiB", 1.5 * k_kib * k_kib * k_kib},
           Row{"1T", k_kib * k_kib * k_kib * k_kib},
           Row{"0.5", 0},
           Row{"1.0009765625k", 1025},
           Row{"", std::nullopt},
           Row{"B", std::nullopt},
           Row{"M", std::nullopt},
           Row{"iB", std::nullopt},
           Row{"5iB", std::nullopt},
           Row{"5i", std::nullopt},
           Row{"-1", std::nullopt},
           Row{"-1M", std::nullopt},
           Row{"1 M", std::nullopt},
           Row{" 1M", std::nullopt},
           Row{"1M ", std::nullopt},
           Row{"1MM", std::nullopt},
           Row{"1P", std::nullopt},
           Row{"five", std::nullopt},
           Row{"inf", std::nullopt},
           Row{"nan", std::nullopt},
       }) {
    CAPTURE(row.text);
    CHECK(parse_size(row.text) == row.bytes);
  }
}

TEST_CASE("sizes as people read them") {
  struct Row {
    double bytes;
    std::string text;
  };
  for (const Row& row : {
           Row{0, "0 B"},
           Row{17, "17 B"},
           Row{1023, "1023 B"},
           Row{1024, "1.0 KiB"},
           Row{1536, "1.5 KiB"},
           Row{512.0 * 1048576, "512.0 MiB"},
           Row{2.0 * 1073741824, "2.0 GiB"},
           Row{2.0 * 1073741824 * 1024, "2.0 TiB"},
           Row{2.0 * 1073741824 * 1048576, "2048.0 TiB"},
       }) {
    CHECK(describe_size(row.bytes) == row.text);
  }
}

TEST_CASE("a limit's value is told with its unit") {
  CHECK(describe_limit(LimitKind::timeout, 5) == "5 s");
  CHECK(describe_limit(LimitKind::cpu_time, 0.25) == "0.25 s");
  CHECK(describe_limit(LimitKind::memory, 512.0 * 1048576) == "512.0 MiB");
  CHECK(describe_limit(LimitKind::processes, 20) == "20");
  CHECK(describe_limit(LimitKind::cpus, 0.5) == "0.5");
  CHECK(describe_limit(LimitKind::nice, -5) == "-5");
}

TEST_CASE("every status is found by its name") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Status::interrupted); ++i) {
    const auto status = static_cast<Status>(i);
    CAPTURE(status_name(status));
    CHECK(parse_status(status_name(status)) == status);
    names.insert(status_name(status));
  }
  CHECK(names.size() == 19);
  CHECK_FALSE(parse_status(""));
  CHECK_FALSE(parse_status("Passed"));
  CHECK_FALSE(parse_status("passed "));
}

TEST_CASE("a limit that was exceeded is a failure of a test that ran") {
  struct Row {
    LimitKind kind;
    Status status;
    std::string name;
  };
  for (const Row& row : {
           Row{LimitKind::timeout, Status::timed_out, "timed_out"},
           Row{LimitKind::idle_timeout, Status::idle_timed_out, "idle_timed_out"},
           Row{LimitKind::cpu_time, Status::cpu_limit, "cpu_limit"},
           Row{LimitKind::memory, Status::memory_limit, "memory_limit"},
           Row{LimitKind::processes, Status::process_limit, "process_limit"},
           Row{LimitKind::file_size, Status::file_size_limit, "file_size_limit"},
           Row{LimitKind::output_size, Status::output_limit, "output_limit"},
           Row{LimitKind::open_files, Status::failed, "failed"},
           Row{LimitKind::stack, Status::failed, "failed"},
       }) {
    CAPTURE(row.name);
    CHECK(status_of_limit(row.kind) == row.status);
    CHECK(status_name(row.status) == row.name);
    CHECK(is_failure(row.status));
    CHECK(did_run(row.status));
  }
}

TEST_CASE("a leaked test passed") {
  CHECK_FALSE(is_failure(Status::leaked));
  CHECK(did_run(Status::leaked));
  CHECK(status_name(Status::leaked) == "leaked");
}
