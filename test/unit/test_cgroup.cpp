#include <doctest/doctest.h>
#include <unistd.h>

#include "base/text.hpp"
#include "process/cgroup.hpp"
#include "process/cgroup_files.hpp"
#include "process/cgroup_leaf.hpp"
#include "process/proc.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using Version = CgroupRoots::Version;
using Hierarchy = CgroupRoots::Hierarchy;

namespace {

/// Above the largest pid there can be.
const std::string k_dead = "2147483646.7";

Limits limits_of(std::initializer_list<std::pair<LimitKind, double>> values) {
  Limits limits;
  for (const auto& [kind, value] : values) limits[kind] = value;
  return limits;
}

std::string show(const Hierarchy& hierarchy) {
  return fmt::format("{} {} {}", hierarchy.version == Version::v1 ? "v1" : "v2", hierarchy.directory, join(hierarchy.controllers, ","));
}

/// Folders in the place of /proc and of mounted hierarchies.
class FakeMachine {
 public:
  /// A hierarchy mounted at `point` below our folder; `type` "cgroup" or "cgroup2", blanks in `point` as they are.
  fs::path mount(const std::string& point, const std::string& type, const std::string& options, const std::string& root = "/",
                 const std::string& mount_options = "rw,relatime") {
    std::string escaped;
    for (const char c : (dir_ / point).string()) escaped += c == ' ' ? "\\040" : std::string(1, c);
    mountinfo_ += fmt::format("31 23 0:28 {} {} {} shared:9 - {} none {}\n", root, escaped, mount_options, type, options);
    fs::create_directories(dir_ / point);
    return dir_ / point;
  }
  void member(const std::string& line) { membership_ += line + "\n"; }
  /// A process as /proc shows it.
  void process(pid_t pid, pid_t parent, const std::string& command) {
    const std::string folder = "proc/" + std::to_string(pid);
    std::string rest;
    for (int i = 0; i < 48; ++i) rest += " 0";
    write(dir_ / (folder + "/stat"), fmt::format("{} (x) S {}{}\n", pid, parent, rest));
    write(dir_ / (folder + "/cmdline"), command + '\0');
  }
  CgroupRoots probe() {
    write(dir_ / "proc/self/mountinfo", "22 27 0:21 / /proc rw,relatime - proc proc rw\n" + mountinfo_ + "nonsense\n");
    write(dir_ / "proc/self/cgroup", membership_);
    return CgroupRoots::probe((dir_ / "proc").string());
  }
  /// `text` without the name of our folder.
  std::string scrub(std::string text) const {
    for (std::size_t at = text.find(dir_.path().string()); at != std::string::npos; at = text.find(dir_.path().string()))
      text.replace(at, dir_.path().string().size(), "");
    return text;
  }
  std::string hierarchies(const CgroupRoots& roots) const {
    std::string text;
    for (const Hierarchy& hierarchy : roots.hierarchies()) text += show(hierarchy) + "\n";
    return scrub(text);
  }
  std::string unusable(const CgroupRoots& roots) const {
    std::string text;
    for (const CgroupRoots::Unusable& unusable : roots.unusable()) text += show(unusable.hierarchy) + ": " + unusable.why + "\n";
    return scrub(text);
  }
  fs::path operator/(const fs::path& name) const { return dir_ / name; }

 private:
  TempDir dir_;
  std::string mountinfo_;
  std::string membership_;
};

}  // namespace

