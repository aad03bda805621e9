#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.hpp"
#include "process/proc.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// What a line of /proc/PID/stat is made from.
struct Row {
  std::string name = "sh";
  char state = 'S';
  pid_t parent = 1;
  int threads = 1;
};

std::string stat_line(pid_t pid, const Row& row) {
  // pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime ...
  return fmt::format("{} ({}) {} {} 77 78 0 -1 4194304 100 0 0 0 100 50 25 25 20 0 {} 0 1193991 2998272 395 18446744073709551615 1 1 0\n",
                     pid, row.name, row.state, row.parent, row.threads);
}

/// A process file system in a folder.
class FakeProc {
 public:
  fs::path operator/(const std::string& name) const { return dir_ / name; }
  Proc proc() const { return Proc(dir_.path().string()); }

  void add(pid_t pid, const Row& row) const { unit::write(dir_ / fmt::format("{}/stat", pid), stat_line(pid, row)); }
  void add(pid_t pid, const Row& row, const std::string& children) const {
    add(pid, row);
    add_children(pid, pid, children);
  }
  void add_children(pid_t pid, pid_t thread, const std::string& children) const {
    unit::write(dir_ / fmt::format("{}/task/{}/children", pid, thread), children);
  }

 private:
  TempDir dir_;
};

std::string show_pids(std::vector<pid_t> pids) {
  std::sort(pids.begin(), pids.end());
  return fmt::format("{}", fmt::join(pids, " "));
}

std::string show_tree(const Proc& proc, pid_t root) {
  std::string text;
  for (const ProcessStat& stat : proc.tree(root)) text += fmt::format("{}{}", text.empty() ? "" : " ", stat.pid);
  return text;
}

}  // namespace

