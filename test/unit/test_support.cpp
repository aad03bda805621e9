#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>

#include "process/support.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using Version = CgroupRoots::Version;

namespace {

CgroupRoots v1_roots() {
  return CgroupRoots(
      {{Version::v1, "/m", {"memory"}}, {Version::v1, "/p", {"pids"}}, {Version::v1, "/c", {"cpu"}}, {Version::v1, "/b", {"blkio"}}});
}

Limits one(LimitKind kind, double value) {
  Limits limits;
  limits[kind] = value;
  return limits;
}

const LimitSupport& row_of(const std::vector<LimitSupport>& rows, LimitKind kind) {
  return *std::find_if(rows.begin(), rows.end(), [&](const LimitSupport& row) { return row.kind == kind; });
}

/// What is set for one limit: "soft hard".
std::string rlimit_for(LimitKind kind, double value) {
  const std::vector<ProcessLimit> set = process_limits(one(kind, value));
  return set.size() == 1 ? fmt::format("{} {} {}", set[0].resource, set[0].soft, set[0].hard) : "none";
}

std::string expected(int resource, std::uint64_t soft, std::uint64_t hard) { return fmt::format("{} {} {}", resource, soft, hard); }

}  // namespace

TEST_CASE("a row for each limit, in the order of the table") {
  const std::vector<LimitSupport> rows = probe_limits(CgroupRoots());
  REQUIRE(rows.size() == k_limits.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].kind == k_limits[i].kind);
    CHECK_FALSE(rows[i].how.empty());
  }
}

TEST_CASE("without cgroups: what can be watched is, the rest is not there") {
  const std::vector<LimitSupport> rows = probe_limits(CgroupRoots());
  CHECK(row_of(rows, LimitKind::timeout).means == Means::timer);
  CHECK(row_of(rows, LimitKind::idle_timeout).means == Means::timer);
  CHECK(row_of(rows, LimitKind::memory).means == Means::sampling);
  CHECK(row_of(rows, LimitKind::processes).means == Means::sampling);
  CHECK(row_of(rows, LimitKind::output_size).means == Means::sampling);
  CHECK(row_of(rows, LimitKind::open_files).means == Means::rlimit);
  CHECK(row_of(rows, LimitKind::nice).means == Means::rlimit);
  for (const LimitKind kind :
       {LimitKind::cpus, LimitKind::io_read_bps, LimitKind::io_write_bps, LimitKind::io_read_iops, LimitKind::io_write_iops})
    CHECK(row_of(rows, kind).means == Means::none);
  CHECK(row_of(rows, LimitKind::cpus).how == "this machine has no cgroup controller cpu");
}

TEST_CASE("with cgroups: the file that does it") {
  const std::vector<LimitSupport> v1 = probe_limits(v1_roots());
  CHECK(row_of(v1, LimitKind::memory).means == Means::cgroup);
  CHECK(row_of(v1, LimitKind::memory).how == "cgroup v1 memory.limit_in_bytes");
  CHECK(row_of(v1, LimitKind::memory).cure.empty());
  CHECK(row_of(v1, LimitKind::processes).how == "cgroup v1 pids.max");
  CHECK(row_of(v1, LimitKind::cpus).how == "cgroup v1 cpu.cfs_quota_us");
  CHECK(row_of(v1, LimitKind::io_read_iops).how == "cgroup v1 blkio.throttle.read_iops_device");
  CHECK(row_of(v1, LimitKind::io_write_bps).how == "cgroup v1 blkio.throttle.write_bps_device; only writes with O_DIRECT or O_SYNC");
  const std::vector<LimitSupport> v2 = probe_limits(CgroupRoots({{Version::v2, "/u", {"memory", "pids", "cpu", "io"}}}));
  CHECK(row_of(v2, LimitKind::memory).how == "cgroup v2 memory.max");
  CHECK(row_of(v2, LimitKind::cpus).how == "cgroup v2 cpu.max");
  CHECK(row_of(v2, LimitKind::io_write_bps).how == "cgroup v2 io.max");
}

TEST_CASE("limits that are enforced here pass") {
  const std::vector<LimitSupport> rows = probe_limits(v1_roots());
  Limits limits;
  limits[LimitKind::memory] = 1e9;
  limits[LimitKind::cpus] = 0.5;
  limits[LimitKind::io_read_bps] = 1e6;
  limits[LimitKind::open_files] = 64;
  limits[LimitKind::nice] = 5;
  CHECK(message(check_limits(limits, rows)) == "ok");
  CHECK(message(check_limits({}, rows)) == "ok");
}

