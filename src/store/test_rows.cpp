#include "store/test_rows.hpp"

namespace ptests {

TestRow read_row(const Statement& row) {
  TestRow result;
  result.id = row.integer(0);
  Aggregate& aggregate = result.aggregate;
  TestHistory& history = aggregate.history;
  history.runs = row.small_integer(1);
  history.duration = std::chrono::microseconds(row.integer(2));
  aggregate.cpu_time = std::chrono::microseconds(row.integer(3));
  history.processors = row.number(4);
  aggregate.mean_of = static_cast<MeanOf>(row.integer(5));
  aggregate.peaks = row.text(6);
  aggregate.peaks_run = row.integer(7);
  history.last = parse_status(row.view(8)).value_or(Status::passed);
  history.failures = row.small_integer(9);
  history.flaky = row.small_integer(10);
  aggregate.changes = row.small_integer(11);
  history.outstanding = row.integer(12) != 0;
  history.peak_rss_bytes = static_cast<std::uint64_t>(row.integer(13));
  return result;
}

std::string read_name(const Statement& row) { return row.text(14); }

}  // namespace ptests
