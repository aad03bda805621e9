#include <doctest/doctest.h>
#include <link.h>
#include <sys/procfs.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "process/stacks.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Another PATH until the end of the test.
class PathSetting {
 public:
  explicit PathSetting(const std::string& value) : old_(std::getenv("PATH")) { ::setenv("PATH", value.c_str(), 1); }
  ~PathSetting() { ::setenv("PATH", old_.c_str(), 1); }
  PathSetting(const PathSetting&) = delete;
  PathSetting& operator=(const PathSetting&) = delete;

 private:
  std::string old_;
};

void make_program(const fs::path& path) {
  write(path, "");
  fs::permissions(path, fs::perms::owner_all);
}

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string note(unsigned type, std::string description) {
  ElfW(Nhdr) header{};
  header.n_namesz = 5;
  header.n_descsz = static_cast<decltype(header.n_descsz)>(description.size());
  header.n_type = type;
  description.resize((description.size() + 3) / 4 * 4);
  return bytes_of(header) + std::string("CORE\0\0\0\0", 8) + description;
}

/// The beginning of a core dump as Linux writes it.
std::string core_of(int pid) {
  ElfW(Ehdr) header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  header.e_type = ET_CORE;
  header.e_phoff = sizeof header;
  header.e_phnum = 1;
  ElfW(Phdr) segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  elf_prpsinfo process{};
  process.pr_pid = pid;
  return bytes_of(header) + bytes_of(segment) + note(NT_PRSTATUS, std::string(333, 's')) + note(NT_PRPSINFO, bytes_of(process));
}

/// A machine with a rule for core dumps, and a test's working directory.
class CoreDumps {
 public:
  explicit CoreDumps(const std::string& pattern, const std::string& uses_pid = "0") {
    write(dir_ / "proc/sys/kernel/core_pattern", pattern + "\n");
    write(dir_ / "proc/sys/kernel/core_uses_pid", uses_pid + "\n");
    fs::create_directories(dir_ / "cwd");
  }
  void add(const std::string& name, const std::string& bytes) const { write(dir_ / ("cwd/" + name), bytes); }
  void make_older(const std::string& name) const {
    const fs::path path = dir_ / ("cwd/" + name);
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(1));
  }
  /// The core of process 42, relative to the working directory.
  std::string find() const {
    const std::string cwd = (dir_ / "cwd").string();
    const std::string found = find_core(cwd, 42, (dir_ / "proc").string()).path;
    return found.starts_with(cwd + "/") ? found.substr(cwd.size() + 1) : found;
  }
  fs::path operator/(const std::string& name) const { return dir_ / name; }

 private:
  TempDir dir_;
};

}  // namespace

TEST_CASE("the debugger is the first of gdb and eu-stack in PATH") {
  const TempDir dir;
  const PathSetting path(fmt::format("{0}/a::relative:{0}/b", dir.path().string()));
  CHECK(stacks_command({1}).empty());
  CHECK(core_stacks_command("/bin/x", "/core").empty());

  make_program(dir / "b/eu-stack");
  write(dir / "a/gdb", "not executable");
  fs::create_directories(dir / "a/eu-stack");
  Words command = stacks_command({12, 13});
  REQUIRE(command.size() == 8);
  CHECK(command[0] == "/bin/sh");
  CHECK(command[4] == (dir / "b/eu-stack").string());
  CHECK(command[6] == "12");
  CHECK(command[7] == "13");
  CHECK(core_stacks_command("/a b", "/c d").back() == "/c d");

  make_program(dir / "b/gdb");
  command = stacks_command({12});
  REQUIRE(command.size() == 7);
  CHECK(command[4] == (dir / "b/gdb").string());
  CHECK(command[6] == "12");
  // Names stand as words of their own, never in the script.
  command = core_stacks_command("/a $(b)", "/c'd");
  CHECK(command[2].find("$(b)") == std::string::npos);
  CHECK(show({command.end() - 4, command.end()}) == "[-se][/a $(b)][-core][/c'd]");
  CHECK(stacks_command({}).empty());
}