TEST_CASE("the fields of /proc/PID/stat") {
  const FakeProc fake;
  fake.add(10, {.name = "sh", .state = 'R', .parent = 9, .threads = 3});
  const std::optional<ProcessStat> stat = fake.proc().stat(10);
  REQUIRE(stat);
  CHECK(stat->pid == 10);
  CHECK(stat->state == 'R');
  CHECK(stat->parent == 9);
  CHECK(stat->group == 77);
  CHECK(stat->session == 78);
  CHECK(stat->cpu_seconds == doctest::Approx(200.0 / static_cast<double>(::sysconf(_SC_CLK_TCK))));
  CHECK(stat->threads == 3);
  CHECK(stat->start_time == 1193991);
  CHECK(stat->rss_bytes == 395U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST_CASE("a process may be called anything") {
  for (const std::string name : {"a b", "a) S 1 2 3 (b", ")", "(", "", "a\nb", ") Z 1", "\xff\xfe"}) {
    CAPTURE(name);
    const FakeProc fake;
    fake.add(10, {.name = name, .state = 'D', .parent = 9});
    const std::optional<ProcessStat> stat = fake.proc().stat(10);
    REQUIRE(stat);
    CHECK(stat->state == 'D');
    CHECK(stat->parent == 9);
  }
}

TEST_CASE("a cut /proc/PID/stat is no answer, wherever it is cut") {
  const FakeProc fake;
  const std::string whole = stat_line(10, {});
  const std::size_t needed = whole.find(" 395 ") + 5;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    write(fake / "10/stat", whole.substr(0, size));
    CHECK(fake.proc().stat(10).has_value() == (size >= needed));
  }
}

TEST_CASE("what is no /proc/PID/stat is no answer") {
  const FakeProc fake;
  for (const std::string text : {"\n", "x (sh) S 1 2 3", "10 sh S 1", "10 (sh) SS 1 1 1 0 -1 0 0 0 0 0 1 1 1 1 20 0 1 0 1 1 1 1\n",
                                 "10 (sh) S x 1 1 0 -1 0 0 0 0 0 1 1 1 1 20 0 1 0 1 1 1 1\n"}) {
    CAPTURE(text);
    write(fake / "10/stat", text);
    CHECK_FALSE(fake.proc().stat(10));
  }
  CHECK_FALSE(fake.proc().stat(11));
  CHECK_FALSE(Proc("/nonexistent").stat(1));
}

TEST_CASE("a zombie with other threads is not dead") {
  CHECK(ProcessStat{.state = 'Z', .threads = 1}.is_dead());
  CHECK(ProcessStat{.state = 'Z', .threads = 0}.is_dead());
  CHECK(ProcessStat{.state = 'X'}.is_dead());
  CHECK_FALSE(ProcessStat{.state = 'Z', .threads = 2}.is_dead());
  CHECK_FALSE(ProcessStat{.state = 'T', .threads = 1}.is_dead());
}

TEST_CASE("the memory of a process whose first thread has ended is that of the others") {
  const FakeProc fake;
  const auto without_memory = [](std::string line) { return line.replace(line.find(" 395 "), 5, " 0 "); };
  write(fake / "10/stat", without_memory(stat_line(10, {.state = 'Z', .threads = 2})));
  write(fake / "10/task/10/stat", without_memory(stat_line(10, {.state = 'Z', .threads = 2})));
  write(fake / "10/task/11/stat", stat_line(11, {.threads = 2}));
  const std::optional<ProcessStat> stat = fake.proc().stat(10);
  REQUIRE(stat);
  CHECK(stat->pid == 10);
  CHECK(stat->state == 'Z');
  CHECK(stat->rss_bytes == 395U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  fs::remove_all(fake / "10/task");
  CHECK(fake.proc().stat(10)->rss_bytes == 0);
}

TEST_CASE("we find ourselves in the real one") {
  const std::optional<ProcessStat> stat = Proc().stat(::getpid());
  REQUIRE(stat);
  CHECK(stat->pid == ::getpid());
  CHECK(stat->parent == ::getppid());
  CHECK(stat->group == ::getpgrp());
  CHECK(stat->threads >= 1);
  CHECK(stat->rss_bytes > 100'000);
  CHECK_FALSE(stat->is_dead());
  const std::vector<pid_t> all = Proc().all();
  CHECK(std::find(all.begin(), all.end(), ::getpid()) != all.end());
  CHECK(Proc().tree(::getpid()).front().pid == ::getpid());
}

TEST_CASE("children of all threads") {
  const FakeProc fake;
  fake.add(10, {.threads = 3}, "11 12 ");
  fake.add_children(10, 13, "");
  fake.add_children(10, 14, "15 16 \n");
  CHECK(show_pids(fake.proc().children(10)) == "11 12 15 16");
  fake.add(20, {.threads = 1}, "21 ");
  fake.add_children(20, 22, "23 ");  // not looked at: one thread, one file
  CHECK(show_pids(fake.proc().children(20)) == "21");
  CHECK(fake.proc().children(30).empty());
}

TEST_CASE("odd text in a list of children") {
  const FakeProc fake;
  for (const std::string text : {"11 12", "11 12 ", " 11  12\n", "11 x 12", "11\n12", "11 99999999999999999999 12 ", "11 12 -"}) {
    CAPTURE(text);
    fake.add(10, {}, text);
    CHECK(show_pids(fake.proc().children(10)) == "11 12");
  }
}

TEST_CASE("more children than one read gives") {
  const FakeProc fake;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += fmt::format("{} ", 100'000 + i);
  fake.add(10, {}, text);
  CHECK(fake.proc().children(10).size() == 3000);
}

TEST_CASE("a kernel that lists no children") {
  const FakeProc fake;
  fake.add(10, {});
  fs::create_directories(fake / "10/task/10");
  for (const pid_t pid : {11, 12}) {
    fake.add(pid, {.parent = 10});
    fs::create_directories(fake / fmt::format("{0}/task/{0}", pid));
  }
  fake.add(13, {.parent = 12});
  fake.add(14, {.parent = 1});
  CHECK(show_pids(fake.proc().children(10)) == "11 12");
  std::vector<pid_t> pids;
  for (const ProcessStat& stat : fake.proc().tree(10)) pids.push_back(stat.pid);
  CHECK(pids.front() == 10);
  CHECK(show_pids(pids) == "10 11 12 13");
}

TEST_CASE("a tree has parents before children, and the dead too") {
  const FakeProc fake;
  fake.add(10, {}, "11 12 ");
  fake.add(11, {.parent = 10}, "13 ");
  fake.add(12, {.state = 'Z', .parent = 10});
  fake.add(13, {.parent = 11}, "");
  CHECK(show_tree(fake.proc(), 10) == "10 11 12 13");
  CHECK(show_tree(fake.proc(), 12) == "12");
  CHECK(show_tree(fake.proc(), 99).empty());
}

TEST_CASE("a tree that changes while it is read") {
  const FakeProc fake;
  fake.add(10, {}, "11 12 13 ");
  fake.add(11, {.parent = 1}, "14 ");  // its number went to a stranger
  fake.add(14, {.parent = 11}, "");
  fake.add(13, {.parent = 10});  // and 12 has gone; 13's list cannot be read any more
  CHECK(show_tree(fake.proc(), 10) == "10 13");
}

TEST_CASE("a circle ends") {
  const FakeProc fake;
  fake.add(10, {.parent = 11}, "11 10 11 ");
  fake.add(11, {.parent = 10}, "10 ");
  CHECK(show_tree(fake.proc(), 10) == "10 11");
}

TEST_CASE("all processes are the numbers") {
  const FakeProc fake;
  for (const std::string name : {"1", "22", "self", "12x", "-3x", "sys", "99999999999999"}) fs::create_directories(fake / name);
  CHECK(show_pids(fake.proc().all()) == "1 22");
  CHECK(Proc("/nonexistent").all().empty());
}

TEST_CASE("the mark that a process carries") {
  const FakeProc fake;
  const auto marked = [&](const std::string& soft) {
    write(fake / "10/limits", lines({
                                  "Limit                     Soft Limit           Hard Limit           Units     ",
                                  "Max cpu time              unlimited            unlimited            seconds   ",
                                  fmt::format("Max realtime timeout      {:<20} unlimited            us        ", soft),
                              }));
    return fake.proc().mark(10);
  };
  const std::uint64_t base = std::uint64_t{1} << 62;
  CHECK(marked(std::to_string(base | std::uint64_t{0xdeadbeef} << 24 | 42)) == Mark{0xdeadbeef, 42});
  CHECK(marked(std::to_string(base)) == Mark{0, 0});
  for (const std::string soft : {"unlimited", "", "0", "1000000", "4611686018427387903", "18446744073709551615", "99999999999999999999"}) {
    CAPTURE(soft);
    CHECK_FALSE(marked(soft));
  }
  write(fake / "10/limits", "Max realtime timeout");
  CHECK_FALSE(fake.proc().mark(10));
  CHECK_FALSE(fake.proc().mark(11));
}

TEST_CASE("a process for people") {
  const FakeProc fake;
  using namespace std::string_literals;
  const auto shown = [&](const std::string& line) {
    write(fake / "10/cmdline", line);
    return fake.proc().info(10).command;
  };
  write(fake / "10/comm", "kworker/0:1\n");
  CHECK(shown("sleep\0"
              "5\0"s) == "sleep 5");
  CHECK(shown("/a b/c\0it's\0\0x\0"s) == R"('/a b/c' 'it'\''s' '' x)");
  CHECK(shown("nginx: master\0\0\0\0\0"s) == "'nginx: master'");
  CHECK(shown("no end") == "'no end'");
  CHECK(shown(std::string(5000, 'x')) == std::string(4096, 'x') + " ...");
  CHECK(shown("") == "[kworker/0:1]");
  CHECK(shown("\0\0"s) == "[kworker/0:1]");
  CHECK(fake.proc().info(10).pid == 10);
  CHECK(fake.proc().info(11).command.empty());
}

TEST_CASE("open files are counted") {
  const FakeProc fake;
  for (const std::string name : {"0", "1", "2", "15"}) write(fake / ("10/fd/" + name), "");
  CHECK(fake.proc().open_files(10) == 4);
  CHECK(fake.proc().open_files(11) == 0);

  const int before = Proc().open_files(::getpid());
  const UniqueFd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd two(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(Proc().open_files(::getpid()) == before + 2);
}

TEST_CASE("traffic with storage") {
  const FakeProc fake;
  write(fake / "10/io", "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 7\n");
  const std::optional<Proc::Io> io = fake.proc().io(10);
  REQUIRE(io);
  CHECK(io->read_bytes == 4096);
  CHECK(io->written_bytes == 8192);
  write(fake / "10/io", "rchar: 1\nread_bytes: 4096\ncancelled_write_bytes: 7\n");
  CHECK_FALSE(fake.proc().io(10));
  CHECK_FALSE(fake.proc().io(11));
}

TEST_CASE("the most memory a process had") {
  const FakeProc fake;
  write(fake / "10/status", "Name:\ttest\nVmPeak:\t    9000 kB\nVmHWM:\t    1234 kB\nVmRSS:\t     800 kB\n");
  CHECK(fake.proc().peak_rss_bytes(10) == 1234 * 1024);
  // A zombie has no memory left to tell of.
  write(fake / "10/status", "Name:\ttest\nState:\tZ (zombie)\n");
  CHECK(fake.proc().peak_rss_bytes(10) == 0);
  CHECK(fake.proc().peak_rss_bytes(11) == 0);
}

TEST_CASE("how a process got on with the scheduler") {
  const FakeProc fake;
  write(fake / "10/schedstat", "300576968 306907871 212\n");
  const std::optional<Proc::Scheduling> scheduling = fake.proc().scheduling(10);
  REQUIRE(scheduling);
  CHECK(scheduling->ran.count() == 300576968);
  CHECK(scheduling->waited.count() == 306907871);
  write(fake / "10/schedstat", "many\n");
  CHECK_FALSE(fake.proc().scheduling(10));
  CHECK_FALSE(fake.proc().scheduling(11));
}

TEST_CASE("the number behind a key") {
  const std::string text = "inactive_file 1\nMemTotal:       24684096 kB\nbad x\nnone\nnegative -1\nhuge 99999999999999999999\nlast\t7";
  CHECK(kernel_value(text, "MemTotal:") == 24684096);
  CHECK(kernel_value(text, "inactive_file ") == 1);
  CHECK(kernel_value(text, "last") == 7);
  CHECK(kernel_value("42\n", "") == 42);
  for (const std::string key : {"file ", "bad", "none", "negative", "huge", "absent"}) {
    CAPTURE(key);
    CHECK_FALSE(kernel_value(text, key));
  }
  CHECK_FALSE(kernel_value("", ""));
  CHECK_FALSE(kernel_value("max\n", ""));
}

TEST_CASE("a file of the kernel's is read whole") {
  const TempDir dir;
  write(dir / "f", std::string(10'000, 'x'));
  CHECK(read_kernel_file((dir / "f").string()) == std::string(10'000, 'x'));
  CHECK_FALSE(read_kernel_file((dir / "no").string()));
  CHECK_FALSE(read_kernel_file(dir.path().string()));
  CHECK(read_kernel_file("/proc/self/stat")->starts_with(std::to_string(::getpid())));
}

TEST_CASE("an identity tells whether its maker lives") {
  const std::string own = own_identity();
  CHECK(own.starts_with(std::to_string(::getpid()) + "."));
  CHECK(identity_is_alive(own));
  CHECK_FALSE(identity_is_alive(own + "0"));
  CHECK_FALSE(identity_is_alive("4194304.1"));  // above the largest pid there can be: proc(5), pid_max
  for (const std::string text : {"", ".", "1", "1.", ".1", "x.1", "1.x", "-1.1", "0.1", "1.1.1", " 1.1", "1 .1"}) {
    CAPTURE(text);
    CHECK_FALSE(identity_is_alive(text));
  }
}
