#include <doctest/doctest.h>

#include "process/machine.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr std::uint64_t k_mib = 1024 * 1024;

/// A machine of 8000 MiB, 6000 of them available, as its kernel shows it.
class FakeMachine {
 public:
  FakeMachine() {
    proc("meminfo", "MemTotal:        8192000 kB\nMemFree:          100000 kB\nMemAvailable:    6144000 kB\n");
    proc("loadavg", "1.50 2.25 3.00 5/113 25545\n");
    proc("pressure/memory", "some avg10=1.25 avg60=9.00 avg300=9.00 total=12\nfull avg10=7.00 avg60=0.00 avg300=0.00 total=0\n");
    proc("pressure/cpu", "some avg10=97.00 avg60=0.00 avg300=0.00 total=0\n");
    proc("pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=2.50 avg60=0.00 avg300=0.00 total=0\n");
  }
  void proc(const std::string& name, const std::string& text) const { write(dir_ / ("proc/" + name), text); }
  void sys(const std::string& name, const std::string& text) const { write(dir_ / ("sys/" + name), text); }
  void no_proc(const std::string& name) const { fs::remove(dir_ / ("proc/" + name)); }
  fs::path operator/(const std::string& name) const { return dir_ / name; }
  MachineState read() const { return read_machine(dir_.path().string(), (dir_ / "proc").string(), (dir_ / "sys").string()); }

  /// Our cgroup's files in v2, or in the v1 hierarchy of memory.
  void v2(const std::string& cgroup, const std::string& limit, std::uint64_t usage, std::uint64_t inactive, std::uint64_t active) const {
    sys(cgroup + "memory.max", limit + "\n");
    sys(cgroup + "memory.current", fmt::format("{}\n", usage));
    sys(cgroup + "memory.stat", fmt::format("anon 1\nfile 5\nactive_file {}\ninactive_file {}\n", active, inactive));
  }
  void v1(const std::string& cgroup, std::uint64_t limit, std::uint64_t usage, std::uint64_t inactive) const {
    sys("memory" + cgroup + "memory.limit_in_bytes", fmt::format("{}\n", limit));
    sys("memory" + cgroup + "memory.usage_in_bytes", fmt::format("{}\n", usage));
    sys("memory" + cgroup + "memory.stat",
        fmt::format("inactive_file 7\nactive_file 7\ntotal_inactive_file {}\ntotal_active_file 0\n", inactive));
  }

 private:
  TempDir dir_;
};

constexpr const char* k_v2_mounts =
    "21 28 0:20 / /proc rw,nosuid - proc proc rw\n"
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* k_v1_mounts =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

}  // namespace

TEST_CASE("the machine without cgroups") {
  const FakeMachine machine;
  const MachineState state = machine.read();
  CHECK(state.memory_total == 8000 * k_mib);
  CHECK(state.memory_available == 6000 * k_mib);
  CHECK(state.memory_pressure == 1.25);
  CHECK(state.cpu_pressure == 97.0);
  CHECK(state.io_pressure == 0.0);
  CHECK(state.io_stall == 2.5);
  CHECK(state.processors > 0);
  CHECK(state.load == 1.5);
  REQUIRE(state.disk_free);
  CHECK(*state.disk_free > 0);
}

TEST_CASE("what the kernel does not tell is absent") {
  const FakeMachine machine;
  for (const std::string name : {"meminfo", "loadavg", "pressure/memory", "pressure/cpu", "pressure/io"}) machine.no_proc(name);
  const MachineState state = read_machine((machine / "no such directory").string(), (machine / "proc").string());
  CHECK_FALSE(state.memory_total);
  CHECK_FALSE(state.memory_available);
  CHECK_FALSE(state.memory_pressure);
  CHECK_FALSE(state.cpu_pressure);
  CHECK_FALSE(state.io_pressure);
  CHECK_FALSE(state.io_stall);
  CHECK_FALSE(state.load);
  CHECK_FALSE(state.disk_free);
}

TEST_CASE("odd and cut files") {
  const FakeMachine machine;
  for (const std::string text : {"", "some", "some avg10=", "some avg10=x avg60=0", "full avg10=1.00 avg60=0.00\n", "some avg10=nan "}) {
    CAPTURE(text);
    machine.proc("pressure/memory", text);
    CHECK_FALSE(machine.read().memory_pressure);
  }
  machine.proc("pressure/memory", "some avg10=3.50");
  CHECK(machine.read().memory_pressure == 3.5);
  machine.proc("meminfo", "MemTotal:  x kB\nMemAvailable");
  CHECK_FALSE(machine.read().memory_total);
  CHECK_FALSE(machine.read().memory_available);
  machine.proc("loadavg", "much");
  CHECK_FALSE(machine.read().load);
}