TEST_CASE("core dumps by the rule of core_pattern") {
  struct Row {
    std::string pattern;
    std::string uses_pid;
    std::string file;
    std::string found;
  };
  for (const Row& row : {
           Row{"core", "0", "core", "core"},
           Row{"core", "1", "core.42", "core.42"},
           Row{"core", "1", "core", ""},
           Row{"core.%p", "0", "core.42", "core.42"},
           Row{"core.%p", "1", "core.42", "core.42"},
           Row{"core.%P", "1", "core.7.42", "core.7.42"},
           Row{"core.%P", "0", "core.4711", "core.4711"},
           Row{"", "1", ".42", ".42"},
           Row{"", "0", "core", ""},
           Row{"%e-%s-%t-%h.core", "0", "my test-11-1700000000-host.core", "my test-11-1700000000-host.core"},
           Row{"%E/%u/%g", "0", "!usr!bin!x/0/0", "!usr!bin!x/0/0"},
           Row{"dumps/%f.%i", "0", "dumps/x.43", "dumps/x.43"},
           Row{"100%%.%p", "0", "100%.42", "100%.42"},
           Row{"core%", "0", "core", "core"},
           Row{"core%z", "0", "core", "core"},
           Row{"[c]?*\\e", "0", "[c]?*\\e", "[c]?*\\e"},
           Row{"[c]ore", "0", "core", ""},
           Row{"c*", "0", "core", ""},
           Row{"|/usr/lib/systemd/systemd-coredump %P %u", "0", "core", ""},
           Row{"@/run/coredump.socket", "0", "core", ""},
       }) {
    CAPTURE(row.pattern);
    const CoreDumps dumps(row.pattern, row.uses_pid);
    dumps.add(row.file, core_of(42));
    CHECK(dumps.find() == row.found);
  }
}

TEST_CASE("an absolute rule does not look in the working directory") {
  const CoreDumps dumps("unused");
  fs::create_directories(dumps / "all");
  write(dumps / "proc/sys/kernel/core_pattern", (dumps / "all/core.%e.%p").string() + "\n");
  dumps.add("core.x.42", core_of(42));
  CHECK(dumps.find().empty());
  write(dumps / "all/core.x.42", core_of(42));
  CHECK(dumps.find() == (dumps / "all/core.x.42").string());
}

TEST_CASE("a core of somebody else is none") {
  const CoreDumps dumps("core.%t");
  CHECK(dumps.find().empty());
  dumps.add("core.1", core_of(41));
  dumps.add("core.2", "no core at all");
  fs::create_directory(dumps / "cwd/core.3");
  REQUIRE(::mkfifo((dumps / "cwd/core.4").c_str(), 0600) == 0);
  CHECK(dumps.find().empty());
  dumps.add("core.5", core_of(42));
  dumps.make_older("core.5");
  CHECK(dumps.find() == "core.5");
  dumps.add("core.6", core_of(42));
  CHECK(dumps.find() == "core.6");
}

TEST_CASE("a file that names the process need not tell, but must not contradict") {
  const CoreDumps dumps("core.%p");
  dumps.add("core.42", "another machine's");
  CHECK(dumps.find() == "core.42");
  dumps.add("core.42", core_of(41));
  CHECK(dumps.find().empty());
}

TEST_CASE("a core may be cut anywhere") {
  const CoreDumps dumps("core");
  const std::string whole = core_of(42);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    dumps.add("core", whole.substr(0, size));
    CHECK(dumps.find().empty());
  }
}

TEST_CASE("a core that the next one would overwrite is moved") {
  const TempDir dir;
  const std::string core = (dir / "core").string();
  const std::string kept = (dir / "a.log.core").string();
  CHECK(keep_core({}, 42, kept).empty());

  write(dir / "core", core_of(42));
  CHECK(keep_core({core, true}, 42, kept) == core);
  CHECK(keep_core({core, false}, 42, "/no/such/folder/core") == core);
  CHECK(keep_core({core, false}, 42, kept) == kept);
  CHECK_FALSE(fs::exists(core));
  CHECK_FALSE(is_core_of_another(kept, 42));
  CHECK(is_core_of_another(kept, 41));

  // Found, and then overwritten by another process: left for whoever looks for that one.
  write(dir / "core", core_of(43));
  CHECK(keep_core({core, false}, 42, kept).empty());
  CHECK(is_core_of_another(core, 42));
  CHECK_FALSE(fs::exists(kept));
}