TEST_CASE("a limit that cannot be enforced is named, with the reason and the cure") {
  const std::vector<LimitSupport> rows{
      {LimitKind::cpus, Means::none, "/sys/fs/cgroup/cpu is not writable for uid 1000", "run ptests as root"},
      {LimitKind::io_read_bps, Means::none, "no such controller", ""}};
  CHECK(message(check_limits(one(LimitKind::cpus, 1.5), rows)) ==
        "CPUS 1.5 cannot be enforced here: /sys/fs/cgroup/cpu is not writable for uid 1000");
  CHECK(hint(check_limits(one(LimitKind::cpus, 1.5), rows)) == "run ptests as root");
  CHECK(message(check_limits(one(LimitKind::io_read_bps, 1048576), rows)) ==
        "IO_READ_BPS 1.0 MiB cannot be enforced here: no such controller");
  CHECK(message(check_limits(one(LimitKind::cpus, 0), rows)) == "ok");
  CHECK(message(check_limits(one(LimitKind::memory, 1), rows)) == "ok");
}

TEST_CASE("values beyond what may be set") {
  const std::vector<LimitSupport> rows{{LimitKind::open_files, Means::rlimit, "RLIMIT_NOFILE", "raise it", 1000},
                                       {LimitKind::nice, Means::rlimit, "setpriority(2)", "be root", 0}};
  CHECK(message(check_limits(one(LimitKind::open_files, 1000), rows)) == "ok");
  CHECK(message(check_limits(one(LimitKind::open_files, 1001), rows)) == "OPEN_FILES 1001 is above the hard limit here, 1000");
  CHECK(hint(check_limits(one(LimitKind::open_files, 1001), rows)) == "raise it");
  CHECK(message(check_limits(one(LimitKind::nice, 19), rows)) == "ok");
  CHECK(message(check_limits(one(LimitKind::nice, -1), rows)) == "NICE -1 needs a right that we do not have: not below 0 here");
  CHECK(hint(check_limits(one(LimitKind::nice, -1), rows)) == "be root");
}

TEST_CASE("the bound of a row is the hard limit of this process") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const LimitSupport row = row_of(probe_limits(CgroupRoots()), LimitKind::open_files);
  REQUIRE(row.bound);
  CHECK(*row.bound >= static_cast<double>(limit.rlim_max));
  CHECK(message(check_limits(one(LimitKind::open_files, *row.bound), {row})) == "ok");
  CHECK(message(check_limits(one(LimitKind::open_files, *row.bound + 1), {row})) != "ok");
}

TEST_CASE("rlimits of a test's process") {
  CHECK(process_limits({}).empty());
  CHECK(rlimit_for(LimitKind::open_files, 64) == expected(RLIMIT_NOFILE, 64, 64));
  CHECK(rlimit_for(LimitKind::file_size, 1000) == expected(RLIMIT_FSIZE, 1000, 1000));
  CHECK(rlimit_for(LimitKind::stack, 65536) == expected(RLIMIT_STACK, 65536, 65536));
  CHECK(rlimit_for(LimitKind::core_size, 0) == "none");
  CHECK(rlimit_for(LimitKind::memory, 1000) == "none");
  CHECK(rlimit_for(LimitKind::nice, 5) == "none");
}

TEST_CASE("CPU time: whole seconds, one more than allowed, and one between SIGXCPU and SIGKILL") {
  CHECK(rlimit_for(LimitKind::cpu_time, 3) == expected(RLIMIT_CPU, 4, 5));
  CHECK(rlimit_for(LimitKind::cpu_time, 2.1) == expected(RLIMIT_CPU, 4, 5));
  CHECK(rlimit_for(LimitKind::cpu_time, 0.1) == expected(RLIMIT_CPU, 2, 3));
}

TEST_CASE("never above what this process may set") {
  const std::vector<ProcessLimit> set = process_limits(one(LimitKind::open_files, 1e15));
  REQUIRE(set.size() == 1);
  CHECK(static_cast<double>(set[0].hard) == *row_of(probe_limits(CgroupRoots()), LimitKind::open_files).bound);
  CHECK(set[0].soft == set[0].hard);
}