TEST_CASE("cgroup v2: the strictest of ours and those above it") {
  const FakeMachine machine;
  machine.proc("self/mountinfo", k_v2_mounts);
  machine.proc("self/cgroup", "0::/user.slice/job.scope\n");
  CHECK(machine.read().memory_total == 8000 * k_mib);

  machine.v2("user.slice/job.scope/", "max", 100 * k_mib, 0, 0);
  CHECK(machine.read().memory_total == 8000 * k_mib);
  CHECK(machine.read().memory_available == 6000 * k_mib);

  machine.v2("user.slice/job.scope/", std::to_string(2000 * k_mib), 1500 * k_mib, 300 * k_mib, 200 * k_mib);
  CHECK(machine.read().memory_total == 2000 * k_mib);
  CHECK(machine.read().memory_available == 1000 * k_mib);

  machine.v2("user.slice/", std::to_string(3000 * k_mib), 2900 * k_mib, 0, 0);
  CHECK(machine.read().memory_total == 2000 * k_mib);
  CHECK(machine.read().memory_available == 100 * k_mib);

  // Above its limit for a moment; and more cache than use, as the two are not read at once.
  machine.v2("user.slice/", std::to_string(3000 * k_mib), 3100 * k_mib, 0, 0);
  CHECK(machine.read().memory_available == 0);
  machine.v2("user.slice/", std::to_string(3000 * k_mib), 10 * k_mib, 20 * k_mib, 0);
  CHECK(machine.read().memory_available == 1000 * k_mib);
}

TEST_CASE("a limit above what the machine has changes nothing") {
  const FakeMachine machine;
  machine.proc("self/mountinfo", k_v1_mounts);
  machine.proc("self/cgroup", "4:memory:/job\n0::/\n");
  machine.v1("/job/", 9223372036854771712U, 100 * k_mib, 0);
  CHECK(machine.read().memory_total == 8000 * k_mib);
  CHECK(machine.read().memory_available == 6000 * k_mib);
}

TEST_CASE("cgroup v1, alone and beside v2") {
  const FakeMachine machine;
  machine.proc("self/mountinfo", k_v1_mounts);
  machine.proc("self/cgroup", "9:name=systemd:/\n5:cpu,cpuacct:/else\n4:hugetlb,memory:/job/a:b\n1:cpu:/\n0::/job\n");
  machine.v1("/job/a:b/", 1000 * k_mib, 500 * k_mib, 100 * k_mib);
  CHECK(machine.read().memory_total == 1000 * k_mib);
  CHECK(machine.read().memory_available == 600 * k_mib);
  machine.v2("unified/job/", std::to_string(900 * k_mib), 0, 0, 0);
  CHECK(machine.read().memory_total == 900 * k_mib);
}

TEST_CASE("in a container the mount shows our own cgroup, whatever it is called") {
  for (const std::string cgroup : {"/docker/abc", "/", "/../../elsewhere", "/host/name"}) {
    CAPTURE(cgroup);
    const FakeMachine machine;
    machine.proc("self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid master:15 - cgroup cgroup rw,memory\n");
    machine.proc("self/cgroup", fmt::format("4:memory:{}\n", cgroup));
    machine.v1("/", 700 * k_mib, 0, 0);
    CHECK(machine.read().memory_total == 700 * k_mib);
  }
  const FakeMachine machine;
  machine.proc("self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  machine.proc("self/cgroup", "4:memory:/docker/abc/inner\n");
  machine.v1("/inner/", 600 * k_mib, 0, 0);
  CHECK(machine.read().memory_total == 600 * k_mib);
}

TEST_CASE("a hierarchy that is mounted elsewhere, with a space in its name") {
  const FakeMachine machine;
  machine.proc("self/mountinfo", fmt::format("30 23 0:26 / {}/my\\040cgroups rw - cgroup2 none rw\n", (machine / "").string()));
  machine.proc("self/cgroup", "0::/\n");
  write(machine / "my cgroups/memory.max", "1048576\n");
  CHECK(machine.read().memory_total == k_mib);
}

TEST_CASE("odd lines about cgroups are passed over") {
  const FakeMachine machine;
  machine.v2("", "1048576", 0, 0, 0);
  for (const auto& [mounts, cgroup] : std::vector<std::pair<std::string, std::string>>{
           {"", "0::/\n"},
           {k_v2_mounts, ""},
           {k_v2_mounts, "nonsense\n0\n0:\n:\n"},
           {"30 23 0:26 / /sys/fs/cgroup rw - cgroup2\n", "0::/\n"},
           {"30 - cgroup2 cgroup2 rw\n", "0::/\n"},
           {" - cgroup2 a b c d e f\n", "0::/\n"},
           {"30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n", "0::/\n"},
           {"30 23 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw,memory\n", "0::/\n"},
       }) {
    CAPTURE(mounts);
    CAPTURE(cgroup);
    machine.proc("self/mountinfo", mounts);
    machine.proc("self/cgroup", cgroup);
    CHECK(machine.read().memory_total == 8000 * k_mib);
  }
  const std::string mounts = k_v2_mounts;
  for (std::size_t size = 0; size < mounts.size(); ++size) {
    machine.proc("self/cgroup", "0::/");
    machine.proc("self/mountinfo", mounts.substr(0, size));
    const std::optional<std::uint64_t> total = machine.read().memory_total;
    CHECK((total == 8000 * k_mib || total == k_mib));
  }
}

TEST_CASE("the real machine") {
  const MachineState state = read_machine("/");
  REQUIRE(state.memory_total);
  REQUIRE(state.memory_available);
  CHECK(*state.memory_available <= *state.memory_total);
  CHECK(*state.memory_total > 16 * k_mib);
}