TEST_CASE("a name that has the process in it is its own") {
  for (const auto& [rule, is_its_own] : {std::pair("core", false), std::pair("core.%e", false), std::pair("core.%p", true)}) {
    const TempDir dir;
    write(dir / "proc/sys/kernel/core_pattern", fmt::format("{}\n", rule));
    write(dir / "core", core_of(42));
    write(dir / "core.x", core_of(42));
    write(dir / "core.42", core_of(42));
    CHECK(find_core(dir.path().string(), 42, (dir / "proc").string()).is_its_own == is_its_own);
  }
}

TEST_CASE("without a rule there is no core") {
  const TempDir dir;
  CHECK(find_core("/", 42, dir.path().string()).path.empty());
}

TEST_CASE("gdb's output without its chatter") {
  CHECK(clean_stacks(lines({
            "",
            "Process 42:",
            "[New LWP 43]",
            "[Thread debugging using libthread_db enabled]",
            "Using host libthread_db library \"/lib/x86_64-linux-gnu/libthread_db.so.1\".",
            "0x00007fe1b00f1df2 in __libc_pause () at ../sysdeps/unix/sysv/linux/pause.c:29",
            "",
            "Thread 1 (Thread 0x7f (LWP 42) \"a b\"):",
            "#0  wait (n=1) at w.c:57",
            "#1  0x1 in main () at t.cpp:7",
            "",
            "Thread 2 (Thread 0x7e (LWP 43) \"Thread 1\"):",
            "#0  0x2 in pause () at pause.c:29",
            "[Inferior 1 (process 42) detached]",
            "",
            "Process 44:",
            "57\t./nptl/futex-internal.c: No such file or directory.",
            "warning: process 44 is a zombie - the process has already terminated",
            "ptrace: Operation not permitted.",
        })) == lines({
                   "Process 42:",
                   "",
                   "Thread 1 (Thread 0x7f (LWP 42) \"a b\"):",
                   "#0  wait (n=1) at w.c:57",
                   "#1  0x1 in main () at t.cpp:7",
                   "",
                   "Thread 2 (Thread 0x7e (LWP 43) \"Thread 1\"):",
                   "#0  0x2 in pause () at pause.c:29",
                   "",
                   "Process 44:",
                   "warning: process 44 is a zombie - the process has already terminated",
                   "ptrace: Operation not permitted.",
               }));
}

TEST_CASE("the frame that gdb shows of a core by itself is not shown twice") {
  CHECK(clean_stacks(lines({
            "[New LWP 42]",
            "Core was generated by `./a b r r'.",
            "Program terminated with signal SIGSEGV, Segmentation fault.",
            "#0  rec (n=1) at t.cpp:6",
            "6\tint rec(int n){ return rec(n + 1); }",
            "",
            "Thread 1 (LWP 42):",
            "#0  rec (n=1) at t.cpp:6",
            "#1  main () at t.cpp:7",
        })) == lines({
                   "Core was generated by `./a b r r'.",
                   "Program terminated with signal SIGSEGV, Segmentation fault.",
                   "",
                   "Thread 1 (LWP 42):",
                   "#0  rec (n=1) at t.cpp:6",
                   "#1  main () at t.cpp:7",
               }));
}

TEST_CASE("eu-stack's output") {
  const std::string text = lines({
      "PID 42 - process",
      "TID 42:",
      "#0  0x00007fba374f1df2 pause",
      "#1  0x0000561b1a59a1fe depth(int)",
      "TID 43:",
      "#0  0x00007fba374a3f16 wait",
      "/usr/bin/eu-stack: dwfl_linux_proc_report pid 44: No such file or directory",
  });
  CHECK(clean_stacks(text) == text);
}

TEST_CASE("a cut stack says so") {
  Words words = {"Thread 1 (LWP 42):"};
  for (int i = 0; i < 100; ++i) words.push_back(fmt::format("#{:<2} rec (n={})", i, i));
  const std::string text = lines(words);
  CHECK(clean_stacks(text) == text + "(what called this is not shown)\n");
}

TEST_CASE("no stacks, no text") {
  CHECK(clean_stacks("").empty());
  CHECK(clean_stacks("Process 17:\nProcess 18:\n").empty());
  CHECK(clean_stacks("\n\n[New LWP 1]\n#0  before any thread\n#\n#x\n").empty());
}
