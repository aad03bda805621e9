#include <doctest/doctest.h>

#include <cerrno>

#include "process/cgroup.hpp"
#include "process/cgroup_files.hpp"
#include "process/proc.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using Version = CgroupRoots::Version;
using Hierarchy = CgroupRoots::Hierarchy;

namespace {

constexpr double k_mebibyte = 1024.0 * 1024.0;

Limits limits_of(std::initializer_list<std::pair<LimitKind, double>> values) {
  Limits limits;
  for (const auto& [kind, value] : values) limits[kind] = value;
  return limits;
}

std::string show(const std::vector<CgroupSetting>& settings) {
  std::string text;
  for (const CgroupSetting& setting : settings) text += fmt::format("{}={}\n", setting.file, setting.value);
  return text;
}

}  // namespace

TEST_CASE("mountinfo: cgroup mounts, escapes, read-only ones") {
  const std::string text =
      "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
      "35 31 0:32 /docker/a\\134b /sys/fs/c\\040group/memory rw,relatime shared:3 master:1 - cgroup cgroup rw,memory\n"
      "36 31 0:33 / /a ro,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
      "41 31 0:38 / /b rw,nosuid - cgroup2 cgroup2 ro,nsdelegate\n"
      "42 31 0:38 / /c\\04 rw,nosuid - cgroup2 cgroup2 rw\n"
      "43 31\n"
      "44 31 0:38 / /d rw - cgroup2\n"
      "45 31 0:38 / /cut rw - cgroup";
  const std::vector<CgroupMount> mounts = parse_cgroup_mounts(text);
  REQUIRE(mounts.size() == 4);
  CHECK(mounts[0].version == Version::v1);
  CHECK(mounts[0].root == "/docker/a\\b");
  CHECK(mounts[0].point == "/sys/fs/c group/memory");
  CHECK(show(mounts[0].options) == "[rw][memory]");
  CHECK_FALSE(mounts[0].read_only);
  CHECK(mounts[1].read_only);
  CHECK(show(mounts[1].options) == "[rw][cpu][cpuacct]");
  CHECK(mounts[2].version == Version::v2);
  CHECK(mounts[2].read_only);
  CHECK(mounts[3].point == "/c\\04");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) CHECK(parse_cgroup_mounts(text.substr(0, cut)).size() <= 4);
}

TEST_CASE("the cgroups we are in") {
  const std::vector<CgroupMembership> lines = parse_cgroup_memberships("4:cpu,cpuacct:/a:b\n1:name=systemd:/\n0::/x y\n\nbad\n7:bad\n");
  REQUIRE(lines.size() == 3);
  CHECK(show(lines[0].controllers) == "[cpu][cpuacct]");
  CHECK(lines[0].path == "/a:b");
  CHECK(lines[0].version == Version::v1);
  CHECK(show(lines[1].controllers) == "[name=systemd]");
  CHECK(lines[2].version == Version::v2);
  CHECK(lines[2].controllers.empty());
  CHECK(lines[2].path == "/x y");
}

TEST_CASE("where a cgroup is seen through a mount") {
  struct Row {
    std::string root, path, directory;
  };
  for (const Row& row : std::vector<Row>{
           {"/", "/", "/m"},
           {"/", "/a/b", "/m/a/b"},
           {"/a", "/a", "/m"},
           {"/a", "/a/b", "/m/b"},
           {"/a", "/ab", "none"},
           {"/a", "/", "none"},
           {"/a/b", "/a", "none"},
           {"/", "/../x", "none"},
       }) {
    CAPTURE(row.root);
    CAPTURE(row.path);
    CHECK(directory_through({Version::v1, row.root, "/m", {}, false}, row.path).value_or("none") == row.directory);
  }
}

TEST_CASE("the maker of a cgroup is in its name") {
  CHECK(maker_of_cgroup("ptests-12.345-6") == "12.345");
  CHECK(maker_of_cgroup("ptests-12.345.self") == "12.345");
  CHECK(maker_of_cgroup("ptests-12.345") == "12.345");
  CHECK(maker_of_cgroup(cgroup_name(own_identity(), "-1")) == own_identity());
  for (const char* name :
       {"", "ptests-", "ptests-12", "ptests-12.", "ptests-.5", "ptests-a.5-1", "ptests-12-5", "xptests-1.2-3", "system.slice"})
    CHECK_FALSE(maker_of_cgroup(name));
}

TEST_CASE("what limits write, in v1") {
  const Limits limits = limits_of({{LimitKind::memory, 64 * k_mebibyte},
                                   {LimitKind::processes, 8},
                                   {LimitKind::cpus, 1.5},
                                   {LimitKind::io_read_bps, 1000},
                                   {LimitKind::io_write_iops, 1e12}});
  const auto write_of = [&](const Words& controllers) {
    return show(cgroup_settings({Version::v1, "/x", controllers}, limits, {"8:0", "254:16"}));
  };
  CHECK(write_of({"memory"}) == "memory.limit_in_bytes=67108864\nmemory.memsw.limit_in_bytes=67108864\n");
  CHECK(write_of({"pids"}) == "pids.max=8\n");
  CHECK(write_of({"cpu", "cpuacct"}) == "cpu.cfs_period_us=100000\ncpu.cfs_quota_us=150000\n");
  CHECK(write_of({"blkio"}) ==
        "blkio.throttle.read_bps_device=8:0 1000\nblkio.throttle.write_iops_device=8:0 4294967295\n"
        "blkio.throttle.read_bps_device=254:16 1000\nblkio.throttle.write_iops_device=254:16 4294967295\n");
  CHECK(write_of({"freezer"}).empty());
}