TEST_CASE("probe: a machine with v1") {
  FakeMachine machine;
  write(machine.mount("memory", "cgroup", "rw,memory") / "memory.limit_in_bytes", "");
  const fs::path cpu = machine.mount("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct");
  write(cpu / "us/cpu.cfs_quota_us", "");
  write(cpu / "us/cpuacct.usage", "");
  machine.mount("freezer", "cgroup", "rw,freezer");
  machine.mount("systemd", "cgroup", "rw,name=systemd");
  for (const char* line : {"9:name=systemd:/", "6:freezer:/", "4:memory:/", "3:cpu,cpuacct:/us", "2:pids:/", "0::/"}) machine.member(line);
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v1 /memory memory\nv1 /cpu,cpuacct/us cpu,cpuacct\n");
  CHECK(machine.unusable(roots) == "v1  pids: the cgroup hierarchy of pids is not mounted\n");
  CHECK(roots.find(LimitKind::memory) == &roots.hierarchies()[0]);
  CHECK(roots.find(LimitKind::cpus) == &roots.hierarchies()[1]);
  CHECK(roots.find(LimitKind::cpu_time) == &roots.hierarchies()[1]);
  CHECK(roots.find(LimitKind::processes) == nullptr);
  CHECK(roots.tracker() == nullptr);
  CHECK(roots.why_not(LimitKind::memory).empty());
  CHECK(roots.why_not(LimitKind::processes) == "the cgroup hierarchy of pids is not mounted");
  CHECK(roots.cure(LimitKind::processes) == "as root: mount -t cgroup -o pids cgroup /sys/fs/cgroup/pids");
  CHECK(roots.why_not(LimitKind::io_read_bps) == "this machine has no cgroup controller blkio (v1) or io (v2)");
  CHECK(roots.why_not(LimitKind::open_files) == "no cgroup has such a limit");
  CHECK_FALSE(fs::exists(machine / ("memory/" + cgroup_name(own_identity(), ".probe"))));
}

TEST_CASE("probe: a kernel without what a limit needs") {
  FakeMachine machine;
  write(machine.mount("cpu", "cgroup", "rw,cpu,cpuacct") / "cpuacct.usage", "");
  machine.member("3:cpu,cpuacct:/");
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v1 /cpu cpuacct\n");
  CHECK(roots.why_not(LimitKind::cpus) == "this kernel has no cpu.cfs_quota_us");
}

TEST_CASE("probe: mounts that show a part, read-only ones, names with blanks") {
  FakeMachine machine;
  write(machine.mount("read only", "cgroup", "rw,memory", "/", "ro,nosuid") / "docker/7/memory.limit_in_bytes", "");
  write(machine.mount("elsewhere", "cgroup", "rw,memory", "/docker/8") / "memory.limit_in_bytes", "");
  write(machine.mount("with blank", "cgroup", "rw,memory", "/docker") / "7/memory.limit_in_bytes", "");
  machine.mount("pids", "cgroup", "rw,pids", "/docker/8");
  machine.mount("blkio", "cgroup", "rw,blkio", "/", "ro,nosuid");
  for (const char* line : {"4:memory:/docker/7", "3:pids:/docker/7", "2:blkio:/"}) machine.member(line);
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v1 /with blank/7 memory\n");
  CHECK(machine.unusable(roots) ==
        "v1 /pids pids: our cgroup /docker/7 is not to be seen below /pids\n"
        "v1 /blkio blkio: /blkio is mounted read-only\n");
}

TEST_CASE("probe: our cgroup is not there") {
  FakeMachine machine;
  machine.mount("memory", "cgroup", "rw,memory");
  machine.member("4:memory:/gone");
  const CgroupRoots roots = machine.probe();
  CHECK(roots.hierarchies().empty());
  CHECK(machine.unusable(roots) == "v1 /memory/gone memory: making a cgroup in /memory/gone: No such file or directory\n");
}

TEST_CASE("probe: v2 without controllers tracks and kills") {
  FakeMachine machine;
  const fs::path unified = machine.mount("unified", "cgroup2", "rw");
  write(unified / "cgroup.controllers", "hugetlb\n");
  write(unified / "cgroup.procs", "1\n");
  machine.member("0::/");
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v2 /unified \n");
  CHECK(machine.unusable(roots).empty());
  CHECK(roots.tracker() == &roots.hierarchies()[0]);
  CHECK(roots.find(LimitKind::cpu_time) == roots.tracker());
  CHECK(roots.find(LimitKind::cpus) == nullptr);
  CHECK(roots.why_not(LimitKind::memory) == "this machine has no cgroup controller memory");
}

