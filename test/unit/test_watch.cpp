#include <doctest/doctest.h>

#include "process/watch.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

Watch::Time at(double seconds) { return Watch::Time() + std::chrono::duration_cast<Watch::Time::duration>(Seconds(seconds)); }

std::string say(const std::optional<Exceeded>& exceeded) {
  return exceeded ? fmt::format("{} {}", limit_info(exceeded->kind).name, exceeded->measured) : "fine";
}

}  // namespace

TEST_CASE("silence is measured from the last byte") {
  Limits limits;
  limits[LimitKind::idle_timeout] = 2;
  Watch watch(&limits, at(0));
  CHECK(say(watch.on_output(0, at(1.9))) == "fine");
  CHECK(say(watch.on_output(5, at(1.95))) == "fine");
  CHECK(say(watch.on_output(5, at(3.9))) == "fine");
  CHECK(say(watch.on_output(5, at(4))) == "idle_timeout 2.05");
  watch.paused_for(std::chrono::seconds(1));
  CHECK(say(watch.on_output(5, at(4.5))) == "fine");
}

TEST_CASE("output, memory, processes and CPU time beyond their limits") {
  Limits limits;
  limits[LimitKind::output_size] = 100;
  limits[LimitKind::memory] = 1000;
  limits[LimitKind::processes] = 3;
  limits[LimitKind::cpu_time] = 2;
  Watch watch(&limits, at(0));
  CHECK(watch.is_strict());
  CHECK(say(watch.on_output(100, at(1))) == "fine");
  CHECK(say(watch.on_output(101, at(1))) == "output_size 101");
  CHECK(say(watch.on_sample({.cpu_seconds = 2, .rss_bytes = 1000, .processes = 3, .threads = 9}, at(1))) == "fine");
  CHECK(say(watch.on_sample({.cpu_seconds = 1, .rss_bytes = 1001, .processes = 1, .threads = 1}, at(2))) == "memory 1001");
  CHECK(say(watch.on_sample({.cpu_seconds = 1, .rss_bytes = 1, .processes = 4, .threads = 4}, at(3))) == "processes 4");
  CHECK(say(watch.on_sample({.cpu_seconds = 2.5, .rss_bytes = 1, .processes = 1, .threads = 1}, at(4))) == "cpu_time 2.5");
}

TEST_CASE("peaks go into the usage, and never lower what the kernel said") {
  Watch watch(nullptr, at(0));
  CHECK_FALSE(watch.is_strict());
  watch.on_sample({.cpu_seconds = 1.5, .rss_bytes = 500, .processes = 2, .threads = 7}, at(1));
  watch.on_sample({.cpu_seconds = 1.6, .rss_bytes = 300, .processes = 3, .threads = 3}, at(2));
  watch.on_open_files(12);
  watch.on_io({.read_bytes = 10, .written_bytes = 20});
  Usage usage{.peak_rss_bytes = 400, .written_bytes = 100};
  watch.add_to(usage);
  CHECK(usage.peak_rss_bytes == 500);
  CHECK(usage.read_bytes == 10);
  CHECK(usage.written_bytes == 100);
  CHECK(usage.most_processes == 3);
  CHECK(usage.most_threads == 7);
  CHECK(usage.most_open_files == 12);
  CHECK(usage.peak_cpu == doctest::Approx(1.5));
}

TEST_CASE("what is kept of stdout and stderr together") {
  const auto kept = [](std::uint64_t output, std::uint64_t errors, std::uint64_t most) {
    const OutputSizes sizes = cut_to({output, errors}, most);
    return fmt::format("{} {}", sizes.output, sizes.errors);
  };
  CHECK(kept(40, 60, 100) == "40 60");
  CHECK(kept(500, 0, 100) == "100 0");
  CHECK(kept(0, 500, 100) == "0 100");
  CHECK(kept(500, 10, 100) == "90 10");
  CHECK(kept(10, 500, 100) == "10 90");
  CHECK(kept(500, 500, 100) == "50 50");
  CHECK(kept(500, 500, 101) == "51 50");
}

TEST_CASE("open files and I/O are looked at often in the first second, then once a second") {
  Watch watch(nullptr, at(0));
  std::string looks;
  for (int tick = 1; tick <= 80; ++tick)  // a look every 50 ms, for 4 s
    if (watch.looks_closer(at(tick * 0.05 + 0.0001 * tick))) looks += fmt::format("{} ", tick);
  CHECK(looks == "1 3 7 15 31 51 71 ");
}

TEST_CASE("a peak between two samples counts, and is no limit that was met") {
  Limits limits;
  limits[LimitKind::memory] = 1000;
  Watch watch(&limits, at(0));
  watch.on_sample({.rss_bytes = 500}, at(1));
  watch.on_peak_rss(2000);
  CHECK(say(watch.on_sample({.rss_bytes = 600}, at(2))) == "fine");
  Usage usage;
  watch.add_to(usage);
  CHECK(usage.peak_rss_bytes == 2000);
}

TEST_CASE("CPU time never counts back") {
  Limits limits;
  limits[LimitKind::cpu_time] = 3;
  Watch watch(&limits, at(0));
  watch.on_sample({.cpu_seconds = 2.9}, at(1));
  watch.on_sample({.cpu_seconds = 0.1}, at(2));
  CHECK(watch.cpu_seconds() == doctest::Approx(2.9));
}

namespace {

/// Tells what changes when a look comes every 100 ms.
struct Looks {
  std::optional<bool> look(double cpu_seconds, int runnable = 0, double after = 0.1) {
    now += std::chrono::duration_cast<SleepWatch::Time::duration>(Seconds(after));
    return watch.look({.cpu_seconds = cpu_seconds, .processes = 1, .runnable = runnable, .threads = 1}, now);
  }
  SleepWatch::Time now;
  SleepWatch watch{now};
};

}  // namespace

TEST_CASE("a test sleeps after two quiet looks, and wakes at once") {
  Looks test;
  CHECK_FALSE(test.look(0.05));  // its start
  CHECK_FALSE(test.look(0.06));
  CHECK(test.look(0.06) == true);
  CHECK_FALSE(test.look(0.06));
  CHECK(test.look(0.10) == false);
  CHECK_FALSE(test.look(0.10));
  CHECK(test.look(0.10) == true);
}

TEST_CASE("who gets no processor does not sleep, and neither does who waits for a disk") {
  Looks test;
  for (int i = 0; i < 9; ++i) CHECK_FALSE(test.look(0, 1));
  CHECK(sum_up({{.pid = 1, .state = 'R'}, {.pid = 2, .state = 'D'}, {.pid = 3, .state = 'S'}}).runnable == 2);
}

TEST_CASE("looks that come too soon after each other tell nothing") {
  Looks test;
  for (int i = 0; i < 20; ++i) CHECK_FALSE(test.look(0, 0, 0.007));
}