TEST_CASE("what limits write, in v2") {
  const Limits limits = limits_of({{LimitKind::memory, 64 * k_mebibyte},
                                   {LimitKind::processes, 8},
                                   {LimitKind::cpus, 0.001},
                                   {LimitKind::io_read_bps, 1000},
                                   {LimitKind::io_write_iops, 20}});
  const auto write_of = [&](const Words& controllers) { return show(cgroup_settings({Version::v2, "/x", controllers}, limits, {"8:0"})); };
  CHECK(write_of({"cpu", "io", "memory", "pids"}) ==
        "memory.max=67108864\nmemory.swap.max=0\nmemory.oom.group=1\npids.max=8\ncpu.max=1000 100000\nio.max=8:0 rbps=1000 wiops=20\n");
  CHECK(write_of({"pids"}) == "pids.max=8\n");
  CHECK(write_of({}).empty());
  const Hierarchy all{Version::v2, "/x", {"cpu", "io", "memory", "pids"}};
  CHECK(cgroup_settings(all, {}, {"8:0"}).empty());
  CHECK(cgroup_settings(all, limits_of({{LimitKind::memory, 0}}), {"8:0"}).empty());
}

TEST_CASE("files that a kernel may not have are no error, others are") {
  const auto settings = cgroup_settings({Version::v2, "/x", {"memory"}}, limits_of({{LimitKind::memory, 1}}), {});
  REQUIRE(settings.size() == 3);
  CHECK(settings[0].harmless.empty());
  CHECK(settings[1].harmless == std::vector<int>{ENOENT});
  CHECK(settings[2].harmless == std::vector<int>{ENOENT});
}

TEST_CASE("block devices come from /sys/block") {
  const TempDir dir;
  write(dir / "sda/dev", "8:0\n");
  write(dir / "nvme0n1/dev", "259:0\n");
  write(dir / "odd/size", "8\n");
  CHECK(show(block_devices(dir.path().string())) == "[259:0][8:0]");
  CHECK(block_devices((dir / "none").string()).empty());
}

TEST_CASE("numbers in kernel files") {
  const TempDir dir;
  write(dir / "n", "17\n");
  write(dir / "max", "max\n");
  write(dir / "keyed", "low 0\nhigh 3\noom_kill 12\nlast");
  const std::string base = dir.path().string();
  CHECK(read_number(base + "/n") == 17);
  CHECK_FALSE(read_number(base + "/max"));
  CHECK_FALSE(read_number(base + "/none"));
  CHECK(read_number(base + "/keyed", "oom_kill") == 12);
  CHECK_FALSE(read_number(base + "/keyed", "oom"));
  CHECK_FALSE(read_number(base + "/keyed", "last"));
}

TEST_CASE("v2: whose limit an OOM kill was for") {
  const TempDir dir;
  const Hierarchy part{Version::v2, dir.path().string(), {"memory", "pids"}};
  CHECK_FALSE(memory_limit_hit(part));
  write(dir / "memory.events", "oom 1\noom_kill 1\n");
  CHECK(memory_limit_hit(part));
  write(dir / "memory.events.local", "oom 0\noom_kill 1\n");
  CHECK_FALSE(memory_limit_hit(part));
  write(dir / "memory.events.local", "oom 2\noom_kill 0\n");
  CHECK(memory_limit_hit(part));
  write(dir / "memory.events", "oom 2\noom_kill 0\n");
  CHECK_FALSE(memory_limit_hit(part));
}

TEST_CASE("v1: whose limit an OOM kill was for") {
  const TempDir dir;
  const Hierarchy part{Version::v1, dir.path().string(), {"memory"}};
  CHECK_FALSE(memory_limit_hit(part));
  write(dir / "memory.limit_in_bytes", "1000000\n");
  write(dir / "memory.max_usage_in_bytes", "999424\n");
  write(dir / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
  CHECK_FALSE(memory_limit_hit(part));
  write(dir / "below/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  CHECK(memory_limit_hit(part));
  write(dir / "memory.max_usage_in_bytes", "500000\n");
  CHECK_FALSE(memory_limit_hit(part));
}

TEST_CASE("refused forks") {
  const TempDir dir;
  const Hierarchy part{Version::v2, dir.path().string(), {"pids"}};
  CHECK_FALSE(process_limit_hit(part));
  write(dir / "pids.events", "max 3\n");
  CHECK(process_limit_hit(part));
  write(dir / "pids.events.local", "max 0\n");
  CHECK_FALSE(process_limit_hit(part));
}

TEST_CASE("the processes of a cgroup and of those below it") {
  const TempDir dir;
  write(dir / "cgroup.procs", "12\n0\n13\n");
  write(dir / "a/b/cgroup.procs", "14\n");
  CHECK(direct_processes(dir.path().string()) == std::vector<pid_t>{12, 13});
  CHECK(cgroup_processes(dir.path().string()) == std::vector<pid_t>{12, 13, 14});
  CHECK(cgroup_processes((dir / "none").string()).empty());
}

TEST_CASE("cgroups that take processes") {
  const TempDir dir;
  CHECK(takes_processes(dir.path().string()));
  for (const char* type : {"domain\n", "domain threaded\n"}) {
    write(dir / "cgroup.type", type);
    CHECK(takes_processes(dir.path().string()));
  }
  for (const char* type : {"domain invalid\n", "threaded\n"}) {
    write(dir / "cgroup.type", type);
    CHECK_FALSE(takes_processes(dir.path().string()));
  }
}