TEST_CASE("probe: v2 that hands its controllers down already") {
  FakeMachine machine;
  const fs::path unified = machine.mount("unified", "cgroup2", "rw");
  write(unified / "cgroup.controllers", "cpuset cpu io memory pids\n");
  write(unified / "u/cgroup.controllers", "cpu memory pids\n");
  write(unified / "u/cgroup.subtree_control", "cpu memory pids\n");
  write(unified / "u/cgroup.procs", "1\n");
  for (const char* file : {"memory.max", "pids.max", "cpu.max"}) write(unified / "u" / file, "");
  machine.member("0::/u");
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v2 /unified/u memory,pids,cpu\n");
  CHECK(machine.unusable(roots) == "v2 /unified/u io: /unified/u is not given io\n");
  CHECK(read(unified / "u/cgroup.subtree_control") == "cpu memory pids\n");
}

TEST_CASE("probe: v2 whose processes did not come with us") {
  FakeMachine machine;
  const fs::path unified = machine.mount("unified", "cgroup2", "rw");
  write(unified / "cgroup.controllers", "memory pids\n");
  write(unified / "cgroup.subtree_control", "");
  write(unified / "cgroup.events", "populated 1\n");
  write(unified / "cgroup.procs", fmt::format("{}\n4242\n", ::getpid()));
  machine.process(::getpid(), 40, "ptests");
  machine.process(40, 1, "sh");
  machine.process(4242, 1, "daemon");
  machine.member("0::/");
  const CgroupRoots roots = machine.probe();
  CHECK(machine.hierarchies(roots) == "v2 /unified \n");
  CHECK(machine.unusable(roots) ==
        "v2 /unified memory,pids: /unified has processes that did not come with us (4242: daemon), so it can hand no controllers down\n");
  CHECK(roots.cure(LimitKind::memory).starts_with("start it in a cgroup of its own: systemd-run "));
  CHECK_FALSE(fs::exists(unified / cgroup_name(own_identity(), k_leaf_suffix)));
}

TEST_CASE("probe: v2 with processes that cannot be moved") {
  FakeMachine machine;
  const fs::path unified = machine.mount("unified", "cgroup2", "rw");
  write(unified / "cgroup.controllers", "memory\n");
  write(unified / "cgroup.subtree_control", "");
  write(unified / "cgroup.events", "populated 1\n");
  // The shell, its `ptests | tee`, and one that has just gone.
  write(unified / "cgroup.procs", fmt::format("40\n{}\n41\n4243\n", ::getpid()));
  machine.process(::getpid(), 40, "ptests");
  machine.process(40, 1, "sh");
  machine.process(41, 40, "tee");
  machine.member("0::/");
  const CgroupRoots roots = machine.probe();
  const std::string leaf = cgroup_name(own_identity(), k_leaf_suffix);
  CHECK(machine.unusable(roots) == fmt::format("v2 /unified memory: the processes in /unified could not be moved to /unified/{}\n", leaf));
  CHECK_FALSE(fs::exists(unified / leaf));
}

TEST_CASE("probe: in the leaf of a run that has gone") {
  FakeMachine machine;
  const std::string leaf = cgroup_name(k_dead, k_leaf_suffix);
  const fs::path unified = machine.mount("unified", "cgroup2", "rw");
  write(unified / "u/cgroup.controllers", "memory\n");
  write(unified / "cgroup.controllers", "memory\n");
  write(unified / "u/cgroup.subtree_control", "memory\n");
  write(unified / "u/cgroup.procs", "");
  write(unified / "u/memory.max", "");
  write(unified / "u" / leaf / "cgroup.procs", "");
  machine.member("0::/u/" + leaf);
  const fs::path marker = unified / "u" / cgroup_name(own_identity(), ".in");
  {
    const CgroupRoots roots = machine.probe();
    CHECK(machine.hierarchies(roots) == "v2 /unified/u memory\n");
    CHECK(fs::exists(marker));
    CHECK(roots.remove_stale().empty());
    CHECK(roots.remove_of(k_dead).empty());
    CHECK(read(unified / "u/cgroup.subtree_control") == "memory\n");
  }
  CHECK_FALSE(fs::exists(marker));
  CHECK(read(unified / "u/cgroup.subtree_control") == "-memory");
}

