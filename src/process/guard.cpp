#include "process/guard.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <new>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "process/proc.hpp"

namespace ptests {

/// One writer, and a reader that looks only after the writer's death.
struct Guard::Table {
  static constexpr std::size_t k_size = 4096;
  std::array<std::atomic<pid_t>, k_size> pids;
  std::atomic<pid_t> build;

  /// GuardSpec, which is told after the fork. Texts end with a NUL.
  std::atomic<bool> has_spec;
  std::array<char, 256> run_id;
  std::array<char, 256> identity;
  std::array<char, PATH_MAX> temporary;
  GuardSpec::Cgroups cgroups;
};

namespace {

constexpr char k_all_is_well = 'q';
/// The guard's descriptor of what the build prints.
constexpr int k_build_output = 4;

/// Away from everything that could reach or hold up somebody through us: terminal, signals, descriptors, working directory.
void become_guard(int pipe, int build_output) {
  ::setsid();
  ::prctl(PR_SET_NAME, "ptests-guard");
  for (int number = 1; number < NSIG; ++number)
    if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD) ::signal(number, SIG_IGN);
  // First the pipe: whoever started us may have left it a place below.
  const UniqueFd output(::fcntl(build_output, F_DUPFD, k_build_output + 1));
  ::dup2(pipe, 3);
  if (::dup2(output.get(), k_build_output) < 0) ::close(k_build_output);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  ::close_range(k_build_output + 1, ~0U, 0);
  if (::chdir("/") != 0) return;
}

enum class Word { all_is_well, death };

Word wait_for_word() {
  char byte = 0;
  ssize_t n = -1;
  do n = ::read(3, &byte, 1);
  while (n < 0 && errno == EINTR);
  return n == 1 && byte == k_all_is_well ? Word::all_is_well : Word::death;
}

/// As much as a pipe holds: somebody may print without an end.
void read_build_output(int reading) {
  std::array<char, 4096> buffer{};
  for (int i = 0; i < 16 && ::read(reading, buffer.data(), buffer.size()) > 0; ++i) {
  }
}

void end_build(pid_t leader, std::uint64_t born) {
  constexpr int k_most_waits = 200;
  constexpr auto k_wait = std::chrono::milliseconds(10);
  const std::optional<ProcessStat> stat = leader > 0 ? Proc().stat(leader) : std::nullopt;
  if (!stat || stat->start_time < born || stat->group != leader) return;
  ::kill(-leader, SIGTERM);
  for (int i = 0; i < k_most_waits; ++i) {
    const std::optional<ProcessStat> now = Proc().stat(leader);
    if (!now || now->is_dead()) return;
    read_build_output(k_build_output);
    std::this_thread::sleep_for(k_wait);
  }
}

}  // namespace

Result<Guard> Guard::start() {
  void* memory = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(describe_errno("making memory for", "the guard", errno));
  // cppcheck-suppress legacyUninitvar ; Table{} is initialised
  auto* table = new (memory) Table{};
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(describe_errno("making a pipe for", "the guard", errno));
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  std::array<int, 2> output_ends{};
  if (::pipe2(output_ends.data(), O_CLOEXEC) != 0) return fail(describe_errno("making a pipe for", "the build", errno));
  PipeEnds build_output{UniqueFd(output_ends[0]), UniqueFd(output_ends[1])};
  ::fcntl(build_output.reading.get(), F_SETFL, O_NONBLOCK);
  const pid_t pid = ::fork();
  if (pid < 0) return fail(describe_errno("starting", "the guard", errno));
  if (pid > 0) return Guard(pid, std::move(writing), std::move(build_output), table);

  become_guard(reading.get(), build_output.reading.get());
  if (wait_for_word() == Word::death && table->has_spec.load(std::memory_order_acquire)) {
    std::vector<pid_t> leaders;
    for (const std::atomic<pid_t>& entry : table->pids)
      if (const pid_t leader = entry.load(std::memory_order_acquire); leader > 0) leaders.push_back(leader);
    const std::optional<ProcessStat> own = Proc().stat(::getpid());
    end_build(table->build.load(std::memory_order_acquire), own ? own->start_time : 0);
    const CgroupRoots cgroups = table->cgroups == GuardSpec::Cgroups::some ? CgroupRoots::probe() : CgroupRoots();
    sweep({table->run_id.data(), table->identity.data(), table->temporary.data()}, cgroups, leaders, own ? own->start_time : 0);
    // cppcheck-suppress missingReturn ; _exit does not return
  }
  ::_exit(0);
}

Result<void> Guard::protect(const GuardSpec& spec) const {
  const auto tell = [](std::string_view text, std::span<char> place) {
    if (text.size() >= place.size()) return false;
    *std::copy(text.begin(), text.end(), place.begin()) = '\0';
    return true;
  };
  if (table_->has_spec.exchange(false, std::memory_order_acq_rel)) {
    // What the run before has left running, and what that said, is not of this one.
    for (std::atomic<pid_t>& entry : table_->pids) entry.store(0, std::memory_order_relaxed);
    table_->build.store(0, std::memory_order_relaxed);
    read_build_output(build_output_.reading.get());
  }
  const RunRemains& remains = spec.remains;
  if (!tell(remains.run_id, table_->run_id) || !tell(remains.identity, table_->identity) || !tell(remains.temporary, table_->temporary))
    return fail(fmt::format("{}: a path of this length is too long for the guard", remains.temporary), "set TMPDIR to a shorter one");
  table_->cgroups = spec.cgroups;
  table_->has_spec.store(true, std::memory_order_release);
  return {};
}

Guard::Guard(Guard&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::move(other.pipe_)),
      build_output_(std::move(other.build_output_)),
      table_(std::exchange(other.table_, nullptr)) {}

Guard& Guard::operator=(Guard&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pipe_, other.pipe_);
  std::swap(build_output_, other.build_output_);
  std::swap(table_, other.table_);
  return *this;
}

Guard::~Guard() {
  if (table_ == nullptr) return;
  write_all(pipe_.get(), std::string_view(&k_all_is_well, 1));
  pipe_.reset();
  ::waitpid(pid_, nullptr, 0);
  ::munmap(table_, sizeof(Table));
}

void Guard::add(pid_t pid) const {
  for (std::size_t i = 0; i < Table::k_size; ++i) {
    std::atomic<pid_t>& entry = table_->pids[(static_cast<std::size_t>(pid) + i) % Table::k_size];
    if (entry.load(std::memory_order_relaxed) > 0) continue;
    entry.store(pid, std::memory_order_release);
    return;
  }
}

void Guard::set_build(pid_t pid) const { table_->build.store(pid, std::memory_order_release); }

PipeEnds Guard::build_output() const {
  PipeEnds copy{UniqueFd(::fcntl(build_output_.reading.get(), F_DUPFD_CLOEXEC, 3)),
                UniqueFd(::fcntl(build_output_.writing.get(), F_DUPFD_CLOEXEC, 3))};
  return copy.reading && copy.writing ? std::move(copy) : PipeEnds();
}

void Guard::remove(pid_t pid) const {
  for (std::size_t i = 0; i < Table::k_size; ++i) {
    std::atomic<pid_t>& entry = table_->pids[(static_cast<std::size_t>(pid) + i) % Table::k_size];
    const pid_t found = entry.load(std::memory_order_relaxed);
    if (found == pid) entry.store(-1, std::memory_order_release);  // passed over by later searches, free for others
    if (found == pid || found == 0) return;
  }
}

}  // namespace ptests