TEST_CASE("probe: no cgroups at all") {
  FakeMachine machine;
  const CgroupRoots roots = machine.probe();
  CHECK(roots.hierarchies().empty());
  CHECK(roots.unusable().empty());
  CHECK(roots.why_not(LimitKind::memory) == "this machine has no cgroup controller memory");
  CHECK(roots.remove_stale().empty());
}

TEST_CASE("what dead makers left is removed, what others have is not") {
  const TempDir dir;
  for (const std::string& name : {cgroup_name(k_dead, "-1"), cgroup_name(k_dead, "-2/below"), cgroup_name("2147483645.1", ".probe"),
                                  cgroup_name(own_identity(), "-1"), std::string("ptests-mine"), std::string("system.slice")})
    for (const char* hierarchy : {"memory", "pids"}) fs::create_directories(dir / hierarchy / name);
  const CgroupRoots roots({{Version::v1, (dir / "memory").string(), {"memory"}}, {Version::v1, (dir / "pids").string(), {"pids"}}});
  CHECK(show(roots.remove_of("2147483645.1")) == "[ptests-2147483645.1.probe]");
  CHECK(show(roots.remove_stale()) == "[ptests-2147483646.7-1][ptests-2147483646.7-2]");
  CHECK(roots.remove_stale().empty());
  CHECK(show(roots.remove_of(own_identity())) == "[" + cgroup_name(own_identity(), "-1") + "]");
  for (const char* hierarchy : {"memory", "pids"})
    CHECK(std::distance(fs::directory_iterator(dir / hierarchy), fs::directory_iterator()) == 2);
}

TEST_CASE("a leaf is left alone while another run uses what is beside it") {
  const TempDir dir;
  const fs::path leaf = dir / cgroup_name(k_dead, k_leaf_suffix);
  write(leaf / "cgroup.procs", "");
  write(dir / "cgroup.subtree_control", "memory\n");
  fs::create_directories(dir / cgroup_name(own_identity(), ".in"));
  CHECK_FALSE(dissolve_leaf(leaf.string()));
  CHECK(read(dir / "cgroup.subtree_control") == "memory\n");
  CHECK(fs::exists(leaf));
}

TEST_CASE("who wants a cgroup") {
  CHECK_FALSE(wants_cgroup({}));
  CHECK_FALSE(
      wants_cgroup(limits_of({{LimitKind::timeout, 5}, {LimitKind::cpu_time, 5}, {LimitKind::open_files, 5}, {LimitKind::memory, 0}})));
  for (const LimitKind kind : {LimitKind::memory, LimitKind::processes, LimitKind::cpus, LimitKind::io_read_bps, LimitKind::io_write_bps,
                               LimitKind::io_read_iops, LimitKind::io_write_iops})
    CHECK(wants_cgroup(limits_of({{kind, 1}})));
}

TEST_CASE("a cgroup where there are none is empty and knows nothing") {
  const Result<Cgroup> cgroup = Cgroup::create(CgroupRoots(), "ptests-1.1-1", limits_of({{LimitKind::memory, 1}}));
  REQUIRE(cgroup);
  CHECK(cgroup->is_empty());
  CHECK(cgroup->processes().empty());
  CHECK(cgroup->entrances().empty());
  CHECK_FALSE(cgroup->limit_hit());
  CHECK_FALSE(cgroup->memory());
  CHECK_FALSE(cgroup->peak_memory());
  CHECK_FALSE(cgroup->cpu_seconds());
  cgroup->kill();
}

TEST_CASE("an error names the file that could not be written, and nothing stays") {
  const TempDir dir;
  const CgroupRoots roots({{Version::v2, dir.path().string(), {}}, {Version::v1, dir.path().string() + "/none", {"memory"}}});
  const std::string base = (dir / "x").string();
  CHECK(message(Cgroup::create(roots, "x", {})) == "opening " + base + "/cgroup.procs: No such file or directory");
  CHECK(dir.names().empty());
  const CgroupRoots only_memory({{Version::v1, dir.path().string(), {"memory"}}});
  CHECK(message(Cgroup::create(only_memory, "x", limits_of({{LimitKind::memory, 4096}}))) ==
        "writing \"4096\" to " + base + "/memory.limit_in_bytes: No such file or directory");
  CHECK(dir.names().empty());
}
